"""Disparities, which are never negative (gap, std, parity, odds), and their correction for noise.

A percentile interval of a disparity cannot contain "no difference". Reported instead are a bias-corrected estimate, a
permutation test of group labels over clusters, and an upper confidence bound.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from fer.fairness.bootstrap import REPLICATES, Replicates, bootstrap_metrics
from fer.fairness.cluster_errors import kept, metric_errors
from fer.fairness.cluster_sums import sum_groups
from fer.fairness.definitions import METRICS
from fer.fairness.disparity_bounds import DISPARITIES, OF_ACCURACY, disparity_bounds, pairwise_p
from fer.fairness.group_permutation_test import STUDENTISED, group_permutation_test
from fer.fairness.intervals import CONFIDENCE_LEVEL, NO_ESTIMATE
from fer.fairness.metric_arrays import metric_names, metrics_of
from fer.fairness.metrics import unit_of

PAIRS = "pairs"


def disparity_statistics(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sensitive_features: ArrayLike,
    clusters: ArrayLike,
    groups: Sequence[str] | None = None,
    labels: Sequence[Any] | None = None,
    confidence_level: float = CONFIDENCE_LEVEL,
    n_resamples: int = REPLICATES,
    random_state: int = 0,
    repeats: int = 1,
) -> pd.DataFrame:
    """Return statistics of the disparities between groups: one row for each of :data:`DISPARITIES`.

    These are ``accuracy_std``, ``accuracy_gap``, ``accuracy_ratio``, ``demographic_parity_difference``,
    ``equalized_odds_difference`` and ``recall_difference``. ``y_true``, ``y_pred``: (n,) labels or codes;
    ``confidence_level`` of the bound; ``n_resamples``, the number of bootstrap replicates and of permutations; all
    other arguments, and errors, as in :func:`bootstrap_metrics`. Columns:

    - ``estimate``: the plain value. It is biased upwards: noise alone makes groups differ.
    - ``bias_corrected``: for the std, the root of the noise-corrected variance (0 where that is negative); for the
      others, the estimate minus the bootstrap bias, not truncated: a value of 0 or less is no evidence of a difference.
    - ``variance``: for the std, the noise-corrected variance, not truncated, in squared shares; else NaN.
    - ``upper``: one-sided bound (95 %) from the groups' intervals, see :mod:`fer.fairness.disparity_bounds`; for the
      ratio ``lower``, and NaN in ``upper``. NaN if a group has one cluster, or a class is in one cluster of a group.
    - ``expected_under_no_difference``: mean under permutation, the expected plain value if groups did not differ.
    - ``p``: permutation test of no difference, groups permuted over clusters, see
      :mod:`fer.fairness.group_permutation_test`. A group with one cluster takes no part in it.
    - ``undefined``: int, replicates without a value (a group is missing from them), which are left out.
    - ``test``: the statistic of the permutation test, "studentised" or "plain"; or "pairs".
    - ``unit``: of the row, "share" (0..1: 0.05 is 5 percentage points) or "ratio".

    Of several seeds (``repeats``) all but ``p`` are means over seeds: the mean of the values that each seed has, not
    the value of the mean accuracies, which is smaller. ``p`` of the std, gap and ratio is of the mean accuracies.

    All NaN with fewer than two groups with samples. Of crossed clusters the std, gap and ratio of accuracy have the
    smallest p-value of all pairs of groups times their number ("pairs"); other p-values, and corrections and
    expectations that rest on replicates, are NaN: nothing can be permuted.

    Example:
        >>> stream = np.random.default_rng(0)
        >>> y_true, race = stream.integers(0, 2, 120), np.repeat(["black", "white"], [40, 80])
        >>> y_pred = np.where(stream.random(120) < 0.7, y_true, 1 - y_true)
        >>> by = {"sensitive_features": race, "clusters": np.repeat(np.arange(30), 4)}  # 30 clips of 4 frames
        >>> table = disparity_statistics(y_true, y_pred, **by, n_resamples=1000)
        >>> shown = ["estimate", "expected_under_no_difference", "upper", "p"]
        >>> table.loc["accuracy_gap", shown].astype(float).round(3)
        estimate                        0.100
        expected_under_no_difference    0.067
        upper                           0.271
        p                               0.338
        Name: accuracy_gap, dtype: float64

    """
    drawn = bootstrap_metrics(
        y_true,
        y_pred,
        sensitive_features=sensitive_features,
        clusters=clusters,
        groups=groups,
        labels=labels,
        n_resamples=n_resamples,
        random_state=random_state,
        repeats=repeats,
    )
    table = pd.DataFrame({"estimate": drawn.summary[list(DISPARITIES)]}, dtype=float)
    table["bias_corrected"] = [_bias_corrected(drawn, name) for name in DISPARITIES]
    corrected = _noise_corrected(drawn)
    table.loc["accuracy_std", ["bias_corrected", "variance"]] = corrected["root"], corrected["variance"]
    bounds = disparity_bounds(drawn.sums, confidence_level)
    table["upper"] = [np.nan if name == "accuracy_ratio" else bounds[name] for name in DISPARITIES]
    table["lower"] = [bounds[name] if name == "accuracy_ratio" else np.nan for name in DISPARITIES]
    table["undefined"] = [int(np.isnan(drawn.of(name)).sum()) for name in DISPARITIES]
    if drawn.sums.crossed:
        table.loc[[name for name in DISPARITIES if name != "accuracy_std"], "bias_corrected"] = np.nan
        of_accuracy = [name in OF_ACCURACY for name in DISPARITIES]
        table["expected_under_no_difference"] = np.nan
        table["p"] = np.where(of_accuracy, pairwise_p(drawn.sums), np.nan)
        table["test"] = np.where(of_accuracy, PAIRS, NO_ESTIMATE)
    else:
        test = group_permutation_test(drawn.sums, n_resamples, random_state)
        table["expected_under_no_difference"] = test.expected[list(DISPARITIES)]
        table["p"] = test.p[list(DISPARITIES)]
        table["test"] = [STUDENTISED if name in test.studentised else "plain" for name in DISPARITIES]
    table["unit"] = [str(unit_of(name)) for name in DISPARITIES]
    return table.rename_axis("summary")


def _bias_corrected(drawn: Replicates, name: str) -> float:
    values = drawn.of(name)
    known = values[~np.isnan(values)]
    return float(2 * drawn.summary[name] - known.mean()) if len(known) else float("nan")


def _noise_corrected(drawn: Replicates) -> pd.Series:
    """Return the noise-corrected disparity of accuracy, with the covariances of groups that share clusters.

    Of several seeds, the mean of their variances, and its root.
    """
    accuracy_at = drawn.metrics.index("accuracy")
    variances = []
    for one in drawn.sums.by_seed():
        values = metrics_of(one.observed())[1:, accuracy_at]
        there = np.flatnonzero(~np.isnan(values))
        errors = kept(metric_errors(one), [accuracy_at], there + 1)
        found = noise_corrected_disparity(values[there], np.sqrt(errors.variance[0]), covariance=errors.covariance[0])
        variances.append(found["variance"])
    variance = np.mean(variances)
    return pd.Series({"variance": variance, "root": np.sqrt(np.maximum(variance, 0.0))})


def noise_corrected_disparity(
    values: ArrayLike, standard_errors: ArrayLike, *, covariance: np.ndarray | None = None
) -> pd.Series:
    """Return the variance over groups corrected for noise: ``variance`` and ``root``.

    Sample variance (n-1) minus mean squared standard error, plus the mean covariance of two groups where clusters
    span them: its expectation is the variance of the true values (method of moments). ``variance`` is not truncated
    and therefore unbiased; ``root`` is 0 where it is negative. In the unit of ``values``, squared and plain.

    Args:
        values: (groups,); NaN is ignored.
        standard_errors: (groups,). A NaN for a group with a value gives NaN, as its noise is unknown.
        covariance: (groups, groups) of the values; default: groups are independent.

    NaN with fewer than two groups.

    Example:
        >>> noise_corrected_disparity([0.4, 0.5, 0.45], [0.02, 0.03, 0.02]).round(5).to_dict()
        {'variance': 0.00193, 'root': 0.04397}
        >>> noise_corrected_disparity([0.4, 0.42], [0.05, 0.05]).round(4).to_dict()
        {'variance': -0.0023, 'root': 0.0}

    """
    array, errors = np.asarray(values, dtype=float), np.asarray(standard_errors, dtype=float)
    there = ~np.isnan(array)
    groups = int(there.sum())
    if groups < 2:
        return pd.Series({"variance": np.nan, "root": np.nan})
    shared = 0.0
    if covariance is not None:
        among = np.asarray(covariance, dtype=float)[np.ix_(there, there)]
        shared = (among.sum() - np.trace(among)) / (groups * (groups - 1))
    variance = array[there].var(ddof=1) - (errors[there] ** 2).mean() + shared
    return pd.Series({"variance": variance, "root": np.sqrt(np.maximum(variance, 0.0))})


def effective_sample_size(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sensitive_features: ArrayLike,
    clusters: ArrayLike,
    groups: Sequence[str] | None = None,
    labels: Sequence[Any] | None = None,
) -> pd.DataFrame:
    """Return the effective sample size of each group for its accuracy (Kish 1965).

    ``effective`` = samples / ``design_effect``; design effect = variance over clusters / variance of as many
    independent samples, p (1 - p) / (n - 1). Columns also ``samples``, ``clusters``. NaN with one cluster, and where
    all predictions are correct or all are wrong. A design effect below 1, and so ``effective`` above n, can be noise.
    ``y_true``, ``y_pred``: (n,) labels or codes; other arguments, and errors, as in :func:`bootstrap_metrics`.

    Example:
        Four clips of three frames, each clip all correct or all wrong: the effective sample size is about the number of
        clips.

        >>> y_pred, clips = np.repeat([1, 0, 1, 1], 3), np.repeat(["a", "b", "c", "d"], 3)
        >>> by = {"sensitive_features": ["black"] * 12, "clusters": clips}
        >>> effective_sample_size(np.ones(12, int), y_pred, **by).round(2)
               samples  clusters  design_effect  effective
        group
        black       12         4           3.67       3.27

    """
    sums = sum_groups(
        y_true, y_pred, sensitive_features=sensitive_features, clusters=clusters, groups=groups, labels=labels
    )
    accuracy_at = metric_names(sums.layout).index("accuracy")
    errors = kept(metric_errors(sums), [accuracy_at], range(1, len(sums.names)))
    observed = sums.observed()
    samples, rate = observed.count[1:], METRICS["accuracy"].of(observed)[1:]
    with np.errstate(invalid="ignore", divide="ignore"):
        alone = rate * (1 - rate) / (samples - 1)
        effect = np.where(alone > 0, errors.variance[0] / alone, np.nan)
        columns = {
            "samples": samples.astype(int),
            "clusters": errors.clusters[0],
            "design_effect": effect,
            "effective": samples / effect,
        }
    return pd.DataFrame(columns, index=pd.Index(sums.names[1:], name="group"))

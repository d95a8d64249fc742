"""What can be said of figures that are never negative: gap, std, parity, odds; and of the noise in them.

Their percentile interval cannot contain "no difference". So each has a bias-corrected estimate, the distribution
under a permutation of group labels over clusters, and an upper bound.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from fer.fairness.bootstrap import REPLICATES, Replicates, bootstrap_metrics
from fer.fairness.cluster_errors import cluster_scores
from fer.fairness.groups import PERCENT
from fer.fairness.intervals import LEVEL
from fer.fairness.label_test import STUDENTISED, no_difference
from fer.fairness.summaries import RATES
from fer.fairness.sums import COUNT, RIGHT, sum_groups

SPREADS = ("accuracy_std", "accuracy_gap", "accuracy_ratio", *RATES)


def spread_statistics(
    y_true: np.ndarray,
    y_pred: np.ndarray,
    proba: np.ndarray,
    group: np.ndarray | pd.Series,
    cluster: np.ndarray | pd.Series,
    groups: Sequence[str] | None = None,
    level: float = LEVEL,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> pd.DataFrame:
    """Return what is known of each figure over groups; arguments as in :func:`bootstrap_metrics`.

    Indexed by ``accuracy_std``, ``accuracy_gap``, ``accuracy_ratio``, ``demographic_parity_difference``,
    ``equalized_odds_difference``, ``recall_difference``; in the unit of each (std in percentage points). Columns:

    - ``estimate``: plain. It overstates: noise alone makes groups differ.
    - ``bias_corrected``: of the std the root of the noise-corrected variance (0 where that is negative); of the
      others estimate less bootstrap bias, untruncated: one of 0 or less is no sign of a difference.
    - ``variance``: of the std the noise-corrected variance, untruncated, in squared percentage points; else NaN.
    - ``upper``: one-sided bound (95 %); of the ratio ``lower``, NaN in ``upper``. NaN if a group has one cluster.
    - ``expected_by_chance``: mean under permutation, what the plain figure would be without any difference.
    - ``p``: against "no difference", permutation of labels over clusters: see :mod:`fer.fairness.label_test`.
    - ``undefined``: int, replicates without a value (a group has vanished from them), left out.
    - ``test``: which statistic was permuted, "studentised" or "plain".

    All NaN with fewer than two groups with samples.
    """
    drawn = bootstrap_metrics(y_true, y_pred, proba, group, cluster, groups, replicates, seed)
    table = pd.DataFrame({"estimate": drawn.summary[list(SPREADS)]}, dtype=float)
    table["bias_corrected"] = [_bias_corrected(drawn, name) for name in SPREADS]
    corrected = _noise_corrected(drawn)
    table.loc["accuracy_std", ["bias_corrected", "variance"]] = corrected["root"], corrected["variance"]
    bounds = {name: _bound(drawn, name, level) for name in SPREADS}
    table["upper"] = [np.nan if name == "accuracy_ratio" else bounds[name] for name in SPREADS]
    table["lower"] = [bounds[name] if name == "accuracy_ratio" else np.nan for name in SPREADS]
    table["undefined"] = [int(np.isnan(drawn.of(name)).sum()) for name in SPREADS]
    test = no_difference(drawn.sums, drawn.mix, replicates, seed)
    table["expected_by_chance"] = test.expected[list(SPREADS)]
    table["p"] = test.p[list(SPREADS)]
    table["test"] = [STUDENTISED if name in test.studentised else "plain" for name in SPREADS]
    return table.rename_axis("summary")


def _bias_corrected(drawn: Replicates, name: str) -> float:
    values = drawn.of(name)
    known = values[~np.isnan(values)]
    return float(2 * drawn.summary[name] - known.mean()) if len(known) else float("nan")


def _noise_corrected(drawn: Replicates) -> pd.Series:
    """Return the noise-corrected spread of accuracy in percentage points, covariances of spanning clusters with it."""
    scores = cluster_scores(drawn.sums, drawn.mix)[:, 1:, 0]
    values = drawn.estimate["accuracy"].iloc[1:]
    there = values.notna().to_numpy()
    covariance = scores[:, there].T @ scores[:, there] * PERCENT**2
    return noise_corrected_spread(values[there] * PERCENT, np.sqrt(np.diag(covariance)), covariance)


def _bound(drawn: Replicates, name: str, level: float) -> float:
    """Return estimate + t x standard error (- for the ratio): m of the smallest group, m / (m - 1) on the variance.

    Measured, benchmarks/statistics_truth.py: the truth is below in 95 % or more, also where the groups are close. A
    bound from which the bias is taken as well is not safe there, one by percentiles wider than it need be.
    """
    clusters = min((len(cells) for cells in drawn.sums.members[1:] if len(cells)), default=0)
    values, estimate = drawn.of(name), float(drawn.summary[name])
    known = values[~np.isnan(values)]
    if clusters < 2 or len(known) < 2 or np.isnan(estimate):
        return float("nan")
    reach = stats.t.ppf(level, clusters - 1) * np.sqrt(clusters / (clusters - 1)) * known.std(ddof=1)
    if name == "accuracy_ratio":
        return max(estimate - reach, 0.0)
    return float(estimate + reach if name == "accuracy_std" else min(estimate + reach, 1.0))


def noise_corrected_spread(
    values: np.ndarray | pd.Series, standard_errors: np.ndarray | pd.Series, covariance: np.ndarray | None = None
) -> pd.Series:
    """Return the variance over groups that is not noise: ``variance`` and ``root``.

    Sample variance (n-1) less mean squared standard error, plus the mean covariance of two groups where clusters
    span them: its expectation is the variance of the true values (method of moments). ``variance`` is untruncated,
    and unbiased so; ``root`` is 0 where it is negative. In the unit of ``values``, squared and plain.

    Args:
        values: (groups,), NaN takes no part.
        standard_errors: (groups,). NaN of a group with a value gives NaN: its noise is unknown.
        covariance: (groups, groups) of the values; without it groups are independent.

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
    right: np.ndarray,
    group: np.ndarray | pd.Series,
    cluster: np.ndarray | pd.Series,
    groups: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return how many independent samples each group is worth for its accuracy (Kish 1965).

    ``effective`` = samples / ``design_effect``; design effect = variance over clusters / variance of as many
    independent samples, p (1 - p) / (n - 1). Columns also ``samples``, ``clusters``. NaN with one cluster, and where
    all are right or all wrong. ``right``: bool (n,). Below 1 is possible by chance, and then more than n.
    """
    y_true, y_pred = np.zeros(len(right), int), np.where(right, 0, 1)
    sums = sum_groups(y_true, y_pred, np.full((len(right), 2), 0.5), group, cluster, groups)
    scores = cluster_scores(sums, np.zeros(2))[:, 1:, 0]
    samples = np.array([cells[:, COUNT].sum() for cells in sums.sums[1:]])
    rate = np.array([cells[:, RIGHT].sum() for cells in sums.sums[1:]]) / np.where(samples > 0, samples, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        alone = rate * (1 - rate) / (samples - 1)
        effect = np.where(alone > 0, (scores**2).sum(axis=0) / alone, np.nan)
        columns = {
            "samples": samples.astype(int),
            "clusters": [len(cells) for cells in sums.members[1:]],
            "design_effect": effect,
            "effective": samples / effect,
        }
    return pd.DataFrame(columns, index=pd.Index(sums.names[1:], name="group"))

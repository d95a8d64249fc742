"""Simultaneous intervals: of all groups, and of all differences between groups, of one or of several models.

The intervals are those of :mod:`fer.fairness.score_intervals`, at a quantile at which all of them hold together with
the stated confidence (:mod:`fer.fairness.max_t`). Where comparisons are correlated, as those with a group in common, or
of several models on the same faces, this quantile is below Bonferroni's, so that fewer differences are missed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from math import lcm
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from fer.fairness.cluster_errors import kept, metric_errors
from fer.fairness.cluster_sums import ALL, GroupSums, sum_groups
from fer.fairness.combined import ROUNDING
from fer.fairness.intervals import CONFIDENCE_LEVEL, NO_ESTIMATE, SCORE
from fer.fairness.max_t import DifferenceFamily, MaxT, normal_draws
from fer.fairness.metric_arrays import definition_by_name, metrics_of
from fer.fairness.pair_differences import PairDifferences
from fer.fairness.samples import class_labels, codes_of
from fer.fairness.score_intervals import Shares


def simultaneous_intervals(
    y_true: ArrayLike,
    y_preds: Mapping[str, ArrayLike],
    *,
    sensitive_features: ArrayLike,
    clusters: ArrayLike,
    metric: str = "accuracy",
    groups: Sequence[str] | None = None,
    labels: Sequence[Any] | None = None,
    confidence_level: float = CONFIDENCE_LEVEL,
    random_state: int = 0,
) -> pd.DataFrame:
    """Return intervals of a share in each group that hold for all groups, of all models, together.

    Indexed by ``model`` and ``group``. Columns, NaN where they cannot be estimated: ``estimate`` (mean over seeds),
    ``low``, ``high``, 0..1; ``quantile``, of t, at which all hold with ``confidence_level`` (1.96 for a single group of
    many clusters); ``degrees_of_freedom``; ``method``. Arguments and errors as in :func:`simultaneous_differences`.

    Example:
        >>> stream = np.random.default_rng(0)
        >>> y_true, race = np.ones(120, int), np.repeat(["black", "white"], [40, 80])
        >>> y_pred = (stream.random(120) < 0.7).astype(int)
        >>> by = {"sensitive_features": race, "clusters": np.repeat(np.arange(30), 4)}  # 30 clips of 4 frames
        >>> table = simultaneous_intervals(y_true, {"cnn": y_pred}, **by)
        >>> table[["estimate", "low", "high", "quantile"]].round(2)
                     estimate   low  high  quantile
        model group
        cnn   black      0.68  0.44  0.85      2.66
              white      0.60  0.47  0.72      2.42

    """
    shares, index = _shares(y_true, y_preds, metric, sensitive_features, clusters, groups, labels)
    covariance, known = _covariance(shares)
    quantile = np.full(len(index), np.nan)
    if known.any():
        own = covariance[np.ix_(known, known)]
        statistics = np.abs(normal_draws(own, random_state)) / np.sqrt(np.diagonal(own))
        family = MaxT.of(statistics.max(axis=1), int(known.sum()))
        quantile[known] = family.quantile(confidence_level, shares.degrees[0, known])
    low, high = (ends[0] for ends in shares.limits(quantile))
    method = np.where(known, SCORE, NO_ESTIMATE)
    columns = [shares.estimate[0], low, high, quantile, np.where(known, shares.degrees[0], np.nan), method]
    names = ["estimate", "low", "high", "quantile", "degrees_of_freedom", "method"]
    return pd.DataFrame(
        dict(zip(names, columns, strict=True)), pd.MultiIndex.from_tuples(index, names=["model", "group"])
    )


def simultaneous_differences(
    y_true: ArrayLike,
    y_preds: Mapping[str, ArrayLike],
    *,
    sensitive_features: ArrayLike,
    clusters: ArrayLike,
    metric: str = "accuracy",
    groups: Sequence[str] | None = None,
    labels: Sequence[Any] | None = None,
    confidence_level: float = CONFIDENCE_LEVEL,
    random_state: int = 0,
) -> pd.DataFrame:
    """Return the signed differences of a share between every two groups of each model, tested as one family.

    Indexed by ``model``, ``group`` and ``other``. Columns, NaN where they cannot be estimated:

    - ``estimate``: group minus other, mean over seeds, -1..1.
    - ``low``, ``high``: all intervals of the table contain the true differences together with ``confidence_level``.
    - ``p``: of this comparison alone, that of :func:`difference_intervals`.
    - ``p_max_t``: corrected for the family by the same procedure as the intervals: below 0.05 exactly where the
      simultaneous 95 % interval does not contain 0.
    - ``p_step_down``: corrected in steps, as Holm's (Westfall and Young 1993): at most ``p_max_t``, and hence with more
      findings, but with no intervals that go with it.
    - ``quantile``: of t, of the intervals; ``degrees_of_freedom``, as in :func:`difference_intervals`.
    - ``method``.

    Args:
        y_true: (n,) labels or codes.
        y_preds: each model's predictions of these samples, (n,) or (seeds, n), by its name. The correlation between
            models is that over clusters; the variance over seeds is not part of it, as in :func:`difference_intervals`.
        sensitive_features: (n,) group names; a null is in no group.
        clusters: (n,) ids, a null is a cluster of its own; (n, 2) of crossed clusters.
        metric: a share that a group has and that needs no probabilities, such as ``accuracy`` or ``recall/happy``.
        groups: the groups, in order; default: those that occur, sorted.
        labels: the class labels.
        confidence_level: of all intervals together.
        random_state: seed of the draws of the largest difference.

    Raises ValueError without a model, for a metric that is no share of predictions, and as :func:`bootstrap_metrics`
    does.

    Example:
        >>> stream = np.random.default_rng(0)
        >>> y_true, race = np.ones(240, int), np.repeat(["asian", "black", "white"], 80)
        >>> y_pred = (stream.random(240) < np.repeat([0.9, 0.5, 0.8], 80)).astype(int)
        >>> by = {"sensitive_features": race, "clusters": np.repeat(np.arange(60), 4)}  # 60 clips of 4 frames
        >>> table = simultaneous_differences(y_true, {"cnn": y_pred}, **by)
        >>> table[["estimate", "low", "high", "p_max_t", "p_step_down"]].round(3)
                           estimate    low   high  p_max_t  p_step_down
        model group other
        cnn   asian black     0.450  0.267  0.592    0.000        0.000
                    white     0.113 -0.043  0.260    0.186        0.082
              black white    -0.337 -0.495 -0.149    0.000        0.000

    """
    shares, index = _shares(y_true, y_preds, metric, sensitive_features, clusters, groups, labels)
    covariance, _ = _covariance(shares)
    found = PairDifferences.of_shares(shares)
    pairs = [(one, two) for one, two in combinations(range(len(index)), 2) if index[one][0] == index[two][0]]
    first, second = np.array(pairs, dtype=int).reshape(-1, 2).T
    degrees, p = found.degrees[first, second], found.p_different()[first, second]
    known = ~np.isnan(p)
    quantile, single_step, step_down = np.full((3, len(pairs)), np.nan)
    if known.any():
        there, places = np.unique(np.stack([first[known], second[known]]), return_inverse=True)
        one, two = places.reshape(2, -1)
        own = covariance[np.ix_(there, there)]
        variance = np.diagonal(own)
        error = np.sqrt(np.maximum(variance[one] + variance[two] - 2 * own[one, two], 0.0))
        # Two groups that vary together in every cluster take no part in the largest difference.
        error = np.where(error > ROUNDING, error, np.inf)
        tested = DifferenceFamily(normal_draws(own, random_state), one, two, error)
        family, freedom = tested.single_step(), degrees[known]
        quantile[known] = family.quantile(confidence_level, freedom)
        single_step[known] = np.maximum(family.p(stats.t.isf(p[known] / 2, freedom), freedom), p[known])
        step_down[known] = tested.step_down(p[known], freedom)
    at = np.full(found.apart.shape, np.nan)
    at[first, second] = quantile
    low, high = (ends[first, second] for ends in found.limits(at))
    columns = {
        "estimate": found.apart[first, second], "low": low, "high": high, "p": p, "p_max_t": single_step,
        "p_step_down": step_down, "quantile": quantile, "degrees_of_freedom": np.where(known, degrees, np.nan),
        "method": np.where(known, SCORE, NO_ESTIMATE),
    }  # fmt: skip
    rows = [(*index[one], index[two][1]) for one, two in pairs]
    return pd.DataFrame(columns, pd.MultiIndex.from_tuples(rows, names=["model", "group", "other"]))


def _shares(
    y_true: ArrayLike, y_preds: Mapping[str, ArrayLike], metric: str, sensitive_features: ArrayLike,
    clusters: ArrayLike, groups: Sequence[str] | None, labels: Sequence[Any] | None,
) -> tuple[Shares, list[tuple[str, str]]]:  # fmt: skip
    """Return the shares (1, models x groups), and the model and the group of each."""
    if not y_preds:
        raise ValueError("there is no model to compare the groups of; give the predictions of one or more.")
    classes = class_labels({"y_true": y_true, **y_preds}, labels)
    by: dict[str, Any] = {
        "sensitive_features": sensitive_features, "clusters": clusters, "groups": groups, "labels": classes,
    }  # fmt: skip
    sums = [
        [sum_groups(y_true, one, **by) for one in np.atleast_2d(codes_of(codes, classes, "y_pred"))]
        for codes in y_preds.values()
    ]
    like, joined = sums[0][0], _joined(sums)
    definitions = definition_by_name(like.layout)
    shown = [name for name, definition in definitions.items() if definition.proportion]
    if metric not in shown:
        raise ValueError(f"metric {metric!r} is no share of predictions; choose one of {', '.join(shown)}.")
    number = list(definitions).index(metric)
    mix = like.mix()
    estimate = np.mean([metrics_of(one.observed(mix))[1:, number] for one in joined.by_seed()], axis=0)
    errors = kept(metric_errors(joined, mix), [number], range(1, len(joined.names)))
    index = [(model, name) for model in y_preds for name in like.names[1:]]
    return Shares.of(estimate[None], errors), index


def _joined(models: Sequence[Sequence[GroupSums]]) -> GroupSums:
    """Return the sums of all models' groups in one, by seed; models with fewer seeds repeat theirs equally often."""
    seeds = [_side_by_side([own[at % len(own)] for own in models]) for at in range(lcm(*map(len, models)))]
    if len(seeds) == 1:
        return seeds[0]
    cells = tuple(np.mean(each, axis=0) for each in zip(*(one.cells for one in seeds), strict=True))
    return replace(seeds[0], cells=cells, seeds=tuple(seeds))


def _side_by_side(models: Sequence[GroupSums]) -> GroupSums:
    like = models[0]
    return replace(
        like,
        names=(ALL, *(name for one in models for name in one.names[1:])),
        members=(like.members[0], *(members for one in models for members in one.members[1:])),
        cells=(like.cells[0], *(cells for one in models for cells in one.cells[1:])),
    )


def _covariance(shares: Shares) -> tuple[np.ndarray, np.ndarray]:
    """Return the smoothed covariance, float (names, names), 0 where unknown; and whether a name's is known."""
    variance = shares.smoothed_variance[0]
    known = ~(np.isnan(variance) | np.isnan(shares.degrees[0]))
    error = np.sqrt(np.where(known, variance, 0.0))
    return np.nan_to_num(shares.correlation[0]) * error[:, None] * error[None, :], known

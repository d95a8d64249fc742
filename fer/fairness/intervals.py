"""Confidence intervals of per-group metrics, over clusters.

Of shares (accuracy, F1, recall): the score interval of :mod:`fer.fairness.score_intervals`. Of losses, from ten
clusters on: the percentile interval of the cluster bootstrap, expanded to the variance of m - 1 degrees of freedom and
Student's t (Hesterberg 2015, "What teachers should know about the bootstrap", section 5.3): a plain percentile interval
is too narrow by (m - 1) / m in variance, and by t against z. With fewer: a t interval with the standard error of
:mod:`fer.fairness.cluster_errors`. With one cluster there is no interval.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from fer.fairness.bootstrap import REPLICATES, replicates_of
from fer.fairness.cluster_errors import metric_errors, t_quantile
from fer.fairness.cluster_sums import sum_groups
from fer.fairness.combined import ROUNDING
from fer.fairness.metric_arrays import definition_by_name
from fer.fairness.score_intervals import Shares

CONFIDENCE_LEVEL = 0.95
# With fewer clusters a percentile interval is too narrow at any level.
FEW_CLUSTERS = 10

BOOTSTRAP = "cluster bootstrap"
STUDENT = "t over clusters"
SCORE = "score over clusters"
NO_ESTIMATE = "cannot be estimated"


class Interval(NamedTuple):
    """Bounds of an interval, NaN where it cannot be estimated, and how it was made."""

    low: float
    high: float
    method: str


def group_intervals(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sensitive_features: ArrayLike,
    clusters: ArrayLike,
    y_proba: ArrayLike | None = None,
    groups: Sequence[str] | None = None,
    labels: Sequence[Any] | None = None,
    confidence_level: float = CONFIDENCE_LEVEL,
    n_resamples: int = REPLICATES,
    random_state: int = 0,
    repeats: int = 1,
) -> pd.DataFrame:
    """Return confidence intervals of each metric in each group.

    ``y_true``, ``y_pred``: (n,) labels or codes; all other arguments, and errors, as in :func:`bootstrap_metrics`, and
    ``confidence_level`` of the intervals. Indexed by ``group`` (``all`` first) and ``metric``. Columns:

    - ``estimate``, ``low``, ``high``: in the metric's unit (:func:`unit_of`). NaN without samples; the bounds are NaN
      where they cannot be estimated.
    - ``standard_error``: over clusters, see :mod:`fer.fairness.cluster_errors`.
    - ``clusters``: int, number of clusters behind the metric (for ``recall/<class>``, those that have the class; of
      crossed kinds, of the fewer).
    - ``degrees_of_freedom``: clusters - 1, fewer where one cluster is a large part of the group.
    - ``undefined``: int, replicates without a value, which are left out.
    - ``method``: "score over clusters" (of shares, see :mod:`fer.fairness.score_intervals`); "cluster bootstrap" (of
      losses); "t over clusters" (of losses under 10 clusters, and of the calibration error); "cannot be estimated" (one
      cluster, or one that is more than four fifths of the group).

    Example:
        >>> stream = np.random.default_rng(0)
        >>> y_true, race = stream.integers(0, 2, 120), np.repeat(["black", "white"], [40, 80])
        >>> y_pred = np.where(stream.random(120) < 0.7, y_true, 1 - y_true)
        >>> by = {"sensitive_features": race, "clusters": np.repeat(np.arange(30), 4)}  # 30 clips of 4 frames
        >>> table = group_intervals(y_true, y_pred, **by, n_resamples=2000)
        >>> table.xs("accuracy", level="metric")[["estimate", "low", "high", "clusters", "method"]].round(2)
               estimate   low  high  clusters               method
        group
        all        0.59  0.50  0.68        30  score over clusters
        black      0.52  0.34  0.70        10  score over clusters
        white      0.62  0.51  0.73        20  score over clusters

    """
    sums = sum_groups(
        y_true,
        y_pred,
        sensitive_features=sensitive_features,
        clusters=clusters,
        y_proba=y_proba,
        groups=groups,
        labels=labels,
        repeats=repeats,
    )
    definitions = list(definition_by_name(sums.layout).items())
    # Of means over samples, such as losses, the replicates of the mean sums are the means over seeds.
    resampled = [one for _, one in definitions if not (one.proportion or one.biased)]
    means = replace(sums, seeds=()) if all(one.value is None for one in resampled) else sums
    drawn = replicates_of(sums, n_resamples, random_state, means)
    errors = metric_errors(drawn.sums, drawn.mix)
    estimates = drawn.estimate.to_numpy().T
    quantile = t_quantile(confidence_level, errors.degrees)
    lows, highs = Shares.of(estimates, errors).limits(quantile)
    undefined = drawn.undefined
    rows = {}
    for at, name in enumerate(drawn.groups):
        for number, (metric, definition) in enumerate(definitions):
            place = number, at
            error, degrees = float(np.sqrt(errors.variance[place])), float(errors.degrees[place])
            if definition.proportion:
                known = not np.isnan(lows[place])
                found = Interval(float(lows[place]), float(highs[place]), SCORE if known else NO_ESTIMATE)
            else:
                # Biased in the data and again in each replicate: the percentiles could exclude the estimate. And
                # replicates of crossed clusters vary too much.
                percentiles = not (definition.biased or drawn.sums.crossed)
                values = drawn.values[:, at, number] if percentiles else np.empty(0)
                effective = float(errors.effective[place])
                found = interval_of(
                    float(estimates[place]), error, degrees, values, effective, confidence_level, definition.bounds
                )
            rows[name, metric] = {
                "estimate": float(estimates[place]),
                "low": found.low,
                "high": found.high,
                "standard_error": error,
                "clusters": int(errors.clusters[place]),
                "degrees_of_freedom": degrees,
                "undefined": int(undefined.iloc[at, number]),
                "method": found.method,
            }
    table = pd.DataFrame.from_dict(rows, orient="index")
    return table.set_axis(pd.MultiIndex.from_tuples(list(rows), names=["group", "metric"]))


def interval_of(
    estimate: float,
    standard_error: float,
    degrees: float,
    replicates: np.ndarray,
    clusters: float,
    level: float,
    bounds: tuple[float, float],
) -> Interval:
    """Return the expanded percentile interval or, with few clusters or no replicates, the t interval within ``bounds``.

    Args:
        estimate: NaN gives no interval.
        standard_error: over clusters; 0 or NaN gives no interval.
        degrees: of freedom of ``standard_error``.
        replicates: bootstrap values; NaN are left out.
        clusters: effective number of clusters.
        level: such as 0.95.
        bounds: the lowest and the highest possible value.

    """
    if not (np.isfinite([estimate, degrees]).all() and standard_error > ROUNDING):
        return Interval(np.nan, np.nan, NO_ESTIMATE)
    quantile = float(t_quantile(level, degrees))
    known = replicates[~np.isnan(replicates)]
    if clusters >= FEW_CLUSTERS and len(known):
        tail = stats.norm.cdf(-quantile * np.sqrt(clusters / (clusters - 1)))
        low, high = np.quantile(known, [tail, 1 - tail])
        return Interval(float(low), float(high), BOOTSTRAP)
    reach = quantile * standard_error
    return Interval(max(estimate - reach, bounds[0]), min(estimate + reach, bounds[1]), STUDENT)

"""Signed differences between two groups: interval, test and minimum detectable difference."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from fer.fairness.bootstrap import REPLICATES, Replicates, bootstrap_metrics
from fer.fairness.cluster_errors import cluster_scores, degrees_of_freedom, metric_clusters
from fer.fairness.combined import ROUNDING
from fer.fairness.intervals import CONFIDENCE_LEVEL, FEW_CLUSTERS, interval_of
from fer.fairness.metric_arrays import bases_of, definition_by_name

POWER = 0.8
SIGNIFICANCE_LEVEL = 0.05


def difference_intervals(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sensitive_features: ArrayLike,
    clusters: ArrayLike,
    y_proba: ArrayLike | None = None,
    metric: str = "accuracy",
    groups: Sequence[str] | None = None,
    pairs: Sequence[tuple[str, str]] | None = None,
    labels: Sequence[Any] | None = None,
    confidence_level: float = CONFIDENCE_LEVEL,
    n_resamples: int = REPLICATES,
    random_state: int = 0,
) -> pd.DataFrame:
    """Return the signed difference of a metric, first group minus second, for each pair of groups.

    ``y_true``, ``y_pred``: (n,) labels or codes; ``metric``: one that a group has, such as ``accuracy``; ``pairs``: of
    group names, by default every pair in the order of the groups; ``confidence_level`` of the intervals; all other
    arguments as in :func:`bootstrap_metrics`. Both groups of a replicate come from one draw of clusters. Indexed by
    ``group`` and ``other``. Columns, NaN where they cannot be estimated:

    - ``estimate``, ``low``, ``high``, ``standard_error`` (with the covariance where clusters span both groups), in the
      metric's unit: 0.05 of an accuracy is 5 percentage points.
    - ``p``: two-sided, t with Satterthwaite's degrees of freedom (Welch's where clusters are equal).
    - ``minimum_detectable_difference``: the true difference that such a test detects with 80 % power at the 5 % level,
      (1.96 + 0.84) x standard error. Optimistic below about 10 clusters.
    - ``degrees_of_freedom``, and ``method`` as in :func:`group_intervals`.

    Raises ValueError for an unknown metric or group of ``pairs``, and as :func:`bootstrap_metrics` does.

    Example:
        >>> stream = np.random.default_rng(0)
        >>> y_true, race = stream.integers(0, 2, 120), np.repeat(["black", "white"], [40, 80])
        >>> y_pred = np.where(stream.random(120) < 0.7, y_true, 1 - y_true)
        >>> by = {"sensitive_features": race, "clusters": np.repeat(np.arange(30), 4)}  # 30 clips of 4 frames
        >>> table = difference_intervals(y_true, y_pred, **by, n_resamples=2000)
        >>> table[["estimate", "low", "high", "p", "minimum_detectable_difference"]].round(2)
                     estimate   low  high     p  minimum_detectable_difference
        group other
        black white      -0.1 -0.31  0.11  0.31                           0.27

    """
    drawn = bootstrap_metrics(
        y_true,
        y_pred,
        sensitive_features=sensitive_features,
        clusters=clusters,
        y_proba=y_proba,
        groups=groups,
        labels=labels,
        n_resamples=n_resamples,
        random_state=random_state,
    )
    if metric not in drawn.metrics:
        raise ValueError(f"metric {metric!r} has no value per group; choose one of {', '.join(drawn.metrics)}.")
    wanted = list(combinations(drawn.groups[1:], 2)) if pairs is None else [tuple(pair) for pair in pairs]
    missing = sorted({name for pair in wanted for name in pair} - set(drawn.groups))
    if missing:
        raise ValueError(f"no group is named {missing[0]!r}; the groups are {', '.join(drawn.groups[1:])}.")
    scores = cluster_scores(drawn.sums, drawn.mix)[:, :, drawn.metrics.index(metric)]
    rows = [_difference(drawn, scores, metric, first, second, confidence_level) for first, second in wanted]
    index = pd.MultiIndex.from_tuples(wanted, names=["group", "other"])
    return pd.DataFrame(rows, index, columns=_COLUMNS)


_COLUMNS = [
    "estimate", "low", "high", "standard_error", "p", "minimum_detectable_difference", "degrees_of_freedom", "method",
]  # fmt: skip


def _difference(
    drawn: Replicates, scores: np.ndarray, metric: str, first: str, second: str, confidence_level: float
) -> dict[str, float | str]:
    number = drawn.metrics.index(metric)
    at, other = drawn.groups.index(first), drawn.groups.index(second)
    estimate = float(drawn.estimate.iloc[at, number] - drawn.estimate.iloc[other, number])
    error = float(np.sqrt(((scores[:, at] - scores[:, other]) ** 2).sum()))
    variances = [float((scores[:, place] ** 2).sum()) for place in (at, other)]
    degrees = degrees_of_freedom([_shares(drawn, place, number) for place in (at, other)], variances)
    counts = metric_clusters(drawn.sums)[[at, other], number]
    # The harmonic mean, but the percentile interval only where both groups have enough clusters for it.
    clusters = float(stats.hmean(counts)) if counts.min() >= FEW_CLUSTERS else float(counts.min())
    low, high = definition_by_name(drawn.sums.layout)[metric].bounds
    values = drawn.values[:, at, number] - drawn.values[:, other, number]
    found = interval_of(estimate, error, degrees, values, clusters, confidence_level, (low - high, high - low))
    known = error > ROUNDING and np.isfinite(degrees)
    return {
        "estimate": estimate,
        "low": found.low,
        "high": found.high,
        "standard_error": error,
        "p": float(2 * stats.t.sf(abs(estimate) / error, degrees)) if known else np.nan,
        "minimum_detectable_difference": minimum_detectable_difference(error) if known else np.nan,
        "degrees_of_freedom": degrees,
        "method": found.method,
    }


def _shares(drawn: Replicates, at: int, number: int) -> np.ndarray:
    """Return each cluster's share of the samples behind a metric of a group, float (clusters,)."""
    base = bases_of(drawn.sums.sums_of(at))[:, number]
    shares = np.zeros(drawn.sums.clusters)
    shares[drawn.sums.members[at]] = base / max(base.sum(), 1.0)
    return shares


def minimum_detectable_difference(
    first_error: float,
    second_error: float = 0.0,
    *,
    power: float = POWER,
    significance_level: float = SIGNIFICANCE_LEVEL,
) -> float:
    """Return the smallest true difference that a two-sided test detects with ``power``, in the unit of the errors.

    (z of the level + z of the power) x sqrt(first_error^2 + second_error^2): 2.80 standard errors at 5 % and 80 %.
    Optimistic where the errors are estimated from fewer than about ten clusters. NaN if an error is NaN.

    Args:
        first_error: standard error of the first group's value, or of the difference itself.
        second_error: of the second group's, where the groups are independent; 0 with the error of the difference.
        power: probability of detecting the difference, 0..1.
        significance_level: of the test, 0..1.

    Example:
        >>> round(minimum_detectable_difference(0.03, 0.04), 3)
        0.14

    """
    reach = stats.norm.ppf(1 - significance_level / 2) + stats.norm.ppf(power)
    return float(reach * np.hypot(first_error, second_error))

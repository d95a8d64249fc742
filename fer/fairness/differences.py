"""Signed differences between two groups: interval, test and minimum detectable difference."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from fer.fairness.bootstrap import REPLICATES
from fer.fairness.cluster_errors import ClusterErrors, kept, metric_errors
from fer.fairness.cluster_sums import sum_groups
from fer.fairness.definitions import Metric
from fer.fairness.intervals import CONFIDENCE_LEVEL, NO_ESTIMATE, SCORE, STUDENT
from fer.fairness.metric_arrays import definition_by_name, metrics_of
from fer.fairness.pair_differences import PairDifferences

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
    repeats: int = 1,
) -> pd.DataFrame:
    """Return the signed difference of a metric, first group minus second, for each pair of groups.

    ``y_true``, ``y_pred``: (n,) labels or codes; ``metric``: one that a group has, such as ``accuracy``; ``pairs``: of
    group names, by default every pair in the order of the groups; ``confidence_level`` of the intervals; all other
    arguments as in :func:`bootstrap_metrics`. Nothing is drawn: ``n_resamples`` and ``random_state`` have no effect.
    Indexed by ``group`` and ``other``. Columns, NaN where they cannot be estimated:

    - ``estimate``, ``low``, ``high``, ``standard_error`` (with the covariance where clusters span both groups), in the
      metric's unit: 0.05 of an accuracy is 5 percentage points.
    - ``p``: two-sided, by the procedure of the interval: below 0.05 exactly where the 95 % interval does not contain 0.
    - ``minimum_detectable_difference``: the true difference that such a test detects with 80 % power at the 5 % level,
      see :func:`minimum_detectable_difference`.
    - ``degrees_of_freedom``: Welch's, of :func:`fer.fairness.cluster_errors.pooled_degrees`.
    - ``method``: "score over clusters" for a share, see :mod:`fer.fairness.score_intervals`; "t over clusters" for a
      loss and the calibration error; "cannot be estimated".

    Raises ValueError for an unknown metric or group of ``pairs``, and as :func:`bootstrap_metrics` does.

    Example:
        >>> stream = np.random.default_rng(0)
        >>> y_true, race = stream.integers(0, 2, 120), np.repeat(["black", "white"], [40, 80])
        >>> y_pred = np.where(stream.random(120) < 0.7, y_true, 1 - y_true)
        >>> by = {"sensitive_features": race, "clusters": np.repeat(np.arange(30), 4)}  # 30 clips of 4 frames
        >>> table = difference_intervals(y_true, y_pred, **by, n_resamples=2000)
        >>> table[["estimate", "low", "high", "p", "minimum_detectable_difference"]].round(2)
                     estimate  low  high     p  minimum_detectable_difference
        group other
        black white      -0.1 -0.3  0.11  0.34                           0.29

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
    definitions = definition_by_name(sums.layout)
    if metric not in definitions:
        raise ValueError(f"metric {metric!r} has no value per group; choose one of {', '.join(definitions)}.")
    wanted = list(combinations(sums.names[1:], 2)) if pairs is None else [tuple(pair) for pair in pairs]
    missing = sorted({name for pair in wanted for name in pair} - set(sums.names))
    if missing:
        raise ValueError(f"no group is named {missing[0]!r}; the groups are {', '.join(sums.names[1:])}.")
    number, everyone, mix = list(definitions).index(metric), range(len(sums.names)), sums.mix()
    estimate = np.mean([metrics_of(one.observed(mix))[:, number] for one in sums.by_seed()], axis=0)
    errors = kept(metric_errors(sums, mix), [number], everyone)
    found = _of_pairs(estimate, errors, definitions[metric], confidence_level)
    places = [tuple(sums.names.index(name) for name in pair) for pair in wanted]
    rows = [{column: values[place] for column, values in found.items()} for place in places]
    index = pd.MultiIndex.from_tuples(wanted, names=["group", "other"])
    return pd.DataFrame(rows, index, columns=_COLUMNS)


_COLUMNS = [
    "estimate", "low", "high", "standard_error", "p", "minimum_detectable_difference", "degrees_of_freedom", "method",
]  # fmt: skip


def _of_pairs(
    estimate: np.ndarray, errors: ClusterErrors, definition: Metric, confidence_level: float
) -> dict[str, np.ndarray]:
    """Return the columns for every two names of float (names,), (names, names) each."""
    pairs = PairDifferences.of(estimate, errors, definition)
    low, high = pairs.interval(confidence_level)
    variance = errors.variance[0]
    error = np.sqrt(np.maximum(variance[:, None] + variance[None, :] - 2 * errors.covariance[0], 0.0))
    known = ~np.isnan(low)
    return {
        "estimate": pairs.apart,
        "low": low,
        "high": high,
        "standard_error": error,
        "p": pairs.p_different(),
        "minimum_detectable_difference": np.where(
            known, _detectable(pairs.error, pairs.degrees, POWER, SIGNIFICANCE_LEVEL), np.nan
        ),
        "degrees_of_freedom": np.where(known, pairs.degrees, np.nan),
        "method": np.where(known, SCORE if definition.proportion else STUDENT, NO_ESTIMATE),
    }


def minimum_detectable_difference(
    first_error: float,
    second_error: float = 0.0,
    *,
    power: float = POWER,
    significance_level: float = SIGNIFICANCE_LEVEL,
    degrees_of_freedom: float = np.inf,
    comparisons: int = 1,
) -> float:
    """Return the smallest true difference that a two-sided t test detects with ``power``, in the unit of the errors.

    (t of the level + t of the power) x sqrt(first_error^2 + second_error^2): 2.80 standard errors at 5 % and 80 % with
    many clusters, 3.2 with five in each of two groups, 4.3 with ten in each where it is one of 16 comparisons. NaN if
    an error is NaN.

    Args:
        first_error: standard error of the first group's value, or of the difference itself.
        second_error: of the second group's, where the groups are independent; 0 with the error of the difference.
        power: probability of detecting the difference, 0..1.
        significance_level: of the test, 0..1.
        degrees_of_freedom: of the errors; default: they are known.
        comparisons: number of comparisons that the p-value is corrected for; the difference passes Holm's correction
            in any case where it passes at the level divided by this number.

    Example:
        >>> round(minimum_detectable_difference(0.03, 0.04), 3)
        0.14
        >>> round(minimum_detectable_difference(0.03, 0.04, degrees_of_freedom=18, comparisons=12), 3)
        0.207

    """
    error, degrees = np.asarray(np.hypot(first_error, second_error)), np.asarray(degrees_of_freedom)
    return float(_detectable(error, degrees, power, significance_level / comparisons))


def _detectable(error: np.ndarray, degrees: np.ndarray, power: float, level: float) -> np.ndarray:
    return (stats.t.ppf(1 - level / 2, degrees) + stats.t.ppf(power, degrees)) * error

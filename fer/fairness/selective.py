"""Selective prediction: answer only where the confidence is high enough, so that the answers are right often enough.

Coverage is the share of samples that are answered, selective accuracy the share of right answers among them
(El-Yaniv and Wiener 2010; Geifman and El-Yaniv 2017). A sample is answered if its confidence is greater than the
threshold.

**The bound** of a group's selective accuracy is Clopper and Pearson's (1934). With clusters it is that of Korn and
Graubard (1998): of as many independent samples as the variance over clusters is worth, which is fewer.

**The threshold** is chosen by Learn then Test (Angelopoulos, Bates, Candès, Jordan and Lei 2021) with a fixed sequence:
thresholds from the highest down, each tested for "in some group the accuracy is below the aim", and the sequence ends
at the first that is not rejected. So the probability that the chosen one breaks its promise in any tested group is at
most ``risk``. "In some group" is rejected where each group's is, at the full level (intersection-union: Berger 1982).
What begins the sequence is decided by the confidences alone, not by the answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from fer.fairness.cluster_errors import effective_clusters
from fer.fairness.clusters import linked_clusters
from fer.fairness.intervals import FEW_CLUSTERS
from fer.fairness.samples import same_length

# What is known of a group: a bound; for want of clusters its answers as they are; for want of samples, nothing.
BOUNDED, OBSERVED, TOO_FEW = "bounded", "observed", "too few"
# With fewer samples an observed accuracy says next to nothing.
FEWEST_SAMPLES = 30
_NEVER = 1.0
_STEPS = 100


@dataclass(frozen=True)
class SelectiveThreshold:
    """A chosen threshold.

    Attributes:
        value: 0..1; a sample is answered if its confidence is greater; 1 if no threshold keeps the promise.
        table: one row per group, indexed by ``attribute`` and ``group``: the columns of :func:`selective_accuracy`, and
            ``known``: :data:`BOUNDED`, :data:`OBSERVED` or :data:`TOO_FEW`.

    """

    value: float
    table: pd.DataFrame

    @property
    def never(self) -> bool:
        """Whether no sample is ever answered."""
        return self.value >= _NEVER


def risk_coverage(y_true: ArrayLike, y_pred: ArrayLike, *, confidence: ArrayLike) -> pd.DataFrame:
    """Return coverage and selective accuracy at each threshold that makes a difference, from the lowest.

    Args:
        y_true: (n,) labels or codes, n at least 1.
        y_pred: (n,) labels or codes.
        confidence: float (n,), 0..1, of each answer, such as the largest probability.

    Columns: ``threshold``, ``coverage`` and ``accuracy``, 0..1; the risk of the literature is 1 - accuracy. Thresholds
    above the second highest confidence answer nothing and have no row.

    Example:
        >>> risk_coverage([1, 0, 1, 1], [1, 0, 0, 1], confidence=[0.9, 0.6, 0.5, 0.7])
           threshold  coverage  accuracy
        0        0.0      1.00      0.75
        1        0.5      0.75      1.00
        2        0.6      0.50      1.00
        3        0.7      0.25      1.00

    """
    right, sure = _checked(y_true, y_pred, confidence)
    thresholds = np.concatenate([[0.0], np.unique(sure)[:-1]])
    thresholds = np.unique(thresholds[thresholds < sure.max()])
    order = np.argsort(sure, kind="stable")
    below = np.searchsorted(sure[order], thresholds, side="right")
    answered = len(sure) - below
    hits = np.append(np.cumsum(right[order][::-1])[::-1], 0)[below]
    return pd.DataFrame({"threshold": thresholds, "coverage": answered / len(sure), "accuracy": hits / answered})


def selective_accuracy(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    confidence: ArrayLike,
    threshold: float,
    sensitive_features: Mapping[str, ArrayLike],
    clusters: ArrayLike | None = None,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Return what a threshold does for each group.

    Args:
        y_true: (n,) labels or codes, n at least 1.
        y_pred: (n,) labels or codes.
        confidence: float (n,), 0..1, of each answer.
        threshold: 0..1.
        sensitive_features: by attribute, (n,) group names; a null is in no group.
        clusters: (n,) ids of clusters of dependent samples; None: all samples are independent.
        confidence_level: of the two-sided interval.

    Indexed by ``attribute`` and ``group``. Columns: ``samples``, ``clusters``, ``answered``: int; ``coverage``,
    ``accuracy``: 0..1; ``low``, ``high``: the interval of the accuracy. Accuracy is NaN where nothing is answered; the
    interval also with fewer than two effective clusters.

    Example:
        >>> race = {"race": ["a"] * 4 + ["b"] * 2}
        >>> data = {"confidence": [0.9, 0.8, 0.7, 0.3, 0.9, 0.2], "threshold": 0.5, "sensitive_features": race}
        >>> selective_accuracy([1, 1, 0, 0, 1, 1], [1, 1, 1, 1, 1, 0], **data).round(2)
                         samples  clusters  answered  coverage  accuracy   low  high
        attribute group
        race      a            4         4         3      0.75      0.67  0.09  0.99
                  b            2         2         1      0.50      1.00  0.03  1.00

    """
    right, sure = _checked(y_true, y_pred, confidence)
    ids = _cluster_ids(clusters, len(right))
    rows = {}
    for key, mask in _members(sensitive_features, len(right)).items():
        answered = mask & (sure > threshold)
        count = int(answered.sum())
        low, high = _interval(right[answered], ids[answered], (1 - confidence_level) / 2)
        rows[key] = {
            "samples": int(mask.sum()),
            "clusters": _units(ids[mask]),
            "answered": count,
            "coverage": count / mask.sum(),
            "accuracy": float(right[answered].mean()) if count else np.nan,
            "low": low,
            "high": high,
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    return table.set_axis(pd.MultiIndex.from_tuples(list(rows), names=["attribute", "group"]))


def selective_threshold(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    confidence: ArrayLike,
    sensitive_features: Mapping[str, ArrayLike],
    aim: float,
    clusters: ArrayLike | None = None,
    risk: float = 0.05,
) -> SelectiveThreshold:
    """Return the lowest threshold at which the answers are right often enough in every group.

    Args:
        y_true: (n,) labels or codes, n at least 1.
        y_pred: (n,) labels or codes.
        confidence: float (n,), 0..1, of each answer.
        sensitive_features: by attribute, (n,) group names; a null is in no group.
        clusters: (n,) ids of clusters of dependent samples; None: all samples are independent.
        aim: the accuracy, above 0 and below 1, that what is answered is to have in every group.
        risk: the largest probability, over draws of the samples, that the accuracy of a bounded group is below ``aim``.

    Groups are of three kinds. One with ten clusters or more, and so many that a group halfway between the aim and
    certainty would pass, is ``bounded``: its one-sided bound reaches the aim. One with fewer clusters and 30 samples or
    more is ``observed``: no bound can be had, and its accuracy as it is must reach the aim. One with still fewer is
    ``too few``: it is named, and asked nothing. Without a bounded group, and where no threshold serves, the
    value is 1: never answer.

    Raises ValueError for an aim or a risk out of range, and for arrays of different length.

    Example:
        >>> stream = np.random.default_rng(0)
        >>> sure, race = stream.random(4000), np.repeat(["black", "white"], 2000)
        >>> right = stream.random(4000) < 0.4 + 0.6 * sure  # The surer, the more often right.
        >>> chosen = selective_threshold(right, np.ones(4000, bool), confidence=sure, aim=0.8,
        ...     sensitive_features={"race": race})
        >>> chosen.value < 0.5, bool((chosen.table["low"] > 0.78).all()), chosen.table["known"].unique().tolist()
        (True, True, ['bounded'])

    """
    if not (0 < aim < 1 and 0 < risk < 1):
        raise ValueError(f"aim {aim} and risk {risk} must lie between 0 and 1")
    right, sure = _checked(y_true, y_pred, confidence)
    ids = _cluster_ids(clusters, len(right))
    members = _members(sensitive_features, len(right))
    least = _least_units(aim, risk)
    known = {key: _kind(ids[mask], least) for key, mask in members.items()}
    tested = [mask for key, mask in members.items() if known[key] == BOUNDED]
    observed = [mask for key, mask in members.items() if known[key] == OBSERVED]
    passed: list[float] = []
    for threshold in _sequence(sure) if tested else ():
        answered = [mask & (sure > threshold) for mask in tested]
        if not passed and min(_units(ids[mask]) for mask in answered) < least:
            continue
        if any(_interval(right[mask], ids[mask], risk)[0] < aim for mask in answered):
            break
        passed.append(threshold)
    serve = [one for one in passed if all(_reaches(right[mask & (sure > one)], aim) for mask in observed)]
    value = float(min(serve, default=_NEVER))
    table = selective_accuracy(
        y_true, y_pred, confidence=sure, threshold=value, sensitive_features=sensitive_features, clusters=clusters
    )
    return SelectiveThreshold(value, table.assign(known=[known[key] for key in table.index]))


def _checked(y_true: ArrayLike, y_pred: ArrayLike, confidence: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    true, predicted = np.asarray(y_true), np.asarray(y_pred)
    sure = np.asarray(confidence, dtype=float)
    same_length(y_true=len(true), y_pred=len(predicted), confidence=len(sure))
    if not len(sure) or not ((sure >= 0) & (sure <= 1)).all():
        raise ValueError("confidence must be numbers from 0 to 1, at least one")
    return np.asarray(true == predicted, dtype=bool), sure


def _cluster_ids(clusters: ArrayLike | None, count: int) -> np.ndarray:
    if clusters is None:
        return np.arange(count)
    ids = linked_clusters(clusters)
    same_length(y_true=count, clusters=len(ids))
    return ids


def _members(features: Mapping[str, ArrayLike], count: int) -> dict[tuple[str, str], np.ndarray]:
    """Return by attribute and group, both in order, bool (n,): which samples are of the group."""
    found = {}
    for attribute, values in features.items():
        column = pd.Series(np.asarray(values, dtype=object))
        same_length(y_true=count, **{attribute: len(column)})
        for group in sorted(column.dropna().unique(), key=str):
            found[attribute, str(group)] = (column == group).to_numpy()
    return found


def _kind(ids: np.ndarray, least: int) -> str:
    units = _units(ids)
    if units >= max(FEW_CLUSTERS, least):
        return BOUNDED
    return OBSERVED if len(ids) >= FEWEST_SAMPLES else TOO_FEW


def _units(ids: np.ndarray) -> int:
    """Return the number of clusters; ids are whole numbers from 0."""
    return int(np.count_nonzero(np.bincount(ids)))


def _reaches(right: np.ndarray, aim: float) -> bool:
    return bool(len(right)) and bool(right.mean() >= aim)


def _least_units(aim: float, risk: float) -> int:
    """Return how many independent samples a group halfway between the aim and certainty needs to pass."""
    halfway, count = (1 + aim) / 2, 1
    while _clopper_pearson(halfway * count, count, risk)[0] < aim:
        count += 1
    return count


def _sequence(sure: np.ndarray) -> np.ndarray:
    """Return thresholds from the highest down to 0: quantiles of the confidences."""
    quantiles = np.quantile(sure, np.arange(_STEPS) / _STEPS, method="inverted_cdf")
    return np.unique(np.append(quantiles, 0.0))[::-1]


def _interval(right: np.ndarray, ids: np.ndarray, tail: float) -> tuple[float, float]:
    """Return the bounds of a share, each missed with a probability of ``tail``; NaN where they cannot be had."""
    count = len(right)
    if not count:
        return np.nan, np.nan
    counts = np.bincount(ids)
    sizes, share = counts[counts > 0], right.mean()
    if len(sizes) == count:
        return _clopper_pearson(right.sum(), count, tail)
    parts = sizes / count
    degrees = float(effective_clusters(parts)) - 1
    if not degrees >= 1:
        return np.nan, np.nan
    # The bias-reduced variance over clusters of fer.fairness.cluster_errors.
    sums = np.bincount(ids, weights=right - share)[counts > 0]
    variance = float(((sums / count) ** 2 / (1 - 2 * parts + (parts**2).sum())).sum())
    units = min(share * (1 - share) / variance, count) if variance > 0 else degrees + 1
    units *= (stats.t.ppf(tail, count - 1) / stats.t.ppf(tail, degrees)) ** 2
    return _clopper_pearson(share * units, units, tail)


def _clopper_pearson(hits: float, count: float, tail: float) -> tuple[float, float]:
    """Return Clopper and Pearson's bounds of ``hits`` of ``count``, which need not be whole numbers."""
    low = float(stats.beta.ppf(tail, hits, count - hits + 1)) if hits > 0 else 0.0
    high = float(stats.beta.ppf(1 - tail, hits + 1, count - hits)) if hits < count else 1.0
    return low, high

"""Multi-class fairness: differences between groups in selection, true-positive and false-positive rates.

Each is the max over classes of (max - min over groups of a rate), one class against the rest; with two classes it is
Fairlearn's function of the same name. All are in 0..1, 0 is parity. A rate without samples is ignored, and so is a
class for which fewer than two groups have a rate; NaN if none is left.
"""

from collections.abc import Sequence
from typing import Any

from numpy.typing import ArrayLike

from fer.fairness.definitions import DIFFERENCES
from fer.fairness.groups import sums_by_group


def demographic_parity_difference(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sensitive_features: ArrayLike,
    labels: Sequence[Any] | None = None,
    sample_weight: ArrayLike | None = None,
) -> float:
    """Return max over classes of the range over groups of P(predicted = c | group), 0..1; 0 is parity.

    With two classes it is Fairlearn's function of that name (between groups). Between groups with different class
    shares it is large even for a model that is always correct. NaN with fewer than two groups.

    Args:
        y_true: (n,) labels or codes; only determines the classes.
        y_pred: (n,) labels or codes.
        sensitive_features: (n,) group names; a null is in no group.
        labels: see :func:`fer.fairness.point_metrics`.
        sample_weight: (n,) 0 or more; default 1 each.

    Raises ValueError as :func:`fer.fairness.point_metrics` does.

    Example:
        >>> y_true = ["sad", "sad", "fear", "fear", "sad", "fear", "sad", "fear"]
        >>> y_pred = ["sad", "fear", "fear", "fear", "sad", "sad", "sad", "sad"]
        >>> race = ["black", "black", "black", "black", "white", "white", "white", "white"]
        >>> demographic_parity_difference(y_true, y_pred, sensitive_features=race)
        0.75

    """
    return _difference("demographic_parity_difference", y_true, y_pred, sensitive_features, labels, sample_weight)


def equalized_odds_difference(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sensitive_features: ArrayLike,
    labels: Sequence[Any] | None = None,
    sample_weight: ArrayLike | None = None,
) -> float:
    """Return max over classes of the larger range over groups, of true- or of false-positive rates; 0..1, 0 is parity.

    With two classes it is Fairlearn's function of that name (between groups, worst case), except where a group has no
    samples of a class: Fairlearn counts its rate as 0, here it is ignored. NaN with fewer than two groups.

    Args:
        y_true: (n,) labels or codes.
        y_pred: (n,) labels or codes.
        sensitive_features: (n,) group names; a null is in no group.
        labels: see :func:`fer.fairness.point_metrics`.
        sample_weight: (n,) 0 or more; default 1 each.

    Raises ValueError as :func:`fer.fairness.point_metrics` does.

    Example:
        >>> y_true = ["sad", "sad", "fear", "fear", "sad", "fear", "sad", "fear"]
        >>> y_pred = ["sad", "fear", "fear", "fear", "sad", "sad", "sad", "sad"]
        >>> race = ["black", "black", "black", "black", "white", "white", "white", "white"]
        >>> equalized_odds_difference(y_true, y_pred, sensitive_features=race)
        1.0

    """
    return _difference("equalized_odds_difference", y_true, y_pred, sensitive_features, labels, sample_weight)


def recall_difference(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sensitive_features: ArrayLike,
    labels: Sequence[Any] | None = None,
    sample_weight: ArrayLike | None = None,
) -> float:
    """Return max over classes of the range over groups of P(predicted = c | true = c, group), 0..1; 0 is parity.

    The true-positive part of :func:`equalized_odds_difference`: for each class,
    Fairlearn's ``equal_opportunity_difference`` of that class against the rest. NaN with fewer than two groups that
    have a class in common.

    Args:
        y_true: (n,) labels or codes.
        y_pred: (n,) labels or codes.
        sensitive_features: (n,) group names; a null is in no group.
        labels: see :func:`fer.fairness.point_metrics`.
        sample_weight: (n,) 0 or more; default 1 each.

    Raises ValueError as :func:`fer.fairness.point_metrics` does.

    Example:
        >>> y_true = ["sad", "sad", "fear", "fear", "sad", "fear", "sad", "fear"]
        >>> y_pred = ["sad", "fear", "fear", "fear", "sad", "sad", "sad", "sad"]
        >>> race = ["black", "black", "black", "black", "white", "white", "white", "white"]
        >>> recall_difference(y_true, y_pred, sensitive_features=race)
        1.0

    """
    return _difference("recall_difference", y_true, y_pred, sensitive_features, labels, sample_weight)


def _difference(
    name: str,
    y_true: ArrayLike,
    y_pred: ArrayLike,
    sensitive_features: ArrayLike,
    labels: Sequence[Any] | None,
    sample_weight: ArrayLike | None,
) -> float:
    sums, _ = sums_by_group(y_true, y_pred, sensitive_features, labels=labels, sample_weight=sample_weight)
    return float(DIFFERENCES[name].value(sums.where(sums.count > 0)))

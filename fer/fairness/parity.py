"""Multi-class fairness: how far groups differ in what is predicted, and in right and false alarms.

Each is max over classes of (max - min over groups of a rate), a class against the rest; of two classes it is
Fairlearn's function of the same name. All are in 0..1, 0 is parity. A rate without a sample is NaN and takes no part; a
class for which fewer than two groups have a rate takes no part; NaN if none is left.
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
    """Return max over classes of the range over groups of P(predicted = c | group)."""
    return _difference("demographic_parity_difference", y_true, y_pred, sensitive_features, labels, sample_weight)


def equalized_odds_difference(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sensitive_features: ArrayLike,
    labels: Sequence[Any] | None = None,
    sample_weight: ArrayLike | None = None,
) -> float:
    """Return max over classes of the larger of the range of true-positive and of false-positive rates over groups."""
    return _difference("equalized_odds_difference", y_true, y_pred, sensitive_features, labels, sample_weight)


def recall_difference(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sensitive_features: ArrayLike,
    labels: Sequence[Any] | None = None,
    sample_weight: ArrayLike | None = None,
) -> float:
    """Return max over classes of the range over groups of P(predicted = c | true = c, group)."""
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

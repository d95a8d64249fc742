"""Point metrics of one set of predictions, each with its direction.

All take ``y_true`` and ``y_pred``, int ``(n,)`` class numbers, and ``proba``, float ``(n, k)``, rows summing
to 1. Without a sample every metric is NaN: never 0.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, f1_score, log_loss

Direction = Literal["up", "down"]
Metric = Callable[[np.ndarray, np.ndarray, np.ndarray], float]

CALIBRATION_BINS = 15


def accuracy(y_true: np.ndarray, y_pred: np.ndarray, proba: np.ndarray) -> float:
    """Share of samples predicted right, 0..1."""
    return float(accuracy_score(y_true, y_pred))


def f1_weighted(y_true: np.ndarray, y_pred: np.ndarray, proba: np.ndarray) -> float:
    """F1 a class, averaged with the true class counts as weights, 0..1 (the studies' "F1")."""
    return float(f1_score(y_true, y_pred, average="weighted", zero_division=0.0))


def f1_macro(y_true: np.ndarray, y_pred: np.ndarray, proba: np.ndarray) -> float:
    """F1 a class, averaged over the classes that occur in ``y_true``, 0..1.

    Over the occurring classes only: a class without a sample has no F1 and takes no part.
    """
    return float(f1_score(y_true, y_pred, labels=np.unique(y_true), average="macro", zero_division=0.0))


def cross_entropy(y_true: np.ndarray, y_pred: np.ndarray, proba: np.ndarray) -> float:
    """Mean negative natural log of the true class's probability (the studies' "loss"), 0 and up."""
    return float(log_loss(y_true, proba, labels=np.arange(proba.shape[1])))


def brier_score(y_true: np.ndarray, y_pred: np.ndarray, proba: np.ndarray) -> float:
    """Mean squared distance of the probabilities from the true class's unit vector, 0..2 (Brier 1950)."""
    truth = np.eye(proba.shape[1])[y_true]
    return float(np.mean(np.sum((proba - truth) ** 2, axis=1)))


def calibration_error(y_true: np.ndarray, y_pred: np.ndarray, proba: np.ndarray) -> float:
    """Expected calibration error, 0..1: |accuracy - mean top probability| over 15 equal-width bins.

    Guo et al. 2017. Biased upwards where n is small: compare groups by
    :func:`fer.fairness.groups.calibration_error_at_equal_size`.
    """
    top = proba.max(axis=1)
    bins = calibration_bins(top)
    right = (y_true == y_pred).astype(float)
    difference = np.bincount(bins, weights=right - top, minlength=CALIBRATION_BINS)
    return float(np.abs(difference).sum() / len(top))


def calibration_bins(top: np.ndarray, bins: int = CALIBRATION_BINS) -> np.ndarray:
    """Return int (n,), 0 to bins - 1: the bin of each top probability, closed above, equal in width."""
    return np.clip(np.ceil(top * bins).astype(int) - 1, 0, bins - 1)


METRICS: dict[str, Metric] = {
    "accuracy": accuracy,
    "f1_weighted": f1_weighted,
    "f1_macro": f1_macro,
    "loss": cross_entropy,
    "brier": brier_score,
    "calibration_error": calibration_error,
}

DIRECTIONS: dict[str, Direction] = {
    "accuracy": "up",
    "f1_weighted": "up",
    "f1_macro": "up",
    "loss": "down",
    "brier": "down",
    "calibration_error": "down",
    "recall": "up",
    "standardised_accuracy": "up",
    "calibration_error_equal_size": "down",
    "std": "down",
    "gap": "down",
    "ratio": "up",
    "demographic_parity_difference": "down",
    "equalized_odds_difference": "down",
    "recall_difference": "down",
}


def direction_of(metric: str) -> Direction:
    """Return whether a metric is better ``up`` or ``down``.

    Takes a plain name (``accuracy``), one over groups (``accuracy_std``; ``accuracy_min`` keeps the
    metric's own direction) and the server's form (``test/race/accuracy_std``, ``test/race/accuracy/black``).
    Raises ValueError for a name whose direction is not declared: code that ranks must not guess.
    """
    parts = [part for part in metric.split("/") if part]
    for part in reversed(parts):
        if part in DIRECTIONS:
            return DIRECTIONS[part]
        stem, _, over = part.rpartition("_")
        if stem in METRICS and over in ("std", "gap", "ratio"):
            return DIRECTIONS[over]
        if stem in METRICS and over in ("min", "max"):
            return DIRECTIONS[stem]
    known = ", ".join(DIRECTIONS)
    raise ValueError(f"metric {metric!r} has no declared direction; declare one in DIRECTIONS (known: {known}).")


def point_metrics(y_true: np.ndarray, y_pred: np.ndarray, proba: np.ndarray) -> pd.Series:
    """Return every metric of :data:`METRICS`, float, indexed by name; all NaN without a sample."""
    if len(y_true) == 0:
        return pd.Series(np.nan, index=list(METRICS))
    return pd.Series({name: metric(y_true, y_pred, proba) for name, metric in METRICS.items()})

"""Multi-class fairness: how far groups differ in what is predicted, and in right and false alarms.

Each is max over classes of (max - min over groups of a rate): Fairlearn's definitions for two classes,
taken one class against the rest. All are in 0..1, 0 is parity. A rate without a sample is NaN and takes no
part; a class for which fewer than two groups have a rate takes no part; NaN if none is left.
"""

import numpy as np
import pandas as pd


def demographic_parity_difference(y_pred: np.ndarray, group: np.ndarray | pd.Series, classes: int) -> float:
    """Max over classes of the range over groups of P(predicted = c | group)."""
    return _widest(_rates(y_pred, np.ones((len(y_pred), classes), bool), group, classes))


def recall_difference(y_true: np.ndarray, y_pred: np.ndarray, group: np.ndarray | pd.Series, classes: int) -> float:
    """Max over classes of the range over groups of P(predicted = c | true = c, group)."""
    truth = np.eye(classes, dtype=bool)[y_true]
    return _widest(_rates(y_pred, truth, group, classes))


def equalized_odds_difference(
    y_true: np.ndarray, y_pred: np.ndarray, group: np.ndarray | pd.Series, classes: int
) -> float:
    """Max over classes of the larger of the range of true-positive and of false-positive rates over groups."""
    truth = np.eye(classes, dtype=bool)[y_true]
    true_positive = _widest(_rates(y_pred, truth, group, classes))
    false_positive = _widest(_rates(y_pred, ~truth, group, classes))
    return float(np.fmax(true_positive, false_positive))


def _rates(y_pred: np.ndarray, taken: np.ndarray, group: np.ndarray | pd.Series, classes: int) -> pd.DataFrame:
    """P(predicted = c | taken for c, group): groups x classes; ``taken`` is bool (n, classes)."""
    names = pd.Series(group).reset_index(drop=True)
    predicted = np.eye(classes, dtype=bool)[y_pred]
    hits = pd.DataFrame(predicted & taken).groupby(names).sum()
    base = pd.DataFrame(taken).groupby(names).sum()
    return hits / base.where(base > 0)


def _widest(rates: pd.DataFrame) -> float:
    ranges = (rates.max() - rates.min())[rates.notna().sum() >= 2]
    return float(ranges.max()) if len(ranges) else float("nan")

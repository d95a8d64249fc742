"""What sums up groups, for many replicates at once: as groups.over_groups and parity, on the last axes."""

import numpy as np

from fer.fairness.groups import PERCENT
from fer.fairness.sums import class_sums

SUMMED = ("accuracy", "f1_weighted")
RATES = ("demographic_parity_difference", "equalized_odds_difference", "recall_difference")
SUMMARIES = (*(f"{metric}_{over}" for metric in SUMMED for over in ("std", "min", "gap", "ratio")), *RATES)


def summaries_of(totals: np.ndarray, values: np.ndarray, classes: int) -> np.ndarray:
    """Return float (..., summaries) in the order of ``SUMMARIES``.

    Args:
        totals: (..., groups, columns), only groups that the data have samples of.
        values: (..., groups, metrics) of the same groups; accuracy and weighted F1 come first.
        classes: number of classes.

    A replicate from which one of these groups has vanished is NaN in all: the summary of the rest is of another
    set of groups. A class that has vanished takes no part.

    """
    parts = [part for at in range(len(SUMMED)) for part in spread(values[..., at])]
    counts = class_sums(totals, classes)
    base = totals[..., [0]]
    with np.errstate(invalid="ignore", divide="ignore"):
        predicted = counts.predicted / base
        true_positive = counts.hit / counts.true
        false_positive = (counts.predicted - counts.hit) / (base - counts.true)
    parity, recall, alarms = (_widest(rates) for rates in (predicted, true_positive, false_positive))
    result = np.stack([*parts, parity, np.fmax(recall, alarms), recall], axis=-1)
    complete = np.all(base > 0, axis=(-2, -1))
    return np.where(np.expand_dims(complete, -1), result, np.nan)


def spread(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return std (n-1, x100), min, gap and ratio over the last axis, (..., groups); NaN anywhere gives NaN."""
    if values.shape[-1] == 0:
        nothing = np.full(values.shape[:-1], np.nan)
        return nothing, nothing, nothing, nothing
    low, high = values.min(axis=-1), values.max(axis=-1)
    if values.shape[-1] < 2:
        nothing = np.full_like(low, np.nan)
        return nothing, low, nothing, nothing
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(high == 0, np.nan, low / high)
    return values.std(axis=-1, ddof=1) * PERCENT, low, high - low, ratio


def _widest(rates: np.ndarray) -> np.ndarray:
    """Max over classes of the range over groups; ``rates`` (..., groups, classes), NaN takes no part."""
    if rates.shape[-2] == 0:
        return np.full(rates.shape[:-2], np.nan)
    known = ~np.isnan(rates)
    ranges = np.where(known, rates, -np.inf).max(axis=-2) - np.where(known, rates, np.inf).min(axis=-2)
    widest = np.where(known.sum(axis=-2) >= 2, ranges, -np.inf).max(axis=-1)
    return np.where(np.isfinite(widest), widest, np.nan)

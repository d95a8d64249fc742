"""Intervals and tests of weighted sums of shares, such as the paired difference of two models' accuracy.

Each share has Wilson's score limits, at the quantile of t of the whole sum, see :mod:`fer.fairness.score_intervals`.
The limits of the sum are those of MOVER for correlated shares (Zou and Donner 2008; Zou 2008): its distance from the
estimate is sqrt(s' R s), with s the weighted distances of the shares' limits on that side and R the correlation of the
shares. Two models on the same clusters are highly correlated, so that their difference is much more precise than
either. Near 50 %, Wilson's limits are nearer than those of t, as an accuracy varies less away from there; a difference
of two correlated shares does not, so that the distance is at least that of t. The variance over seeds is added to the
square of the distance. The p-value is that at which the interval ends at 0: it is below 5 % exactly where the 95 %
interval does not contain 0.
"""

from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats

from fer.fairness.combined import ROUNDING, Combined, Part, satterthwaite
from fer.fairness.joint_errors import JointErrors
from fer.fairness.score_intervals import wilson_limits

_STEPS = 128


def share_contrast(errors: JointErrors, weights: np.ndarray, level: float, further: Sequence[Part] = ()) -> Combined:
    """Return the interval and the p-value of a weighted sum of shares.

    Where no cluster varies and no seed, each cluster counts as one sample. If the sum is also 0, as that of a model and
    itself, there is no interval, and p is 1.

    Args:
        errors: of the shares, 0..1.
        weights: float (models, names), such as -1 for one model and 1 for the other.
        level: of the interval, such as 0.95.
        further: variances of other sources, such as seeds.

    """
    estimate, own = float((weights * errors.estimate)[weights != 0].sum()), errors.part(weights)
    other = sum(part.variance for part in further)
    total = own.variance + other
    if np.isnan(estimate) or not np.isfinite(total):
        return Combined(np.nan, np.nan, np.nan)
    varies = total > ROUNDING**2
    if not varies and abs(estimate) <= ROUNDING:
        return Combined(np.nan, np.nan, 1.0)
    names = (weights != 0).any(axis=0)
    degrees = satterthwaite([own, *further]) if varies else float(errors.degrees[names].min())
    distances = _Distances(errors, weights) if own.variance > ROUNDING**2 or not varies else None

    def limits(quantile: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        below, above = (0.0, 0.0) if distances is None else distances.at(quantile)
        least, seeds = quantile**2 * own.variance, quantile**2 * other
        return estimate - np.sqrt(np.maximum(below, least) + seeds), estimate + np.sqrt(
            np.maximum(above, least) + seeds
        )

    # Not at the quantile alone: with few clusters, highly correlated shares come closer again at large quantiles.
    low, high = limits(float(stats.t.ppf((1 + level) / 2, degrees)) * np.linspace(0, 1, _STEPS))
    return Combined(float(low.min()), float(high.max()), _p_value(estimate, limits, degrees))


class _Distances:
    """Squared distances of a sum's limits from its estimate, without the variance of other sources."""

    def __init__(self, errors: JointErrors, weights: np.ndarray) -> None:
        there = np.flatnonzero(weights.ravel() != 0)
        names = there % weights.shape[1]
        self.weights = weights.ravel()[there]
        self.share = np.clip(errors.estimate.ravel()[there], 0.0, 1.0)
        covariance = errors.covariance.reshape(weights.size, weights.size)[np.ix_(there, there)]
        variance = np.diagonal(covariance)
        varies, both = variance > ROUNDING**2, np.sqrt(np.outer(variance, variance))
        with np.errstate(invalid="ignore", divide="ignore"):
            size = np.minimum(self.share * (1 - self.share) / variance, errors.samples[names])
            correlation = np.where(both > ROUNDING**2, np.clip(covariance / both, -1.0, 1.0), 0.0)
        self.size = np.where(varies & (size > 0), size, errors.degrees[names] + 1)
        self.correlation = np.where(np.eye(len(there), dtype=bool), 1.0, correlation)

    def at(self, quantile: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the distances of the lower and of the upper limit at each quantile, float (quantiles,)."""
        low, high = wilson_limits(self.share, self.size, quantile[:, None])
        below, above = self.weights * (self.share - low), self.weights * (high - self.share)
        up = self.weights > 0
        sides = np.where(up, below, above), np.where(up, above, below)
        first, second = (np.maximum(((side @ self.correlation) * side).sum(axis=1), 0.0) for side in sides)
        return first, second


def _p_value(estimate: float, limits: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]], degrees: float) -> float:
    """Return the two-sided p-value of the least quantile at which the interval reaches 0."""
    if estimate == 0:
        return 1.0
    least, most = -20.0, 20.0
    # Each round narrows the quantile's logarithm to less than a hundredth.
    for _ in range(6):
        tried = np.linspace(least, most, _STEPS)
        low, high = limits(np.exp(tried))
        reached = low <= 0 if estimate > 0 else high >= 0
        first = int(reached.argmax()) if reached.any() else _STEPS - 1
        least, most = tried[max(first - 1, 0)], tried[first]
    return float(2 * stats.t.sf(np.exp(least), degrees))

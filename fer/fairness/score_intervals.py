"""Intervals and tests of shares of groups over clusters, and of their differences, that hold near 0 and 1.

**A share** p of a group: Wilson's score interval (1927) of as many independent samples as the cluster variance is
worth, p (1 - p) / variance, with Student's t for the normal quantile (Kott and Carr 1997; Dean and Pagano 2015; Franco
et al. 2019). The variance is that at the bound and not that at the estimate: all right on five clips is no certainty.
Where clusters do not vary, each counts as one sample.

**A difference** of two shares: the two groups' intervals combined (MOVER, the method of variance estimates recovery:
Newcombe 1998; Zou and Donner 2008; with their correlation, where groups share clusters: Zou 2008), both at the same
quantile of t, with Welch's degrees of freedom for the difference. **Its p-value** is that at which the interval ends
at 0: it is below 5 % exactly where the 95 % interval does not contain 0.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from fer.fairness.cluster_errors import ClusterErrors, pooled_degrees
from fer.fairness.combined import ROUNDING

# Quantile at which variances are compared for their degrees of freedom, that of Agresti and Coull (1998): plus two
# right and two wrong, so that a group without variation has a variance.
_PSEUDO_SAMPLES = 4.0
_STEPS = 16


@dataclass(frozen=True)
class Shares:
    """Shares of groups with their precision. The last axes are the groups; those before, any values, such as classes.

    Attributes:
        estimate: float (..., groups), 0..1.
        size: float (..., groups), the number of independent samples of the same variance; NaN where it is unknown.
        degrees: float (..., groups), of freedom of the variance.
        correlation: float (..., groups, groups), of the estimates.
        overlap: float (..., groups, groups), see :class:`fer.fairness.cluster_errors.ClusterErrors`.

    """

    estimate: np.ndarray
    size: np.ndarray
    degrees: np.ndarray
    correlation: np.ndarray
    overlap: np.ndarray

    @classmethod
    def of(cls, estimate: np.ndarray, errors: ClusterErrors) -> "Shares":
        """Return the shares of float (values, groups) with the precision of the same values and groups."""
        # A weighted mean of ones may exceed 1 by rounding.
        estimate, variance = np.clip(estimate, 0.0, 1.0), errors.variance
        with np.errstate(invalid="ignore", divide="ignore"):
            varies = variance > ROUNDING**2
            size = np.where(varies, np.minimum(estimate * (1 - estimate) / variance, errors.samples), errors.effective)
            both = np.sqrt(variance[..., :, None] * variance[..., None, :])
            correlation = np.where(both > ROUNDING**2, np.clip(errors.covariance / both, -1.0, 1.0), 0.0)
        correlation = np.where(np.eye(correlation.shape[-1], dtype=bool), 1.0, correlation)
        # A mean of recalls near 0 or 1 may vary by rounding alone.
        size = np.where(size > 0, size, errors.effective)
        return cls(estimate, np.where(np.isnan(variance), np.nan, size), errors.degrees, correlation, errors.overlap)

    def limits(self, quantile: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        """Return Wilson's limits of each share at a quantile that may vary with the group, float (..., groups) each."""
        return wilson_limits(self.estimate, self.size, quantile)

    @property
    def smoothed_variance(self) -> np.ndarray:
        """Variance with two right and two wrong samples added (Agresti and Coull 1998), float (..., groups)."""
        size = self.size + _PSEUDO_SAMPLES
        share = (self.estimate * self.size + _PSEUDO_SAMPLES / 2) / size
        return share * (1 - share) / size

    def pair_degrees(self) -> np.ndarray:
        """Return the degrees of freedom of the difference of every two groups, float (..., groups, groups)."""
        return pair_degrees(self.smoothed_variance, self.degrees, self.overlap)

    def pair_error(self) -> np.ndarray:
        """Return the standard error of every difference, of the smoothed variances, float (..., groups, groups)."""
        error = np.sqrt(self.smoothed_variance)
        return _side(error[..., :, None], error[..., None, :], self.correlation)

    def pair_limits(self, quantile: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        """Return the limits of every difference, first group minus second, float (..., groups, groups) each.

        ``quantile``: of t, one number or (..., groups, groups). The limits are the widest up to that quantile: highly
        correlated shares of few clusters come closer again at large ones.
        """
        if not self._correlated:
            return self._pair_limits_at(quantile)
        ends = [self._pair_limits_at(quantile * part) for part in np.linspace(1 / _STEPS, 1, _STEPS)]
        return np.min([low for low, _ in ends], axis=0), np.max([high for _, high in ends], axis=0)

    @property
    def _correlated(self) -> bool:
        return bool((self.correlation[..., ~np.eye(self.correlation.shape[-1], dtype=bool)] > 0).any())

    def _pair_limits_at(self, quantile: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        first, second = self.estimate[..., :, None], self.estimate[..., None, :]
        low, high = wilson_limits(first, self.size[..., :, None], quantile)
        other_low, other_high = wilson_limits(second, self.size[..., None, :], quantile)
        below = _side(first - low, other_high - second, self.correlation)
        above = _side(high - first, second - other_low, self.correlation)
        return first - second - below, first - second + above

    def pair_p(self) -> np.ndarray:
        """Return the two-sided p-value of every difference, float (..., groups, groups): where an end reaches 0."""
        apart = self.estimate[..., :, None] - self.estimate[..., None, :]

        def outside(logarithm: np.ndarray | float) -> np.ndarray:
            low, high = self._pair_limits_at(np.exp(logarithm))
            return np.where(apart > 0, low > 0, high < 0)

        # The least quantile at which the end is reached: first a bracket of its logarithm, then bisection.
        least, most = np.full(apart.shape, -20.0), np.full(apart.shape, 20.0)
        still = np.ones(apart.shape, dtype=bool)
        for tried in np.linspace(-4.0, 6.0, 4 * _STEPS) if self._correlated else ():
            beyond = outside(tried)
            most = np.where(still & ~beyond, tried, most)
            still &= beyond
            least = np.where(still, tried, least)
        for _ in range(60):
            middle = (least + most) / 2
            beyond = outside(middle)
            least, most = np.where(beyond, middle, least), np.where(beyond, most, middle)
        degrees = self.pair_degrees()
        p = np.where(apart == 0, 1.0, 2 * stats.t.sf(np.exp(least), degrees))
        return np.where(np.isnan(self._pair_limits_at(1.0)[0]) | np.isnan(degrees), np.nan, p)


def wilson_limits(share: np.ndarray, size: np.ndarray, quantile: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
    """Return Wilson's score limits of a share of ``size`` samples, within 0..1."""
    squared = np.asarray(quantile, dtype=float) ** 2
    centre = (share * size + squared / 2) / (size + squared)
    reach = np.sqrt(squared * (size * share * (1 - share) + squared / 4)) / (size + squared)
    # Of a share of 1 the upper limit is 1, up to rounding.
    return np.minimum(np.clip(centre - reach, 0.0, 1.0), share), np.maximum(np.clip(centre + reach, 0.0, 1.0), share)


def pair_degrees(variances: np.ndarray, degrees: np.ndarray, overlap: np.ndarray) -> np.ndarray:
    """Return :func:`pooled_degrees` of every two groups, float (..., groups, groups)."""
    both = np.stack(np.broadcast_arrays(variances[..., :, None], variances[..., None, :]), axis=-1)
    freedom = np.stack(np.broadcast_arrays(degrees[..., :, None], degrees[..., None, :]), axis=-1)
    shared = np.ones((*overlap.shape, 2, 2))
    shared[..., 0, 1] = shared[..., 1, 0] = overlap
    return pooled_degrees(both, freedom, shared)


def _side(first: np.ndarray, second: np.ndarray, correlation: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(first**2 + second**2 - 2 * correlation * first * second, 0.0))

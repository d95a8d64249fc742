"""Differences of every two values with their limits at any quantile of t, and tests by inversion of these limits."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from fer.fairness.cluster_errors import ClusterErrors, t_quantile
from fer.fairness.combined import ROUNDING
from fer.fairness.definitions import Metric
from fer.fairness.score_intervals import Shares, pair_degrees

# Of the logarithm of a quantile, for bisection: the reach of an interval grows with its quantile.
_LOGARITHMS = (-20.0, 20.0)
_HALVINGS = 60


@dataclass(frozen=True)
class PairDifferences:
    """Differences of every two of several values, first minus second, float (names, names) each; NaN where unknown.

    Attributes:
        apart: the differences.
        error: standard errors; of shares, of their smoothed variances.
        degrees: of freedom.
        limits: from a quantile of t, one number or (names, names), to the lower and the upper limits.

    """

    apart: np.ndarray
    error: np.ndarray
    degrees: np.ndarray
    limits: Callable[[np.ndarray | float], tuple[np.ndarray, np.ndarray]]

    @classmethod
    def of(cls, estimate: np.ndarray, errors: ClusterErrors, definition: Metric) -> "PairDifferences":
        """Return those of one metric, as :func:`fer.fairness.difference_intervals` has them.

        ``estimate``: float (names,); ``errors``: of one value, the metric.
        """
        if definition.proportion:
            return cls.of_shares(Shares.of(estimate[None], errors))
        variance, apart = errors.variance[0], estimate[:, None] - estimate[None, :]
        error = np.sqrt(np.maximum(variance[:, None] + variance[None, :] - 2 * errors.covariance[0], 0.0))
        degrees = pair_degrees(variance, errors.degrees[0], errors.overlap[0])
        most = definition.bounds[1] - definition.bounds[0]

        def limits(quantile: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
            return np.maximum(apart - quantile * error, -most), np.minimum(apart + quantile * error, most)

        return cls(apart, error, np.where(error > ROUNDING, degrees, np.nan), limits)

    @classmethod
    def of_shares(
        cls, shares: Shares, seeds: np.ndarray | None = None, seed_degrees: np.ndarray | None = None
    ) -> "PairDifferences":
        """Return those of shares (1, names); ``seeds`` and ``seed_degrees``: further variances and their freedom.

        The two are float (names,), of the mean over the seeds of each value, independent of the clusters. Their sum is
        added to the squared distance between estimate and limit that the clusters make.
        """
        estimate, error, degrees = shares.estimate[0], shares.pair_error()[0], shares.pair_degrees()[0]
        apart = estimate[:, None] - estimate[None, :]
        if seeds is None or seed_degrees is None:
            return cls(apart, error, degrees, lambda quantile: _first(shares.pair_limits(quantile)))
        further, squares = seeds[:, None] + seeds[None, :], seeds**2 / seed_degrees
        with np.errstate(invalid="ignore", divide="ignore"):
            total = (error**2 + further) ** 2
            degrees = total / (error**4 / degrees + squares[:, None] + squares[None, :])

        def limits(quantile: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
            low, high = _first(shares.pair_limits(quantile))
            added = np.square(quantile) * further
            low, high = apart - np.sqrt((apart - low) ** 2 + added), apart + np.sqrt((high - apart) ** 2 + added)
            return np.maximum(low, -1.0), np.minimum(high, 1.0)

        return cls(apart, np.sqrt(error**2 + further), degrees, limits)

    def interval(self, confidence_level: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the two-sided interval."""
        return self.limits(t_quantile(confidence_level, self.degrees))

    def p_above(self, bound: float | np.ndarray) -> np.ndarray:
        """Return the one-sided p-value of "the difference is at most ``bound``", by inversion of the limits.

        It is at most 0.05 exactly where the lower end of the 90 % interval is not below ``bound``.
        """
        tail = self._tail(bound)
        return np.where(self.apart > bound, tail, np.where(self.apart == bound, 0.5, 1 - tail))

    def p_different(self) -> np.ndarray:
        """Return the two-sided p-value of "there is no difference": below 0.05 where the 95 % interval excludes 0."""
        tail = self._tail(0.0)
        return np.where((self.apart == 0) & ~np.isnan(tail), 1.0, 2 * tail)

    def _tail(self, bound: float | np.ndarray) -> np.ndarray:
        """Return the tail probability of the quantile at which a limit reaches ``bound``."""
        least, most = (np.full(self.apart.shape, end) for end in _LOGARITHMS)
        for _ in range(_HALVINGS):
            middle = (least + most) / 2
            low, high = self.limits(np.exp(middle))
            outside = np.where(self.apart > bound, low > bound, high < bound)
            least, most = np.where(outside, middle, least), np.where(outside, most, middle)
        tail = stats.t.sf(np.exp(least), self.degrees)
        return np.where(np.isnan(low) | np.isnan(self.degrees), np.nan, tail)


def _first(ends: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    return ends[0][0], ends[1][0]

"""The distribution of the largest of several correlated t statistics, for simultaneous intervals and p-values.

A family of comparisons is tested at once by its largest studentised difference (max-t: Hothorn, Bretz and Westfall
2008). Under no difference the statistics are multivariate t with the correlation of the estimates, here over
clusters; each comparison has its own degrees of freedom (Hasler and Hothorn 2008). The largest of the normal variables
is drawn (quasi-Monte Carlo, the same draws for all), and the chi-square part is integrated exactly.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

# A power of two, for Sobol points. Their maxima are summed up in classes that are smaller where they are rarer.
_DRAWS, _CLASSES = 2**14, 256
# A probability of fewer draws than these is too rough; Bonferroni's bound is used instead.
_FEWEST = 40
# Relative, of a quantile; and how much wider than its bracket it is searched for.
_PRECISION, _MARGIN = 1e-9, 1e-6
# Of more degrees of freedom than these, the quantile is first bracketed by those of so many.
_GRID = 50


@dataclass(frozen=True)
class MaxT:
    """The largest of ``comparisons`` absolute t statistics.

    ``squares`` and ``weights``: float (classes,), of the largest absolute normal variable the square, and how probable
    it is.
    """

    squares: np.ndarray
    weights: np.ndarray
    comparisons: int

    @classmethod
    def of(cls, largest: np.ndarray, comparisons: int) -> "MaxT":
        """Return the distribution of drawn largest absolute normal variables, (draws,), of so many comparisons."""
        found, draws = np.sort(largest) ** 2, len(largest)
        ranks = np.concatenate([np.geomspace(1, draws, _CLASSES), np.linspace(1, draws, _CLASSES)])
        starts = np.unique(draws - ranks.astype(int))
        sizes = np.diff([*starts, draws])
        return cls(np.add.reduceat(found, starts) / sizes, sizes / draws, comparisons)

    def p(self, quantile: np.ndarray, degrees: np.ndarray) -> np.ndarray:
        """Return the probability that the largest exceeds ``quantile``, for each (quantile, degrees); NaN stays NaN."""
        quantile, degrees = np.broadcast_arrays(np.asarray(quantile, float), np.asarray(degrees, float))
        p = np.full(quantile.shape, np.nan)
        known = np.isfinite(quantile) & ~np.isnan(degrees)
        squares, freedom = quantile[known] ** 2, degrees[known]
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled = freedom[:, None] * self.squares / squares[:, None]
        scaled = np.where(squares[:, None] > 0, scaled, np.inf)
        found = special.gammainc(freedom[:, None] / 2, scaled / 2) @ self.weights
        bonferroni = np.minimum(self.comparisons * 2 * stats.t.sf(quantile[known], freedom), 1.0)
        p[known] = np.where(found < _FEWEST / _DRAWS, bonferroni, np.minimum(found, bonferroni))
        return p

    def quantile(self, level: float, degrees: np.ndarray) -> np.ndarray:
        """Return the quantile that the largest exceeds with probability 1 - ``level``, for each number of degrees."""
        each, place = np.unique(degrees, return_inverse=True)
        least, most = np.full(each.shape, 1e-3), np.full(each.shape, 1e6)
        if len(each) > _GRID:
            grid = 1 / np.linspace(1 / each[0], 1 / each[-1], _GRID)
            grid[[0, -1]] = each[[0, -1]]
            # Quantiles fall with the degrees of freedom.
            known, above = self.quantile(level, grid), np.searchsorted(grid, each)
            least, most = known[above] * (1 - _MARGIN), known[np.maximum(above - 1, 0)] * (1 + _MARGIN)
        while np.any(most > least * (1 + _PRECISION)):
            # Geometric, as few degrees of freedom have quantiles of all sizes.
            middle = np.sqrt(least * most)
            beyond = self.p(middle, each) <= 1 - level
            least, most = np.where(beyond, least, middle), np.where(beyond, middle, most)
        return most[place].reshape(np.shape(degrees))


def normal_draws(covariance: np.ndarray, random_state: int) -> np.ndarray:
    """Return normal variables of this covariance (names, names), float (16384, names), by quasi-Monte Carlo.

    Negative eigenvalues, which a covariance over crossed clusters can have, count as 0.
    """
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    # Directions without variance need no draws.
    root = root[:, values > values.max() * 1e-12]
    points = stats.qmc.Sobol(root.shape[1], rng=random_state).random(_DRAWS)
    return special.ndtri(np.clip(points, 1e-12, 1 - 1e-12)) @ root.T


@dataclass(frozen=True)
class DifferenceFamily:
    """Differences of several pairs of names that are tested together.

    ``draws``: float (draws, names) of :func:`normal_draws`; ``first`` and ``second``: int (comparisons,), the names of
    each; ``error``: float (comparisons,), their standard errors under the draws' covariance.
    """

    draws: np.ndarray
    first: np.ndarray
    second: np.ndarray
    error: np.ndarray

    def single_step(self) -> MaxT:
        """Return the distribution of the largest of all."""
        largest = np.zeros(len(self.draws))
        for at in range(len(self.first)):
            largest = np.maximum(largest, self._statistic(at))
        return MaxT.of(largest, len(self.first))

    def step_down(self, p: np.ndarray, degrees: np.ndarray) -> np.ndarray:
        """Return the p-values corrected in steps, each for those that are not smaller (Westfall and Young 1993).

        ``p``: two-sided, of each comparison alone; ``degrees``: of freedom. It is Holm's procedure with the
        distribution of the largest in place of Bonferroni's bound.
        """
        quantile, corrected = stats.t.isf(p / 2, degrees), np.empty(len(p))
        largest = np.zeros(len(self.draws))
        order = np.argsort(-p, kind="stable")
        for count, at in enumerate(order, start=1):
            largest = np.maximum(largest, self._statistic(at))
            corrected[at] = MaxT.of(largest, count).p(quantile[at], degrees[at])
        down = order[::-1]
        corrected[down] = np.maximum.accumulate(np.maximum(corrected, p)[down])
        return corrected

    def _statistic(self, at: int) -> np.ndarray:
        return np.abs(self.draws[:, self.first[at]] - self.draws[:, self.second[at]]) / self.error[at]

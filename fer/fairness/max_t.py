"""The distribution of the largest of several correlated t statistics, for simultaneous intervals and p-values.

A family of comparisons is tested at once by its largest studentised difference (single-step max-t: Hothorn, Bretz and
Westfall 2008). Under no difference the statistics are multivariate t with the correlation of the estimates, here over
clusters; each comparison has its own degrees of freedom (Hasler and Hothorn 2008). The largest of the normal variables
is drawn (quasi-Monte Carlo, the same draws for all), and the chi-square part is integrated exactly.
"""

from collections.abc import Callable, Iterable
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
    def of(
        cls, covariance: np.ndarray, largest: Callable[[np.ndarray], np.ndarray], comparisons: int, random_state: int
    ) -> "MaxT":
        """Return the distribution for estimates of this covariance.

        Args:
            covariance: float (names, names); rounded to the next one without negative eigenvalues.
            largest: from draws (draws, names) to the largest absolute studentised comparison of each, (draws,).
            comparisons: their number.
            random_state: seed of the draws.

        """
        values, vectors = np.linalg.eigh(covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        # Directions without variance need no draws.
        root = root[:, values > values.max() * 1e-12]
        points = stats.qmc.Sobol(root.shape[1], rng=random_state).random(_DRAWS)
        normal = special.ndtri(np.clip(points, 1e-12, 1 - 1e-12))
        found = np.sort(largest(normal @ root.T) ** 2)
        ranks = np.concatenate([np.geomspace(1, _DRAWS, _CLASSES), np.linspace(1, _DRAWS, _CLASSES)])
        starts = np.unique(_DRAWS - ranks.astype(int))
        sizes = np.diff([*starts, _DRAWS])
        return cls(np.add.reduceat(found, starts) / sizes, sizes / _DRAWS, comparisons)

    def p(self, quantile: np.ndarray, degrees: np.ndarray) -> np.ndarray:
        """Return the probability that the largest exceeds ``quantile``, for each (quantile, degrees); NaN stays NaN."""
        quantile, degrees = np.broadcast_arrays(np.asarray(quantile, float), np.asarray(degrees, float))
        p = np.full(quantile.shape, np.nan)
        known = np.isfinite(quantile) & ~np.isnan(degrees)
        squares, freedom = quantile[known] ** 2, degrees[known]
        with np.errstate(divide="ignore"):
            scaled = freedom[:, None] * self.squares / squares[:, None]
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


def largest_difference(pairs: Iterable[tuple[int, int]], covariance: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function that gives the largest absolute studentised difference of the pairs of names."""
    partners: dict[int, list[int]] = {}
    for first, second in pairs:
        partners.setdefault(first, []).append(second)

    def largest(draws: np.ndarray) -> np.ndarray:
        found = np.zeros(len(draws))
        for first, others in partners.items():
            own = covariance[first, first]
            error = np.sqrt(own + np.diagonal(covariance)[others] - 2 * covariance[first, others])
            found = np.maximum(found, np.max(np.abs(draws[:, [first]] - draws[:, others]) / error, axis=1))
        return found

    return largest

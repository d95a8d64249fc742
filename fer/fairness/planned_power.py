"""The power of the score test of a difference between two planned groups (:mod:`fer.fairness.score_intervals`).

Two ways. **By formula**: the lower limit of the difference is about normal, with its value at the true accuracies as
mean and the delta method's standard deviation, so that the power is the probability of Student's t at their ratio. In
the middle of the scale that is the formula of :func:`fer.fairness.minimum_detectable_difference`; near 0 and 1, where
Wilson's limits are not symmetric, it is not. **By simulation** of the test itself, on clusters whose share of right
answers is probit-normal, with a fixed seed: where few wrong answers (or few right ones) are expected, a group is often
all right, and no formula holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import stats
from scipy.special import gammaln, ndtr, ndtri

from fer.fairness.cluster_errors import ClusterErrors
from fer.fairness.group_design import Correlations, GroupDesign, at_accuracy, latent_correlation
from fer.fairness.score_intervals import Shares

# With fewer independent right or wrong answers expected in a group, the formula is not used.
_ENOUGH = 12.0
_DRAWS = 2_000
# Clusters of more faces are simulated as of so many, with the same variance.
_MOST_FACES = 10
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(31)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
_STEP = 1e-4


@dataclass(frozen=True)
class GroupTest:
    """A test of the difference of two groups' accuracies.

    Attributes:
        significance_level: 0..1, two-sided; with a margin one-sided.
        comparisons: number of comparisons that are corrected together; the level is divided by it.
        margin: None tests whether the groups differ. Otherwise whether the first is no worse than the second by as
            much as this, 0..1.

    """

    significance_level: float = 0.05
    comparisons: int = 1
    margin: float | None = None

    def quantile(self, degrees: np.ndarray | float) -> np.ndarray:
        """Return the quantile of t at which the limits are taken."""
        tail = self.significance_level / self.comparisons / (2.0 if self.margin is None else 1.0)
        return np.asarray(stats.t.isf(tail, degrees))


@lru_cache(maxsize=4096)
def difference_power(
    accuracies: tuple[float, float],
    designs: tuple[GroupDesign, GroupDesign],
    correlations: Correlations,
    *,
    shared_clips: float = 0.0,
    test: GroupTest | None = None,
    random_state: int = 0,
) -> float:
    """Return the probability, 0..1, that the test shows the first group to be better than the second (or no worse).

    0 where a group has fewer than two clusters.

    Args:
        accuracies: the true ones, between 0 and 1.
        designs: of the two groups.
        correlations: at the mean of the two accuracies.
        shared_clips: to what extent the groups are in the same clips, 0 (none) to 1 (the same).
        test: default: two-sided at 5 %.
        random_state: of the simulation.

    Example:
        >>> clips = GroupDesign(clips=20, frames=10), GroupDesign(clips=40, frames=10)
        >>> round(difference_power((0.8, 0.6), clips, Correlations(clip=0.2)), 2)
        0.85

    """
    test = test or GroupTest()
    if min(design.clusters for design in designs) < 2:
        return 0.0
    pair = _Pair.of(accuracies, designs, correlations, shared_clips)
    if (np.minimum(pair.true, 1 - pair.true) / pair.relative).min() >= _ENOUGH:
        return _by_formula(pair, test)
    return _by_simulation(pair, test, random_state)


@dataclass(frozen=True)
class _Pair:
    """Two planned groups.

    ``true``: accuracies, (2,); ``relative``: variances of their estimates, in units of p (1 - p), (2,);
    ``correlation``: of the estimates; ``tested``: the same as the test estimates it in the mean; ``shared``: overlap.
    """

    true: np.ndarray
    relative: np.ndarray
    clusters: np.ndarray
    faces: np.ndarray
    shared: float
    correlation: float
    tested: float

    @classmethod
    def of(
        cls,
        accuracies: tuple[float, float],
        designs: tuple[GroupDesign, GroupDesign],
        correlations: Correlations,
        shared: float,
    ) -> "_Pair":
        true = np.array(accuracies)
        own = [at_accuracy(correlations, float(true.mean()), accuracy) for accuracy in accuracies]
        relative = np.array([design.relative_variance(each) for design, each in zip(designs, own, strict=True)])
        clips = np.sqrt(designs[0].clips * designs[1].clips)
        between = np.sqrt(relative.prod())
        correlation = tested = min(shared * correlations.clip / clips / between, 1.0)
        if shared > 0 and max(design.clips_per_person for design in designs) > 1:
            # Over persons, who are in one group each, what their clips add to both groups does not cancel. The variance
            # of crossed clusters is at least that over persons.
            apart = sum(
                design.relative_variance(each) - each.clip * (1 / design.clips - 1 / design.appearances)
                for design, each in zip(designs, own, strict=True)
            )
            tested = min(tested, (relative.sum() - apart) / 2 / between)
        counts = np.maximum([design.clusters for design in designs], 2.0)
        return cls(true, relative, counts, np.array([design.faces for design in designs]), shared, correlation, tested)

    def matrix(self, value: float) -> np.ndarray:
        return np.array([[1.0, value], [value, 1.0]])


def _by_formula(pair: _Pair, test: GroupTest) -> float:
    def shares(at: np.ndarray) -> Shares:
        return Shares(at, 1 / pair.relative, pair.clusters - 1, pair.matrix(pair.tested), pair.matrix(pair.shared))

    degrees = float(shares(pair.true).pair_degrees()[0, 1])
    quantile = test.quantile(degrees)

    def lower_limit(at: np.ndarray) -> float:
        return float(shares(at).pair_limits(quantile)[0][0, 1]) + (test.margin or 0.0)

    steps = _STEP * np.eye(2)
    slope = np.array([(lower_limit(pair.true + step) - lower_limit(pair.true - step)) / (2 * _STEP) for step in steps])
    error = slope * np.sqrt(pair.true * (1 - pair.true) * pair.relative)
    variance = (error**2).sum() + 2 * pair.correlation * error.prod()
    return float(stats.t.cdf(lower_limit(pair.true) / np.sqrt(variance), degrees))


def _by_simulation(pair: _Pair, test: GroupTest, random_state: int) -> float:
    stream = np.random.default_rng(random_state)
    clusters = pair.clusters.round().astype(int)
    whole = [
        _Clusters.of(*each) for each in zip(pair.true, pair.relative, clusters, pair.faces / clusters, strict=True)
    ]
    fewer = int(clusters.min()) if pair.correlation > 0 else 0
    sums = np.zeros((_DRAWS, 2))
    squares, products = sums.copy(), np.zeros(_DRAWS)
    if fewer:
        latent = np.sqrt(whole[0].latent * whole[1].latent)
        within = min(pair.correlation * np.sqrt(pair.relative.prod()) * clusters.max(), 1.0)
        both = latent_correlation(within, float(pair.true.mean()))
        joint = _together(whole, min(both / latent, 1.0) if latent > 0 else 0.0)
        drawn = stream.multinomial(fewer, joint.ravel() / joint.sum(), _DRAWS).reshape(_DRAWS, *joint.shape)
        for at, (cluster, axis) in enumerate(zip(whole, (2, 1), strict=True)):
            sums[:, at] += drawn.sum(axis=axis) @ cluster.means
            squares[:, at] += drawn.sum(axis=axis) @ cluster.means**2
        products += np.einsum("dij,i,j->d", drawn, whole[0].means, whole[1].means, optimize=True)
    for at, (cluster, count) in enumerate(zip(whole, clusters - fewer, strict=True)):
        chances = cluster.chances(0.0)[0]
        drawn = stream.multinomial(int(count), chances / chances.sum(), _DRAWS)
        sums[:, at] += drawn @ cluster.means
        squares[:, at] += drawn @ cluster.means**2
    estimate = sums / clusters
    variance = np.maximum(squares / clusters - estimate**2, 0.0) / (clusters - 1)
    covariance = np.einsum("dg,gh->dgh", variance, np.eye(2))
    if fewer:
        between = (products - fewer * estimate.prod(axis=1)) / np.sqrt((clusters * (clusters - 1.0)).prod())
        covariance[:, 0, 1] = covariance[:, 1, 0] = pair.tested / pair.correlation * between
    count = np.broadcast_to(pair.clusters, variance.shape)
    overlap = np.broadcast_to(pair.matrix(pair.shared), covariance.shape)
    samples = np.broadcast_to(pair.faces, variance.shape)
    shares = Shares.of(estimate, ClusterErrors(covariance, count, count, overlap, samples))
    quantile = test.quantile(shares.pair_degrees()[:, 0, 1])[:, None, None]
    low = shares.pair_limits(quantile)[0][:, 0, 1]
    return float((low > -(test.margin or 0.0)).mean())


@dataclass(frozen=True)
class _Clusters:
    """Equal clusters of ``size`` faces, whose probability of a right answer is probit-normal."""

    accuracy: float
    latent: float
    size: int

    @classmethod
    def of(cls, accuracy: float, relative: float, clusters: int, faces: float) -> "_Clusters":
        """Return clusters whose mean has the variance ``relative``; of fewer faces where that is the same."""
        each = min(relative * clusters, 1.0)
        size = max(min(round(faces), max(_MOST_FACES, int(np.ceil(1 / each)))), 1)
        within = (each - 1 / size) / (1 - 1 / size) if size > 1 else 0.0
        return cls(accuracy, latent_correlation(within, accuracy), size)

    @property
    def means(self) -> np.ndarray:
        """Share of right answers in a cluster, (size + 1,)."""
        return np.arange(self.size + 1) / self.size

    def chances(self, common: float) -> np.ndarray:
        """Return the probability of each number of right answers at each node of what is common, (nodes, size + 1)."""
        nodes = _NODES[:, None] * np.sqrt(common) + _NODES[None, :] * np.sqrt(1 - common)
        if common == 0:
            nodes = nodes[:1]
        right = ndtr((ndtri(self.accuracy) + np.sqrt(self.latent) * nodes) / np.sqrt(1 - self.latent))
        right = np.clip(right, 1e-15, 1 - 1e-15)[..., None]
        number = np.arange(self.size + 1)
        chance = gammaln(self.size + 1) - gammaln(number + 1) - gammaln(self.size - number + 1)
        chance = np.exp(chance + number * np.log(right) + (self.size - number) * np.log1p(-right))
        return np.einsum("uec,e->uc", chance, _WEIGHTS, optimize=True)


def _together(clusters: Sequence[_Clusters], common: float) -> np.ndarray:
    """Return the joint probability of the numbers of right answers of two groups in one clip."""
    first, second = (cluster.chances(common) for cluster in clusters)
    weights = _WEIGHTS[: len(first)]
    return np.einsum("u,ui,uj->ij", weights / weights.sum(), first, second, optimize=True)

"""One-sided bounds of disparities, from the intervals of the groups' shares.

The difference of two named groups has a one-sided bound (:mod:`fer.fairness.score_intervals`). The largest of these
bounds, over all pairs of groups and all classes, holds for the largest difference at least as often as its level says,
as it holds for the pair that truly differs most. A disparity of 0 in the data, such as three groups all right on five
clips, has a bound that is far from 0. The std is the largest of all contrasts of the groups (of unit length, over the
square root of their number less 1), and its bound is that of this contrast; the lower bound of the ratio is the
smallest of all pairs (Donner and Zou 2012).
"""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from fer.fairness.cluster_errors import ValuesOf, cluster_errors, kept, metric_errors
from fer.fairness.cluster_sums import GroupSums
from fer.fairness.definitions import DIFFERENCES, largest_std
from fer.fairness.metric_arrays import metric_names, metrics_of
from fer.fairness.score_intervals import Shares, wilson_limits
from fer.fairness.sums import Sums

OF_ACCURACY = ("accuracy_std", "accuracy_gap", "accuracy_ratio")
DISPARITIES = (*OF_ACCURACY, *DIFFERENCES)

_STEPS = 30


def disparity_bounds(sums: GroupSums, level: float) -> dict[str, float]:
    """Return the upper bound of each disparity, of ``accuracy_ratio`` the lower; NaN where a group's share has none.

    ``level``: one-sided, such as 0.95. Groups without samples are ignored, and so is a class's rate that fewer than
    two groups have. All NaN with fewer than two groups. Of several seeds, the mean of the bounds of each.
    """
    if sums.seeds:
        bounds = [disparity_bounds(one, level) for one in sums.seeds]
        return {name: float(np.mean([of[name] for of in bounds])) for name in DISPARITIES}
    there = [at for at in range(1, len(sums.names)) if len(sums.members[at])]
    if len(there) < 2:
        return dict.fromkeys(DISPARITIES, float("nan"))
    number = [metric_names(sums.layout).index("accuracy")]
    estimate = metrics_of(sums.observed())[np.ix_(there, number)].T
    accuracy = Shares.of(estimate, kept(metric_errors(sums), number, there))
    selected = _rates(sums, there, _selection_rate, _samples)
    recall = _rates(sums, there, lambda part: part.recall, lambda part: part.true)
    false = _rates(sums, there, lambda part: part.false_positive_rate, lambda part: _samples(part) - part.true)
    gap, recalls = _widest(accuracy, level), _widest(recall, level)
    found = {
        "accuracy_std": np.minimum(_contrast(accuracy, level), gap * largest_std(len(there))),
        "accuracy_gap": gap,
        "accuracy_ratio": _ratio(accuracy, level),
        "demographic_parity_difference": _widest(selected, level),
        "equalized_odds_difference": np.maximum(recalls, _widest(false, level)),
        "recall_difference": recalls,
    }
    return {name: float(bound) if np.isfinite(bound) else float("nan") for name, bound in found.items()}


def pairwise_p(sums: GroupSums) -> float:
    """Return the smallest p-value of all differences in accuracy, times their number (Bonferroni); NaN without one."""
    there = [at for at in range(1, len(sums.names)) if len(sums.members[at])]
    number = [metric_names(sums.layout).index("accuracy")]
    estimate = metrics_of(sums.observed())[np.ix_(there, number)].T
    p = Shares.of(estimate, kept(metric_errors(sums), number, there)).pair_p()[0][np.triu_indices(len(there), 1)]
    known = p[~np.isnan(p)]
    return min(float(known.min()) * len(known), 1.0) if len(known) else float("nan")


def _selection_rate(sums: Sums) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums.predicted / sums["count"]


def _samples(sums: Sums) -> np.ndarray:
    return np.broadcast_to(sums["count"], sums.true.shape)


def _rates(sums: GroupSums, there: Sequence[int], values_of: ValuesOf, counts_of: ValuesOf) -> Shares:
    """Return a rate of each class in each group, (classes, groups)."""
    estimate = values_of(sums.observed())[there].T
    return Shares.of(estimate, kept(cluster_errors(sums, values_of, counts_of), range(len(estimate)), there))


def _widest(shares: Shares, level: float) -> np.ndarray:
    """Return the largest upper bound of a difference; NaN if one is unknown, -inf without a pair of groups."""
    high = shares.pair_limits(stats.t.ppf(level, shares.pair_degrees()))[1]
    there = ~np.isnan(shares.estimate)
    pairs = there[:, :, None] & there[:, None, :] & ~np.eye(there.shape[1], dtype=bool)
    return np.max(np.where(pairs, high, -np.inf), initial=-np.inf)


def _ratio(shares: Shares, level: float) -> np.ndarray:
    """Return the smallest lower bound of the ratio of two groups; NaN if one is unknown, inf without a pair."""
    quantile = stats.t.ppf(level, shares.pair_degrees())
    first, second = shares.estimate[..., :, None], shares.estimate[..., None, :]
    below = first - wilson_limits(first, shares.size[..., :, None], quantile)[0]
    above = wilson_limits(second, shares.size[..., None, :], quantile)[1] - second
    # The ratio r at which the lower limit of first - r second is 0.
    outer, inner = second**2 - above**2, first * second - shares.correlation * below * above
    least = first**2 - below**2
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = least / (inner + np.sqrt(np.maximum(inner**2 - outer * least, 0.0)))
    apart = ~np.eye(ratio.shape[-1], dtype=bool)
    return np.maximum(np.min(np.where(apart, ratio, np.inf), initial=np.inf), 0.0)


def _contrast(shares: Shares, level: float) -> np.ndarray:
    """Return the largest upper bound of a contrast of unit length, over the root of the groups less 1.

    A contrast c has the bound c p + sqrt(sum over i, j of c_i c_j r_ij s_i s_j), s the distance of a group's limit
    from its share, upper where c is positive and lower where it is negative. It is convex in c, so that the power
    method climbs at every step (Journee et al. 2010), here from every pair of groups.
    """
    estimate, groups = shares.estimate[0], shares.estimate.shape[1]
    low, high = (ends[0] for ends in shares.limits(stats.t.ppf(level, shares.degrees)))
    if groups < 2 or np.isnan(low).any():
        return np.array(np.nan)
    pairs = np.eye(groups)[:, None, :] - np.eye(groups)[None, :, :]
    contrast = pairs[~np.eye(groups, dtype=bool)] / np.sqrt(2)
    for _ in range(_STEPS):
        side = np.where(contrast > 0, high - estimate, estimate - low)
        spread = (contrast * side) @ shares.correlation[0]
        length = np.sqrt(np.maximum((spread * contrast * side).sum(axis=1, keepdims=True), 1e-300))
        bound = contrast @ estimate + length[:, 0]
        steepest = estimate + side * spread / length
        steepest -= steepest.mean(axis=1, keepdims=True)
        norm = np.linalg.norm(steepest, axis=1, keepdims=True)
        contrast = np.where(norm > 0, steepest / np.where(norm > 0, norm, 1.0), contrast)
    return bound.max() / np.sqrt(groups - 1)

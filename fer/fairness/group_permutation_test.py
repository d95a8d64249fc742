"""Permutation test of any difference between groups: group labels are permuted over clusters.

Under the null hypothesis clusters are exchangeable between groups. Where groups differ in the number or size of
their clusters but not in accuracy, this holds only approximately, and a plain statistic is invalid; a studentised
one is asymptotically valid, and exact under exchangeability (Janssen 1997; Chung and Romano 2013; Pauly, Brunner
and Konietschke 2015). For accuracy, the std is therefore tested by Welch's weighted sum of squares and the gap (and
ratio) by the largest difference between two groups in standard errors. A group with a single cluster has no standard
error, and its one cluster varies so much under permutation that no difference between the others would be found: it
takes no part in the tests, unless fewer than two groups would be left.

Of several seeds the plain statistics are means over seeds, and the studentised ones are of the mean accuracies.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from fer.fairness.cluster_sums import GroupSums
from fer.fairness.definitions import METRICS
from fer.fairness.metric_arrays import summaries_of, summary_names
from fer.fairness.metrics import direction_of
from fer.fairness.permutation import p_value, permute_labels
from fer.fairness.sums import Sums

STUDENTISED = "studentised"
_WELCH, _LARGEST = "accuracy_std", ("accuracy_gap", "accuracy_ratio")


class GroupPermutationTest(NamedTuple):
    """Per summary: the p-value and the mean under permutation; and which summaries were studentised."""

    p: pd.Series
    expected: pd.Series
    studentised: tuple[str, ...]


def group_permutation_test(sums: GroupSums, permutations: int, random_state: int) -> GroupPermutationTest:
    """Test every summary over groups; NaN with fewer than two groups with samples."""
    there = [at for at in range(1, len(sums.names)) if len(sums.members[at])]
    several = [at for at in there if len(sums.members[at]) > 1]
    if len(there) < 2:
        nothing = pd.Series(np.nan, list(summary_names(sums.layout)))
        return GroupPermutationTest(nothing, nothing.copy(), ())
    whole = _test(sums, there, permutations, random_state)
    if len(several) < 2 or len(several) == len(there):
        return whole
    # What is expected of the plain value is still of all groups, as the plain value is.
    return _test(sums, several, permutations, random_state)._replace(expected=whole.expected)


def _test(sums: GroupSums, there: list[int], permutations: int, random_state: int) -> GroupPermutationTest:
    names = list(summary_names(sums.layout))
    cluster = np.concatenate([sums.members[at] for at in there])
    label = np.concatenate([np.full(len(sums.members[at]), place) for place, at in enumerate(there)])
    squares_of = _squares(Sums(np.concatenate([sums.cells[at] for at in there]), sums.layout))
    by_seed = [np.concatenate([one.cells[at] for at in there]) for one in sums.by_seed()]
    cells = np.concatenate([*by_seed, squares_of], axis=1)
    groups = len(there)

    def statistics(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        totals = np.stack([(labels == place) @ cells for place in range(groups)], axis=1)
        seeds = np.split(totals[..., :-_SQUARES], len(by_seed), axis=-1)
        plain = np.mean([summaries_of(Sums(one, sums.layout)) for one in seeds], axis=0)
        return plain, _studentised(Sums(np.mean(seeds, axis=0), sums.layout), totals[..., -_SQUARES:])

    observed, observed_scaled = (part[0] for part in statistics(label[None]))
    parts = [statistics(labels) for labels in permute_labels(cluster, label, permutations, random_state)]
    values, scaled = (np.concatenate(part) for part in zip(*parts, strict=True))
    # A difference between groups moves a summary towards its worse end.
    worse = np.array([-1.0 if direction_of(name) == "up" else 1.0 for name in names])
    p = pd.Series(p_value(values * worse, observed * worse), names)
    enough = np.bincount(label).min() > 1
    if enough:
        welch, largest = p_value(scaled, observed_scaled)
        p[_WELCH], p[list(_LARGEST)] = welch, largest
    # The mean of the known values; NaN without any.
    expected = pd.DataFrame(values, columns=names).mean()
    return GroupPermutationTest(p, expected, (_WELCH, *_LARGEST) if enough else ())


_SQUARES = 4


def _squares(cells: Sums) -> np.ndarray:
    """Return the terms of a cluster variance, float (cells, 4): 1, right^2, right x count, count^2."""
    count, right = cells.count, cells["accuracy"][:, 0]
    return np.stack([np.ones(len(count)), right**2, right * count, count**2], axis=1)


def _studentised(sums: Sums, squares: np.ndarray) -> np.ndarray:
    """Return Welch's weighted sum of squares and the largest difference in standard errors, float (permutations, 2)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        count = sums.count
        accuracy = METRICS["accuracy"].of(sums)
        clusters, right_right, right_count, count_count = np.moveaxis(squares, -1, 0)
        residual = right_right - 2 * accuracy * right_count + accuracy**2 * count_count
        variance = np.maximum(residual, 0.0) * clusters / (clusters - 1) / count**2
        # A group of identical clusters gets almost no variance, so that the statistic is large and not undefined.
        variance = np.maximum(variance, 1e-12)
        weight = 1 / variance
        mean = (weight * accuracy).sum(axis=-1, keepdims=True) / weight.sum(axis=-1, keepdims=True)
        welch = (weight * (accuracy - mean) ** 2).sum(axis=-1)
        apart = np.abs(accuracy[..., :, None] - accuracy[..., None, :])
        largest = (apart / np.sqrt(variance[..., :, None] + variance[..., None, :])).max(axis=(-2, -1))
    return np.stack([welch, largest], axis=-1)

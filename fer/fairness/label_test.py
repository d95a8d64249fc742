"""Is there any difference between groups? A permutation of group labels over clusters.

Under the null hypothesis clusters are exchangeable between groups. Where groups differ in the number or size of
their clusters but not in accuracy, clusters are not quite exchangeable, and a plain statistic is off; a studentised
one stays right in large samples and exact under exchangeability (Janssen 1997; Chung and Romano 2013; Pauly, Brunner
and Konietschke 2015). So for accuracy the std is tested by Welch's weighted sum of squares and the gap (and ratio) by
the largest difference of two groups in standard errors, wherever each group has two clusters.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from fer.fairness.permutation import p_value, permute_labels
from fer.fairness.summaries import SUMMARIES, summaries_of
from fer.fairness.sums import COUNT, RIGHT, GroupSums, metrics_of

STUDENTISED = "studentised"
_WELCH, _LARGEST = "accuracy_std", ("accuracy_gap", "accuracy_ratio")


class LabelTest(NamedTuple):
    """By summary: the p-value and the mean under permutation; and which were studentised."""

    p: pd.Series
    expected: pd.Series
    studentised: tuple[str, ...]


def no_difference(sums: GroupSums, mix: np.ndarray, permutations: int, seed: int) -> LabelTest:
    """Return the test of every summary over groups; NaN with fewer than two groups with samples."""
    there = [at for at in range(1, len(sums.names)) if len(sums.members[at])]
    if len(there) < 2:
        nothing = pd.Series(np.nan, list(SUMMARIES))
        return LabelTest(nothing, nothing.copy(), ())
    cluster = np.concatenate([sums.members[at] for at in there])
    label = np.concatenate([np.full(len(sums.members[at]), place) for place, at in enumerate(there)])
    cells = np.concatenate([sums.sums[at] for at in there])
    cells = np.concatenate([cells, _squares(cells)], axis=1)
    groups = len(there)

    def statistics(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        totals = np.stack([(labels == place) @ cells for place in range(groups)], axis=1)
        plain, squares = totals[..., :-_SQUARES], totals[..., -_SQUARES:]
        return summaries_of(plain, metrics_of(plain, sums.classes, mix), sums.classes), _studentised(plain, squares)

    observed, observed_scaled = (part[0] for part in statistics(label[None]))
    parts = [statistics(labels) for labels in permute_labels(cluster, label, permutations, seed)]
    values, scaled = (np.concatenate(part) for part in zip(*parts, strict=True))
    downwards = np.array([-1.0 if name.endswith(("_min", "_ratio")) else 1.0 for name in SUMMARIES])
    p = pd.Series(p_value(values * downwards, observed * downwards), list(SUMMARIES))
    enough = np.bincount(label).min() > 1
    if enough:
        welch, largest = p_value(scaled, observed_scaled)
        p[_WELCH], p[list(_LARGEST)] = welch, largest
    # The mean of what is known; of nothing it is NaN.
    expected = pd.DataFrame(values, columns=list(SUMMARIES)).mean()
    return LabelTest(p, expected, (_WELCH, *_LARGEST) if enough else ())


_SQUARES = 4


def _squares(cells: np.ndarray) -> np.ndarray:
    """Return float (cells, 4): 1, right^2, right x count, count^2, of which a cluster variance is made."""
    count, right = cells[:, COUNT], cells[:, RIGHT]
    return np.stack([np.ones(len(cells)), right**2, right * count, count**2], axis=1)


def _studentised(totals: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """Return float (permutations, 2): Welch's weighted sum of squares, and the largest difference in errors."""
    with np.errstate(invalid="ignore", divide="ignore"):
        count = totals[..., COUNT]
        accuracy = totals[..., RIGHT] / count
        clusters, right_right, right_count, count_count = np.moveaxis(squares, -1, 0)
        residual = right_right - 2 * accuracy * right_count + accuracy**2 * count_count
        variance = np.maximum(residual, 0.0) * clusters / (clusters - 1) / count**2
        # A group whose clusters are all alike: almost no variance, so that the statistic is large, not undefined.
        variance = np.maximum(variance, 1e-12)
        weight = 1 / variance
        mean = (weight * accuracy).sum(axis=-1, keepdims=True) / weight.sum(axis=-1, keepdims=True)
        welch = (weight * (accuracy - mean) ** 2).sum(axis=-1)
        apart = np.abs(accuracy[..., :, None] - accuracy[..., None, :])
        largest = (apart / np.sqrt(variance[..., :, None] + variance[..., None, :])).max(axis=(-2, -1))
    return np.stack([welch, largest], axis=-1)

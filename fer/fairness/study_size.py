"""How many clips, persons, frames and seeds are needed: sizes at which a test has the power that is asked for.

Differences between groups: :func:`required_clips` and its inverse :func:`detectable_difference`, of the score test.
Changes between two models or two ways of training on the same faces: :func:`required_clips_for_change` and
:func:`detectable_change`. There the difference d of a face's two outcomes, -1, 0 or 1, has the variance D - x^2, with D
the share of faces on which the two disagree and x the change of accuracy (Connor 1987, for McNemar's test); over clips
it is that of :mod:`fer.fairness.group_design`. With S seeds per side, what differs between seeds averages out, and the
variance of each side's mean over seeds is added, with the degrees of freedom of Satterthwaite (1946): seeds are crossed
with clips, as in :func:`fer.fairness.paired_comparison`. Both use t quantiles at the degrees of freedom of the size in
question, so that the size is found by search.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import optimize

from fer.fairness.differences import POWER, minimum_detectable_difference
from fer.fairness.group_design import Correlations, GroupDesign
from fer.fairness.margins import PSEUDO_SAMPLES
from fer.fairness.planned_power import GroupTest, difference_power

MOST_CLIPS = 100_000
# Accuracies nearer to 0 or 1 than this leave nothing to estimate.
_EDGE = 1e-3


@dataclass(frozen=True)
class Change:
    """What is assumed of two models, or two ways of training, on the same faces. Shares, 0..1.

    Attributes:
        disagreement: share of faces on which exactly one of the two is right, with one seed each.
        seeds: number of trainings per side.
        seed_deviation: standard deviation over trainings of the accuracy on all faces there could be; that on a test
            set is larger by the noise of its faces.
        seed_disagreement: share of faces on which exactly one of two seeds of one side is right; with 0 nothing
            averages out over seeds.
        seed_correlations: of the difference of two seeds' outcomes; default: single faces.
        accuracy: of the two sides, for a margin: its test shrinks the correlation of two models with few clips
            (:func:`fer.fairness.paired_equivalence`). None if unknown, which plans without it.
        answer_correlations: of the outcomes of one side, for the same.

    """

    disagreement: float
    seeds: int = 1
    seed_deviation: float = 0.0
    seed_disagreement: float = 0.0
    seed_correlations: Correlations = field(default_factory=Correlations)
    accuracy: float | None = None
    answer_correlations: Correlations = field(default_factory=Correlations)

    def reach(
        self,
        change: float,
        design: GroupDesign,
        correlations: Correlations,
        test: GroupTest,
        power: float,
    ) -> float:
        """Return the change, or the margin, that a test finds with the power if the true change is as given.

        (t of the level) x the standard error of the test + (t of the power) x the true one. The first counts what the
        single answers of a training vary by twice, over clusters and over seeds, as
        :func:`fer.fairness.paired_comparison` does. ``correlations``: of the difference of the two outcomes.
        """
        relative = design.relative_variance(correlations)
        answers = self.seed_disagreement * design.relative_variance(self.seed_correlations)
        clusters = max((self.disagreement - change**2) * relative - answers * (1 - 1 / self.seeds), 0.0)
        tested = clusters
        if test.margin is not None and self.accuracy is not None:
            one = design.relative_variance(self.answer_correlations)
            common = max(self.accuracy * (1 - self.accuracy) * one - clusters / 2, 0.0)
            tested += 2 * common * PSEUDO_SAMPLES * one / (1 + PSEUDO_SAMPLES * one)
        parts, true = [(tested, design.clusters - 1)], clusters
        if self.seeds > 1:
            parts += 2 * [((self.seed_deviation**2 + answers / 2) / self.seeds, self.seeds - 1.0)]
            true += 2 * self.seed_deviation**2 / self.seeds
        total = sum(variance for variance, _ in parts)
        if total == 0:
            return 0.0
        if design.clusters <= 1:
            return np.inf
        freedom = total**2 / sum(variance**2 / degrees for variance, degrees in parts)

        def detectable(variance: float, power: float) -> float:
            return minimum_detectable_difference(
                float(np.sqrt(variance)),
                power=power,
                significance_level=min((1 if test.margin is None else 2) * test.significance_level, 1.0),
                degrees_of_freedom=freedom,
                comparisons=test.comparisons,
            )

        return detectable(total, 0.5) + detectable(true, power) - detectable(true, 0.5)


def required_clips(
    accuracies: tuple[float, float],
    designs: tuple[GroupDesign, GroupDesign],
    correlations: Correlations,
    *,
    shared_clips: float = 0.0,
    test: GroupTest | None = None,
    power: float = POWER,
) -> float:
    """Return the number of clips that each of two groups needs; a group with more keeps those it has.

    So the smaller group grows until it equals the larger one, then both grow. inf if 100,000 clips are not enough. The
    inverse of :func:`detectable_difference`.

    Args:
        accuracies: those that are assumed, of the better group and the worse; with a margin, usually equal.
        designs: of the two groups, ``clips`` being those that they have now.
        correlations: at the mean of the two accuracies.
        shared_clips: to what extent the groups are in the same clips, 0..1.
        test: default: two-sided at 5 %.
        power: probability that the test is significant, 0..1.

    Example:
        >>> now = GroupDesign(clips=40, frames=10), GroupDesign(clips=8, frames=10)
        >>> required_clips((0.8, 0.6), now, Correlations(clip=0.3))
        25.0
        >>> required_clips((0.8, 0.6), now, Correlations(clip=0.3), test=GroupTest(comparisons=16))
        57.0

    """
    if not all(0 < accuracy < 1 for accuracy in accuracies):
        return np.inf

    def enough(clips: int) -> bool:
        grown = designs[0].of(max(designs[0].clips, clips)), designs[1].of(max(designs[1].clips, clips))
        return difference_power(accuracies, grown, correlations, shared_clips=shared_clips, test=test) >= power

    return least(enough)


def detectable_difference(
    accuracy: float,
    designs: tuple[GroupDesign, GroupDesign],
    correlations: Correlations,
    *,
    shared_clips: float = 0.0,
    test: GroupTest | None = None,
    power: float = POWER,
) -> float:
    """Return the difference, 0..1, that is found with the power asked for; with a margin, the least margin shown.

    ``accuracy``: the mean of the two groups', of which the first is the better; of equal groups with a margin. The
    margin of ``test`` only says that there is one. NaN if no possible difference is found. Other arguments as in
    :func:`required_clips`.

    Example:
        >>> now = GroupDesign(clips=40, frames=10), GroupDesign(clips=8, frames=10)
        >>> round(detectable_difference(0.7, now, Correlations(clip=0.3)), 2)
        0.3

    """
    test = test or GroupTest()

    def found(size: float) -> float:
        if test.margin is None:
            sides, asked = (accuracy + size / 2, accuracy - size / 2), test
        else:
            sides, asked = (accuracy, accuracy), GroupTest(test.significance_level, test.comparisons, size)
        return difference_power(sides, designs, correlations, shared_clips=shared_clips, test=asked) - power

    most = 1.0 if test.margin is not None else 2 * min(accuracy, 1 - accuracy)
    return _root(found, _EDGE, most - 2 * _EDGE)


def required_clips_for_change(
    change: float,
    design: GroupDesign,
    correlations: Correlations,
    assumed: Change,
    *,
    test: GroupTest | None = None,
    power: float = POWER,
) -> float:
    """Return the number of clips at which a change of accuracy is found in a paired comparison; inf if none is enough.

    Args:
        change: the true change, 0..1; with a margin in ``test`` the margin is shown at a true change of 0.
        design: of the faces that are compared; its ``clips`` do not matter.
        correlations: of the difference of the two outcomes.
        assumed: what is assumed of the two sides.
        test: default: two-sided at 5 %.
        power: probability that the test is significant, 0..1.

    Example:
        Five points between two models that disagree on 20 % of the faces, and between two ways of training with three
        seeds each whose accuracy varies by one point.

        >>> clips = GroupDesign(clips=1, frames=10)
        >>> required_clips_for_change(0.05, clips, Correlations(clip=0.2), Change(0.2))
        176.0
        >>> required_clips_for_change(0.05, clips, Correlations(clip=0.2), Change(0.2, seeds=3, seed_deviation=0.01))
        228.0

    """
    test = test or GroupTest()

    def enough(clips: int) -> bool:
        return assumed.reach(change, design.of(clips), correlations, test, power) <= _asked(change, test)

    return least(enough)


def required_seeds(
    change: float,
    design: GroupDesign,
    correlations: Correlations,
    assumed: Change,
    *,
    test: GroupTest | None = None,
    power: float = POWER,
    most: int = 1_000,
) -> float:
    """Return the number of seeds per side, 2 or more, at which a change is found with these clips; inf if none is.

    Arguments as in :func:`required_clips_for_change`; of ``design`` the clips count, of ``assumed`` not the seeds.

    Example:
        >>> clips = GroupDesign(clips=300, frames=10)
        >>> required_seeds(0.05, clips, Correlations(clip=0.2), Change(0.2, seed_deviation=0.03))
        14.0

    """
    test = test or GroupTest()

    def enough(seeds: int) -> bool:
        with_seeds = replace(assumed, seeds=seeds)
        return with_seeds.reach(change, design, correlations, test, power) <= _asked(change, test)

    return least(enough, most)


def detectable_change(
    design: GroupDesign,
    correlations: Correlations,
    assumed: Change,
    *,
    test: GroupTest | None = None,
    power: float = POWER,
) -> float:
    """Return the change of accuracy, 0..1, that is found with the power asked for; with a margin, the least one shown.

    NaN if no possible change is found. Arguments as in :func:`required_clips_for_change`.

    Example:
        >>> clips = GroupDesign(clips=40, frames=10)
        >>> round(detectable_change(clips, Correlations(clip=0.2), Change(0.2)), 3)
        0.104

    """
    test = test or GroupTest()

    def found(size: float) -> float:
        true = size if test.margin is None else 0.0
        return size - assumed.reach(true, design, correlations, test, power)

    # A change of x needs a share of x of the faces that changed.
    return _root(found, _EDGE, assumed.disagreement if test.margin is None else 1.0)


def least(enough: Callable[[int], bool], most: int = MOST_CLIPS) -> float:
    """Return the least number, 2 to ``most``, that is enough, inf if none is; more than enough is enough too."""
    low, high = 1, 2
    while not enough(high):
        if high >= most:
            return np.inf
        low, high = high, min(2 * high, most)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return float(high)


def _asked(change: float, test: GroupTest) -> float:
    return abs(change) if test.margin is None else test.margin


def _root(found: Callable[[float], float], low: float, high: float) -> float:
    """Return where an increasing function is 0; NaN if it is below 0 to the end."""
    if high <= low or found(high) < 0:
        return np.nan
    if found(low) >= 0:
        return low
    return float(optimize.brentq(found, low, high, xtol=5e-4))

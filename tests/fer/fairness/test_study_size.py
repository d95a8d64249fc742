"""Required sizes: the inverse of the detectable difference, by formula and by simulation of the test."""

import numpy as np
import pytest

from fer.fairness import (
    Change,
    Correlations,
    GroupDesign,
    GroupTest,
    detectable_change,
    detectable_difference,
    difference_power,
    minimum_detectable_difference,
    required_clips,
    required_clips_for_change,
    required_seeds,
)
from fer.fairness import planned_power as module

CLIPS = GroupDesign(clips=1, frames=10)


@pytest.mark.parametrize(("difference", "correlation", "comparisons"), [(0.1, 0.1, 1), (0.1, 0.4, 16), (0.2, 0.2, 3)])
def test_the_planner_and_the_minimum_detectable_difference_agree(difference, correlation, comparisons):
    accuracies, correlations = (0.5 + difference / 2, 0.5 - difference / 2), Correlations(clip=correlation)
    clips = required_clips(accuracies, (CLIPS, CLIPS), correlations, test=GroupTest(comparisons=comparisons))
    relative = CLIPS.of(clips).relative_variance(correlations)
    errors = [np.sqrt(accuracy * (1 - accuracy) * relative) for accuracy in accuracies]
    by = {"degrees_of_freedom": 2 * (clips - 1), "comparisons": comparisons}
    assert minimum_detectable_difference(*errors, **by) == pytest.approx(difference, rel=0.03)


def test_the_detectable_difference_is_its_inverse():
    now, correlations = (GroupDesign(60, 10), GroupDesign(8, 10)), Correlations(clip=0.2)
    clips = required_clips((0.8, 0.65), now, correlations)
    grown = now[0], now[1].of(clips)
    assert detectable_difference(0.725, grown, correlations) == pytest.approx(0.15, abs=0.005)
    assert difference_power((0.8, 0.65), grown, correlations) >= 0.8
    assert difference_power((0.8, 0.65), (now[0], now[1].of(clips - 1)), correlations) < 0.8
    # With a margin: groups of one accuracy.
    margin = GroupTest(margin=0.1)
    clips = required_clips((0.7, 0.7), (CLIPS, CLIPS), correlations, test=margin)
    shown = detectable_difference(0.7, (CLIPS.of(clips), CLIPS.of(clips)), correlations, test=margin)
    assert shown == pytest.approx(0.1, abs=0.005)


def test_more_is_needed_for_less_for_more_certainty_and_in_a_larger_family():
    def needed(accuracies=(0.75, 0.65), frames=10, power=0.8, **test):
        shape = GroupDesign(1, frames)
        return required_clips(accuracies, (shape, shape), Correlations(clip=0.3), test=GroupTest(**test), power=power)

    assert needed() < needed(accuracies=(0.72, 0.68))
    assert needed() < needed(power=0.9) < needed(power=0.9, comparisons=16)
    assert needed(frames=20) < needed() < needed(frames=1)
    # Frames of one clip are near copies.
    assert needed(frames=100) > 0.8 * needed()


def test_what_cannot_be_reached_is_infinite_or_nan():
    assert required_clips((1.0, 0.9), (CLIPS, CLIPS), Correlations()) == np.inf
    assert required_clips((0.5001, 0.5), (CLIPS, CLIPS), Correlations(clip=0.5)) == np.inf
    one = GroupDesign(clips=1, frames=500), GroupDesign(clips=40, frames=10)
    assert difference_power((0.9, 0.1), one, Correlations()) == 0
    assert np.isnan(detectable_difference(0.7, one, Correlations(clip=0.3)))
    assert np.isnan(detectable_difference(0.99, (GroupDesign(5, 10), GroupDesign(5, 10)), Correlations(clip=0.3)))


@pytest.mark.parametrize("shared", [0.0, 0.8])
@pytest.mark.parametrize("accuracies", [(0.75, 0.6), (0.9, 0.8)])
def test_formula_and_simulation_agree_where_both_hold(monkeypatch, accuracies, shared):
    designs = GroupDesign(60, 10), GroupDesign(45, 10)
    by = {"shared_clips": shared, "test": GroupTest(comparisons=16)}
    found = []
    for enough in (0.0, np.inf):
        monkeypatch.setattr(module, "_ENOUGH", enough)
        difference_power.cache_clear()
        found.append(difference_power(accuracies, designs, Correlations(clip=0.15), **by))
    difference_power.cache_clear()
    assert 0.2 < found[0] < 0.99
    assert found[0] == pytest.approx(found[1], abs=0.04)


def test_persons_of_shared_clips_do_not_help_as_much_as_their_clips_do():
    # The report's variance of crossed clusters is at least that over persons, in which clips do not cancel.
    crossed = GroupDesign(30, 5, persons_per_clip=2, clips_per_person=3)
    correlations = Correlations(person=0.1, clip=0.3)
    power = [difference_power((0.75, 0.6), (crossed, crossed), correlations, shared_clips=each) for each in (0, 1)]
    nested = GroupDesign(30, 5, persons_per_clip=2)
    apart = [difference_power((0.75, 0.6), (nested, nested), correlations, shared_clips=each) for each in (0, 1)]
    assert apart[1] - apart[0] > power[1] - power[0]


def test_a_change_with_one_seed_is_that_of_a_paired_t_test():
    correlations, assumed = Correlations(clip=0.2), Change(0.3)
    clips = required_clips_for_change(0.08, CLIPS, correlations, assumed)
    error = np.sqrt((0.3 - 0.08**2) * CLIPS.of(clips).relative_variance(correlations))
    assert minimum_detectable_difference(error, degrees_of_freedom=clips - 1) == pytest.approx(0.08, rel=0.01)
    assert detectable_change(CLIPS.of(clips), correlations, assumed) == pytest.approx(0.08, abs=0.001)
    margin = GroupTest(margin=0.08)
    no_change = np.sqrt(0.3 * CLIPS.of(clips).relative_variance(correlations))
    shown = minimum_detectable_difference(no_change, degrees_of_freedom=clips - 1, significance_level=0.1)
    assert detectable_change(CLIPS.of(clips), correlations, assumed, test=margin) == pytest.approx(shown, abs=0.001)


def test_no_number_of_clips_replaces_seeds():
    varying = Change(0.3, seeds=3, seed_deviation=0.03)
    assert required_clips_for_change(0.05, CLIPS, Correlations(clip=0.2), varying) == np.inf
    seeds = required_seeds(0.05, CLIPS.of(1000), Correlations(clip=0.2), varying)
    enough = Change(0.3, seeds=int(seeds), seed_deviation=0.03)
    assert required_clips_for_change(0.05, CLIPS, Correlations(clip=0.2), enough) <= 1000
    # What two seeds of one side disagree on averages out.
    averaged = Change(0.3, seeds=10, seed_disagreement=0.2)
    assert np.isnan(detectable_change(GroupDesign(1, 500), Correlations(clip=0.2), averaged))
    assert required_clips_for_change(0.05, CLIPS, Correlations(clip=0.2), averaged) < required_clips_for_change(
        0.05, CLIPS, Correlations(clip=0.2), Change(0.3)
    )

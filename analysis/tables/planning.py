"""The tables of a plan: what is needed, by frames per clip and seeds, what it costs, what further faces are worth.

Figures in percentage points and counts; NaN (a dash) where no number of clips is enough, or nothing is detectable.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd

from analysis.experiments.runs_by_experiment import PERCENT
from analysis.tables.plan_assumptions import FACE, Assumptions, PlannedGroup
from fer.fairness.group_design import GroupDesign
from fer.fairness.planned_power import GroupTest
from fer.fairness.study_size import (
    Change,
    detectable_change,
    detectable_difference,
    required_clips,
    required_clips_for_change,
)

_FRAMES = (1, 2, 3, 5, 10, 20, 50)
_CLIPS_PER_PERSON = (1, 2, 3, 5, 10)
_SEEDS = (1, 3, 5, 10)
_EDGE = 0.001


@dataclass(frozen=True)
class Prices:
    """What one more frame, clip and person cost, in any one currency."""

    frame: float = 0.0
    clip: float = 0.0
    person: float = 0.0

    def __bool__(self) -> bool:
        """Whether any is stated."""
        return any((self.frame, self.clip, self.person))


@dataclass(frozen=True)
class Question:
    """What is to be seen: a difference (or a change), or with a margin that there is none as large. Shares, 0..1."""

    difference: float
    test: GroupTest
    power: float

    def size(self) -> float:
        """Return the difference, or the margin."""
        return self.difference if self.test.margin is None else self.test.margin


@dataclass(frozen=True)
class Sought:
    """What one row of a plan is about: a pair of groups, or a group (or all faces) whose accuracy changes."""

    assumed: Assumptions
    question: Question
    members: tuple[PlannedGroup, ...]

    @property
    def paired(self) -> bool:
        """Whether it is a change on the same faces."""
        return len(self.members) == 1

    @property
    def accuracy(self) -> float:
        """Mean accuracy of the groups, 0..1."""
        return float(np.mean([member.accuracy for member in self.members]))

    @property
    def possible(self) -> bool:
        """Whether accuracies leave room for the difference."""
        change = self.assumed.change
        if self.question.test.margin is not None:
            return _EDGE < self.accuracy < 1 - _EDGE or self.paired
        if change is not None and self.paired:
            return self.question.difference <= change.disagreement
        return self.question.difference / 2 < min(self.accuracy, 1 - self.accuracy) - _EDGE

    def ordered(self) -> tuple[PlannedGroup, ...]:
        """Return the groups, the more accurate one first."""
        return tuple(sorted(self.members, key=lambda member: -member.accuracy))

    def detectable(self, designs: Sequence[GroupDesign] | None = None, change: Change | None = None) -> float:
        """Return the difference that designs (those of now), of the more accurate group first, find; points."""
        given = [member.now for member in self.ordered()] if designs is None else designs
        known = tuple(design for design in given if design is not None)
        assumed, test, power = self.assumed, self.question.test, self.question.power
        if len(known) < len(self.members):
            return np.nan
        if self.paired:
            sides = change or assumed.change or Change(0.0)
            return PERCENT * detectable_change(known[0], assumed.change_correlations, sides, test=test, power=power)
        return PERCENT * detectable_difference(
            self.accuracy, (known[0], known[1]), assumed.correlations, shared_clips=self.shared, test=test, power=power
        )

    def needed(self, shape: GroupDesign, change: Change | None = None) -> float:
        """Return the number of clips of this shape that each group needs; inf if none is enough, NaN if impossible."""
        assumed, question = self.assumed, self.question
        if not self.possible:
            return np.nan
        if self.paired:
            sides = change or assumed.change or Change(0.0)
            return required_clips_for_change(
                question.difference, shape, assumed.change_correlations, sides, test=question.test, power=question.power
            )
        half = question.difference / 2 if question.test.margin is None else 0.0
        clips = [member.now.clips if member.now else 1.0 for member in self.ordered()]
        return required_clips(
            (self.accuracy + half, self.accuracy - half),
            (shape.of(clips[0]), shape.of(clips[1])),
            assumed.correlations,
            shared_clips=self.shared,
            test=question.test,
            power=question.power,
        )

    @property
    def shared(self) -> float:
        """To what extent the two groups are in the same clips, 0..1."""
        return self.assumed.shared.get(frozenset(member.name for member in self.members), 0.0)

    def grown(self, shape: GroupDesign, clips: float) -> list[tuple[PlannedGroup, GroupDesign]]:
        """Return the groups that get more clips, each with its planned faces."""
        return [(member, shape.of(clips)) for member in self.members if clips > (member.now.clips if member.now else 0)]


def sought(assumed: Assumptions, question: Question) -> list[Sought]:
    """Return what the plan is about: of a change all faces and each group, else every two groups."""
    if assumed.change is not None:
        every = [assumed.everyone] if assumed.everyone is not None else []
        return [Sought(assumed, question, (member,)) for member in (*every, *assumed.groups)]
    return [Sought(assumed, question, pair) for pair in combinations(assumed.groups, 2)]


def needs_table(rows: Sequence[Sought]) -> pd.DataFrame:
    """Return what each pair of groups needs, or each group for a change; one row each.

    Columns: ``group`` (and ``other``), ``accuracy_percent`` (their mean); ``clips_now`` (of the group and the other);
    ``detectable_points``, the difference (margin) that the faces of now find with the power; ``clips_needed`` per
    group, where a group that has more keeps them; ``persons_needed`` where persons are recorded; ``faces_needed`` per
    group. The name of the unit stands for ``clips`` where clips are not recorded.
    """
    made = []
    for row in rows:
        first, *others = row.members
        unit, shape = row.assumed.unit, row.assumed.shape
        clips = row.needed(shape)
        line: dict[str, object] = {"group": first.name, **({"other": others[0].name} if others else {})}
        line["accuracy_percent"] = PERCENT * row.accuracy
        there = any(member.clips for member in row.members)
        line[f"{unit}s_now"] = ", ".join(str(member.clips) for member in row.members) if there else np.nan
        line["detectable_points"] = row.detectable()
        made.append(line | _sizes(row.assumed, shape, clips))
    return _counted(pd.DataFrame(made))


def options_table(row: Sought, prices: Prices) -> pd.DataFrame:
    """Return what is needed with other frames per clip, clips per person, or seeds; one row per design.

    Columns: ``frames_per_clip``, ``clips_per_person`` where persons are recorded or priced, ``seeds`` for a change;
    ``clips_needed``, ``persons_needed``, ``faces_needed`` as :func:`needs_table`; with prices ``cost`` of what is to be
    added, and ``cheapest``, of more designs than are shown. Rows that no number of clips satisfies have none.
    """
    assumed = row.assumed
    made, shown = [], []
    for shape, change in _designs(row, prices):
        shown.append(shape.frames in _few_frames(assumed) and shape.clips_per_person in _few_clips(assumed))
        clips = row.needed(shape, change)
        line: dict[str, object] = {}
        if assumed.unit != FACE:
            line["frames_per_clip"] = int(shape.frames)
        if assumed.persons_known:
            line["clips_per_person"] = float(shape.clips_per_person)
        if change is not None and row.paired:
            line["seeds"] = change.seeds
        line |= _sizes(assumed, shape, clips)
        if prices:
            line["cost"] = _cost(row, shape, clips, prices) if np.isfinite(clips) else np.nan
        made.append(line)
    table = pd.DataFrame(made)
    if prices and table["cost"].notna().any():
        table["cheapest"] = table.index == table["cost"].idxmin()
        shown = list(table["cheapest"].to_numpy() | np.array(shown))
    return _counted(table[shown].reset_index(drop=True))


def worth_table(row: Sought) -> pd.DataFrame:
    """Return what further faces of the smaller group are worth: the effect of twice as many frames, clips, persons.

    One row per ``step``. Columns: ``added``, the number of frames per clip, clips or persons that are added;
    ``faces_added``; ``detectable_points`` after it; ``lowers_by_points``; ``per_one_points``, the same for one of those
    added, in the mean (the first ones do more). Empty without faces of now, or where nothing is detectable.
    """
    members = row.ordered()
    designs = [member.now for member in members if member.now is not None]
    before = row.detectable()
    if len(designs) < len(members) or np.isnan(before):
        return pd.DataFrame()
    at = int(np.argmin([design.clusters for design in designs]))
    now, member = designs[at], members[at]
    made = []
    for step, added, grown in _steps(row.assumed, member, now):
        after = row.detectable([*designs[:at], grown, *designs[at + 1 :]])
        made.append(
            {
                "step": step,
                "added": added,
                "faces_added": round(member.faces * (grown.faces / now.faces - 1)),
                "detectable_points": after,
                "lowers_by_points": before - after,
                "per_one_points": (before - after) / added,
            }
        )
    return pd.DataFrame(made)


def _steps(assumed: Assumptions, member: PlannedGroup, now: GroupDesign) -> Iterator[tuple[str, float, GroupDesign]]:
    unit = assumed.unit
    if unit != FACE:
        frames = max(round(member.faces / member.appearances), 1)
        yield f"twice the frames per {unit}", frames, replace(now, frames=2 * now.frames)
    if assumed.persons_known:
        same = replace(now, clips=2 * now.clips, clips_per_person=2 * now.clips_per_person)
        yield "twice the clips, of the same persons", member.clips, same
        yield "twice the persons, with as many clips each", member.persons, now.of(2 * now.clips)
    else:
        yield f"twice the {unit}s", member.clips, now.of(2 * now.clips)


def _designs(row: Sought, prices: Prices) -> Iterator[tuple[GroupDesign, Change | None]]:
    assumed = row.assumed
    shape, change = assumed.shape, assumed.change
    frames, per_person = set(_few_frames(assumed)), set(_few_clips(assumed))
    if prices:
        frames |= set(_FRAMES) if assumed.unit != FACE else set()
        per_person |= set(_CLIPS_PER_PERSON) if assumed.persons_known else set()
    seeds: Sequence[int | None] = [None]
    if change is not None and row.paired:
        with_seeds = change.seed_deviation > 0 or change.seeds > 1
        seeds = sorted({*_SEEDS[1:], change.seeds}) if with_seeds else [change.seeds]
    for number in seeds:
        assumed_change = None if number is None or change is None else replace(change, seeds=number)
        for clips in sorted(per_person):
            for each in sorted(frames):
                yield replace(shape, frames=float(each), clips_per_person=float(clips)), assumed_change


def _few_frames(assumed: Assumptions) -> list[float]:
    frames = assumed.shape.frames
    return [frames] if assumed.unit == FACE else [1.0, frames, 2 * frames, 5 * frames]


def _few_clips(assumed: Assumptions) -> list[float]:
    clips = assumed.shape.clips_per_person
    return [1.0, clips, 2 * clips] if assumed.persons_known else [clips]


def _counted(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with whole numbers, null where there is none, in the columns of counts and costs."""
    counts = [name for name in table if str(name).endswith("_needed") or name == "cost"]
    return table.astype({name: "Float64" for name in counts}).round({name: 0 for name in counts}).astype(
        {name: "Int64" for name in counts}
    )  # fmt: skip


def _sizes(assumed: Assumptions, shape: GroupDesign, clips: float) -> dict[str, object]:
    found: dict[str, object] = {f"{assumed.unit}s_needed": clips if np.isfinite(clips) else np.nan}
    planned = shape.of(clips)
    if assumed.persons_known or shape.clips_per_person > 1:
        found["persons_needed"] = float(np.ceil(planned.persons)) if np.isfinite(clips) else np.nan
    if assumed.unit != FACE:
        found["faces_needed"] = planned.faces if np.isfinite(clips) else np.nan
    return found


def _cost(row: Sought, shape: GroupDesign, clips: float, prices: Prices) -> float:
    total = 0.0
    for member, planned in row.grown(shape, clips):
        total += prices.frame * max(planned.faces - member.faces, 0)
        total += prices.clip * max(planned.clips - member.clips, 0)
        total += prices.person * max(planned.persons - (member.persons or member.clips), 0)
    return total

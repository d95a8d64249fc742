"""What a plan assumes: what the runs say, for the groups asked for, with what the user states in its place."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analysis.experiments.runs_by_experiment import PERCENT
from analysis.study_plan.stated import Stated, share
from analysis.tables.plan_assumptions import Assumptions, equal_clips
from fer.data.attributes import Attribute
from fer.errors import InputError
from fer.fairness.group_design import Correlations


def with_groups(assumed: Assumptions, groups: Sequence[str], attribute: Attribute) -> Assumptions:
    """Return the assumptions for these groups alone, or for all if none is named.

    Raises InputError for a group that the attribute does not have, and for one alone, which is compared with none.
    """
    names = [group.name for group in assumed.groups]
    missing = [name for name in groups if name not in names]
    if missing:
        raise InputError(f"no group of {attribute} is named {missing[0]!r}; the groups are {', '.join(names)}.")
    if len(groups) == 1 and assumed.change is None:
        raise InputError(f"groups= names {groups[0]!r} alone; name two or more, or leave it out for all.")
    wanted = [group for group in assumed.groups if not groups or group.name in groups]
    return replace(assumed, groups=tuple(wanted))


def with_stated(assumed: Assumptions, stated: Stated, change: bool, difference: float) -> Assumptions:
    """Return the assumptions with the stated values in place of the runs'.

    ``difference``: the change to be seen, in points. Raises InputError for correlations that add up to more than 1.
    """
    shape, unit = assumed.shape, assumed.unit
    if stated.frames is not None:
        shape = replace(shape, frames=float(stated.frames))
    if stated.clips_per_person is not None:
        shape = replace(shape, clips_per_person=stated.clips_per_person)
    known = assumed.change_correlations if change else assumed.correlations
    person = known.person if stated.person_correlation is None else stated.person_correlation
    clip = known.clip if stated.clip_correlation is None else stated.clip_correlation
    within = known.person_in_clip if stated.clip_correlation is None else 0.0
    if person + clip + within > 1:
        raise InputError("clip_correlation and person_correlation add up to more than 1; state what the clip adds.")
    correlations = Correlations(person, clip, within)
    groups, everyone = assumed.groups, assumed.everyone
    if stated.clips:
        groups = tuple(equal_clips(group, group.clips, shape) for group in groups)
        everyone = None if everyone is None else equal_clips(everyone, everyone.clips, shape)
    if stated.accuracy is not None:
        accuracy = share(stated.accuracy, "accuracy")
        groups = tuple(replace(group, accuracy=accuracy) for group in groups)
        everyone = None if everyone is None else replace(everyone, accuracy=accuracy)
    sides = assumed.change
    if change and sides is not None:
        sides = replace(
            sides,
            disagreement=sides.disagreement if stated.disagreement is None else stated.disagreement / PERCENT,
            seeds=stated.seeds or sides.seeds,
            accuracy=sides.accuracy if everyone is None else everyone.accuracy,
            seed_deviation=sides.seed_deviation if stated.seed_deviation is None else stated.seed_deviation / PERCENT,
        )
        if np.isnan(sides.disagreement) and everyone is not None:
            after = min(everyone.accuracy + difference / PERCENT, 1.0)
            both = everyone.accuracy * after
            sides = replace(sides, disagreement=everyone.accuracy + after - 2 * both)
    return replace(
        assumed,
        unit=unit,
        shape=shape,
        groups=groups,
        everyone=everyone,
        correlations=assumed.correlations if change else correlations,
        change_correlations=correlations if change else assumed.change_correlations,
        change=sides,
        comparisons=stated.comparisons or assumed.comparisons,
        persons_known=assumed.persons_known or bool(stated.person_correlation) or shape.clips_per_person > 1,
    )

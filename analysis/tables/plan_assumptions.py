"""What a plan assumes of the test faces and the models: stated, or estimated from the predictions of earlier runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np
import pandas as pd

from analysis.experiments.seeds import ExperimentPredictions
from analysis.tables.pairwise import COMPARED, Pair
from fer.data.attributes import ALL, Attribute
from fer.data.samples import CLIP, PERSON, qualified_ids
from fer.errors import InputError
from fer.evaluation.independent_units import clusters_of
from fer.fairness.clusters import cluster_codes
from fer.fairness.group_design import Correlations, GroupDesign
from fer.fairness.study_size import Change
from fer.fairness.variance_components import PERSON_IN_CLIP, variance_components
from fer.sentinels import AUTO

FACE = "face"
# Of a plan without runs: frames per clip, and the correlation within clips.
_FRAMES, _CORRELATION = 10.0, 0.3
_FEW_SEEDS = 5
# Of the number of clips: with a smaller effective number their sizes matter. And an overlap that matters.
_UNEQUAL, _OVERLAPPING = 0.8, 0.1


@dataclass(frozen=True)
class PlannedGroup:
    """A group of the test set: its accuracy, 0..1, and its faces now, in numbers and as worth equal clips.

    ``persons`` is 0 where they are not recorded; ``appearances`` counts persons in clips; ``now`` is None where the
    group has no faces yet.
    """

    name: str
    accuracy: float
    faces: int = 0
    clips: int = 0
    persons: int = 0
    appearances: int = 0
    now: GroupDesign | None = None


@dataclass(frozen=True)
class Assumptions:
    """What a plan assumes.

    Attributes:
        groups: of the test set.
        unit: what is counted: clip, person (where clips are not recorded), or face (where neither is).
        shape: one planned clip.
        correlations: of the outcomes, at the mean accuracy.
        shared: by two names of groups, to what extent they are in the same clips, 0..1.
        everyone: all faces, for a change.
        change: of two models or ways of training; None if the plan is about one.
        change_correlations: of the difference of the two outcomes.
        comparisons: number of comparisons that are corrected together.
        persons_known: whether it is known what a second clip of the same person adds.
        remarks: sentences on how far the assumptions can be trusted.

    """

    groups: tuple[PlannedGroup, ...]
    unit: str
    shape: GroupDesign
    correlations: Correlations
    comparisons: int
    shared: Mapping[frozenset[str], float] = field(default_factory=dict)
    everyone: PlannedGroup | None = None
    change: Change | None = None
    change_correlations: Correlations = field(default_factory=Correlations)
    persons_known: bool = False
    remarks: tuple[str, ...] = ()


def measured_assumptions(
    tested: Sequence[ExperimentPredictions], pairs: Sequence[Pair], attribute: Attribute, cluster: str = AUTO
) -> Assumptions:
    """Return what the predictions of experiments on one test set, and of pairs of them, say.

    Accuracies and correlations are means over the experiments; the correlations are those of their first seeds.
    ``cluster`` other than ``auto``: the column that takes the place of clips and persons. Raises InputError as
    :func:`fer.evaluation.independent_units.clusters_of` does, and for an attribute with fewer than two groups.
    """
    first = tested[0]
    samples, group = first.samples, first.group(attribute)
    clips, persons, unit = _units(samples, cluster)
    names = sorted(map(str, group.dropna().unique()))
    if len(names) < 2 and not pairs:
        raise InputError(
            f"the predictions have {len(names)} group of {attribute}: no two can be compared; give another attribute."
        )
    right = np.mean([(one.y_pred == one.y_true).mean(axis=0) for one in tested], axis=0)
    groups = tuple(_group(name, right, (group == name).to_numpy(), clips, persons) for name in names)
    found = [
        variance_components(one.y_pred[0] == one.y_true, sensitive_features=group, clips=clips, persons=persons)
        for one in tested
    ]
    estimates = pd.concat([one["estimate"] for one in found], axis=1).mean(axis=1)
    persons_known = bool(unit == CLIP and persons is not None and not np.isnan(estimates[PERSON]))
    remarks = _remarks(found, groups, unit)
    shared = {frozenset(pair): _overlap([(group == name).to_numpy() for name in pair], clips)
              for pair in combinations(names, 2)}  # fmt: skip
    everyone = _group(ALL, right, np.ones(len(samples), bool), clips, persons)
    comparisons = len(names) * (len(names) - 1) // 2 * len(tested)
    assumed = Assumptions(
        groups, unit, _shape(groups, unit), _correlations(found), max(comparisons, 1), shared, everyone,
        persons_known=persons_known, remarks=tuple([*remarks, *_of_structure(groups, unit, shared, persons_known)]),
    )  # fmt: skip
    return _with_change(assumed, pairs, clips, persons) if pairs else assumed


def _with_change(
    assumed: Assumptions, pairs: Sequence[Pair], clips: np.ndarray | None, persons: np.ndarray | None
) -> Assumptions:
    def components(apart: np.ndarray) -> pd.DataFrame:
        return variance_components(apart, sensitive_features=[ALL] * len(apart), clips=clips, persons=persons)

    sides = [[(side.y_pred == side.y_true).astype(float) for side in pair] for pair in pairs]
    changes = [after[0] - before[0] for before, after in sides]
    trainings = [side for pair in sides for side in pair if len(side) > 1]
    seeds = min(len(side) for pair in sides for side in pair)
    change = Change(float(np.mean(np.abs(changes))), seeds)
    if trainings:
        apart = [two[1] - two[0] for side in trainings for two in combinations(side, 2)]
        within = _correlations([components(side[1] - side[0]) for side in trainings])
        between, now = float(np.mean(np.abs(apart))), assumed.everyone.now if assumed.everyone else None
        # The accuracy of a training on these faces also varies by the noise of its single answers.
        noise = between / 2 * now.relative_variance(within) if now else 0.0
        variance = float(np.mean([side.mean(axis=1).var(ddof=1) for side in trainings])) - noise
        change = Change(change.disagreement, seeds, float(np.sqrt(max(variance, 0.0))), between, within)
    change = replace(
        change,
        accuracy=assumed.everyone.accuracy if assumed.everyone else None,
        answer_correlations=assumed.correlations,
    )
    remarks = list(assumed.remarks)
    if seeds == 1:
        remarks.append(
            "With one seed per side the plan is about two trained models, not two ways of training: state seeds= and "
            "seed_deviation=, or give runs of several seeds."
        )
    elif seeds < _FEW_SEEDS:
        remarks.append(f"What differs between trainings is estimated from {seeds} seeds per side, which is not much.")
    return replace(
        assumed,
        change=change,
        change_correlations=_correlations([components(apart) for apart in changes]),
        comparisons=len(pairs) * len(COMPARED),
        remarks=tuple(remarks),
    )


def _units(samples: pd.DataFrame, cluster: str) -> tuple[np.ndarray | None, np.ndarray | None, str]:
    """Return the ids of clips and of persons, None where not recorded, and what a plan counts."""
    if cluster != AUTO:
        clusters = clusters_of(samples, cluster)
        return clusters.ids, None, clusters.name.removesuffix("s").replace("sample", FACE)
    known = {name: cluster_codes(qualified_ids(samples, name))[0] for name in (CLIP, PERSON)
             if name in samples and samples[name].notna().any()}  # fmt: skip
    if CLIP in known:
        return known[CLIP], known.get(PERSON), CLIP
    if PERSON in known:
        return known[PERSON], None, PERSON
    return None, None, FACE


def _group(
    name: str, right: np.ndarray, there: np.ndarray, clips: np.ndarray | None, persons: np.ndarray | None
) -> PlannedGroup:
    faces = int(there.sum())
    of_clips = np.arange(faces) if clips is None else clips[there]
    of_persons = of_clips if persons is None else persons[there]
    cells = np.unique(np.stack([of_clips, of_persons]), axis=1, return_inverse=True)[1].ravel()
    worth = [float(faces**2 / (np.unique(code, return_counts=True)[1] ** 2).sum())
             for code in (of_clips, of_persons, cells)]  # fmt: skip
    now = GroupDesign(worth[0], faces / worth[2], worth[2] / worth[0], worth[2] / worth[1])
    counts = [len(np.unique(code)) for code in (of_clips, of_persons, cells)]
    known = counts[1] if persons is not None else 0
    return PlannedGroup(name, float(right[there].mean()), faces, counts[0], known, counts[2], now)


def _shape(groups: Sequence[PlannedGroup], unit: str) -> GroupDesign:
    """Return one planned clip of a group: as the clips are now in the mean."""
    if unit == FACE:
        return GroupDesign(1)
    faces, clips, persons, appearances = (
        sum(getattr(group, name) for group in groups) for name in ("faces", "clips", "persons", "appearances")
    )
    frames = max(round(faces / appearances), 1)
    return GroupDesign(1, frames, round(appearances / clips, 1), round(appearances / persons, 1) if persons else 1.0)


def _overlap(members: Sequence[np.ndarray], clips: np.ndarray | None) -> float:
    """Return the cosine of the angle between two groups' faces per clip."""
    if clips is None:
        return 0.0
    count = [np.bincount(clips[there], minlength=int(clips.max()) + 1) for there in members]
    return float(count[0] @ count[1] / np.sqrt((count[0] @ count[0]) * (count[1] @ count[1])))


def _correlations(found: Sequence[pd.DataFrame]) -> Correlations:
    mean = pd.concat([one["correlation"] for one in found], axis=1).mean(axis=1)
    if mean.isna().any():
        return Correlations()
    return Correlations(*(float(mean[name]) for name in (PERSON, CLIP, PERSON_IN_CLIP)))


def _remarks(found: Sequence[pd.DataFrame], groups: Sequence[PlannedGroup], unit: str) -> list[str]:
    if unit == FACE:
        return [
            "No clips and no persons are recorded: each face counts as independent, and the plan promises too much if "
            "several are of one video or one person."
        ]
    remarks = [
        f"{group.name} has one {unit}: what its {unit}s vary by is taken from the other groups."
        for group in groups
        if group.clips == 1
    ]
    estimates = pd.concat([one["estimate"] for one in found], axis=1).mean(axis=1)
    if estimates.isna().all():
        remarks.append(
            f"The correlation within {unit}s cannot be estimated, as no group varies over two {unit}s, and is taken to "
            "be 0; state clip_correlation=."
        )
    elif _correlations(found).within <= 0:
        remarks.append(
            f"The correlation within {unit}s is estimated at 0, which few {unit}s do not show; state "
            "clip_correlation= to plan with another."
        )
    return remarks


def _of_structure(
    groups: Sequence[PlannedGroup], unit: str, shared: Mapping[frozenset[str], float], persons_known: bool
) -> list[str]:
    remarks = [
        f"The {group.clips} {unit}s of {group.name} are of unequal size and worth {group.now.clips:.1f} equal ones."
        for group in groups
        if group.now is not None and group.clips > 1 and group.now.clips < _UNEQUAL * group.clips
    ]
    pairs = [pair for pair, overlap in shared.items() if overlap > _OVERLAPPING]
    if pairs:
        which = f"{' and '.join(sorted(pairs[0]))} are" if len(pairs) == 1 else f"{len(pairs)} pairs of groups are"
        remarks.append(
            f"{which} partly in the same {unit}s, in the plan too: what a {unit} adds to both cancels in their "
            "difference."
        )
    if unit == CLIP and any(group.persons for group in groups) and not persons_known:
        remarks.append(
            "Each person is in one clip, so that what a second clip of the same person adds is not known: the plan has "
            "a new person in each clip; state person_correlation= and clips_per_person= for another."
        )
    return remarks


def stated_assumptions(names: Sequence[str], accuracy: float, clips: Sequence[int], change: bool) -> Assumptions:
    """Return the assumptions of a plan without runs, all of which may be replaced.

    Args:
        names: of the groups.
        accuracy: of each, 0..1.
        clips: that each group has now; empty if there are none.
        change: whether the plan is about a change on the same faces.

    Raises InputError unless there are two names or more, and as many numbers of clips.

    """
    if len(names) < 2:
        raise InputError("groups= names one group; name two or more, or leave it out.")
    if clips and len(clips) != len(names):
        raise InputError(
            f"clips= has {len(clips)} numbers for {len(names)} groups; give one per group, such as "
            f"{','.join(['20'] * len(names))}."
        )
    shape = GroupDesign(1, _FRAMES)
    groups = [PlannedGroup(name, accuracy) for name in names]
    if clips:
        groups = [equal_clips(group, count, shape) for group, count in zip(groups, clips, strict=True)]
    everyone = PlannedGroup(ALL, accuracy)
    if clips:
        everyone = equal_clips(everyone, sum(clips), shape)
    return Assumptions(
        () if change else tuple(groups),
        CLIP,
        shape,
        Correlations(clip=_CORRELATION),
        1 if change else len(names) * (len(names) - 1) // 2,
        everyone=everyone,
        change=Change(np.nan, accuracy=accuracy, answer_correlations=Correlations(clip=_CORRELATION))
        if change
        else None,
        change_correlations=Correlations(clip=_CORRELATION),
    )


def equal_clips(group: PlannedGroup, clips: int, shape: GroupDesign) -> PlannedGroup:
    """Return a group with so many clips of one shape as its faces of now."""
    now = shape.of(clips)
    persons = round(now.persons) if shape.clips_per_person > 1 else 0
    return replace(group, faces=round(now.faces), clips=clips, persons=persons, appearances=clips, now=now)

"""A plan in sentences: the answer, what frames, clips and persons are worth, what it costs, and how far to trust it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.experiments.runs_by_experiment import PERCENT
from analysis.tables.plan_assumptions import FACE
from analysis.tables.planning import Sought
from fer.data.attributes import ALL
from fer.evaluation.sentences import listed

# A design that needs more than this share of another's clips is hardly better.
_HARDLY = 0.8


def plan_sentences(
    rows: Sequence[Sought], needs: pd.DataFrame, hardest: Sought, options: pd.DataFrame, worth: pd.DataFrame
) -> list[str]:
    """Return the sentences of a plan; arguments as :mod:`analysis.tables.planning` makes them."""
    found = [_answer(hardest)]
    others = [row for row in rows if row is not hardest]
    if others and not hardest.paired:
        those = "pair needs" if len(others) == 1 else "pairs need"
        found.append(f"The other {those} less, or cannot differ by as much: see the table.")
    found += [*_now(hardest), *_frames(hardest, options), *_worth(hardest, worth), *_cheapest(hardest, options)]
    found += [_beyond(row) for row in rows if not row.possible and row is not hardest]
    if hardest.paired and hardest.assumed.change is not None:
        found.append(_sides(hardest))
    return [*found, *hardest.assumed.remarks]


def _answer(row: Sought) -> str:
    question, assumed = row.question, row.assumed
    test = question.test
    family = "" if test.comparisons == 1 else f" in a family of {test.comparisons} comparisons"
    size = f"{PERCENT * question.size():g} points"
    if row.paired:
        who = "all faces" if row.members[0].name == ALL else row.members[0].name
        what = (
            f"a change of {size} on {who}"
            if test.margin is None
            else f"that {who} lost less than {size}, if nothing was lost,"
        )
    else:
        pair = f"{row.members[0].name} and {row.members[1].name}"
        worse = row.ordered()[-1].name
        what = f"a difference of {size} between {pair}"
        if test.margin is not None:
            what = f"that {worse} is less than {size} worse than {row.ordered()[0].name}, if it is as good,"
    verb = "see" if test.margin is None else "show"
    certainty = f"{PERCENT * question.power:g} % power at the {PERCENT * test.significance_level:g} % level"
    lead = f"To {verb} {what} with {certainty}{family}"
    clips = row.needed(assumed.shape)
    if np.isnan(clips):
        return _beyond(row)
    if np.isinf(clips):
        return f"{lead}, no number of {assumed.unit}s is enough{_because(row)}."
    frames = "" if assumed.unit == FACE else f" of {assumed.shape.frames:g} frames"
    needed = f"{clips:,.0f} {assumed.unit}s{frames}"
    grown = row.grown(assumed.shape, clips)
    if not grown:
        return f"{lead}, the {assumed.unit}s of now are enough."
    there = any(member.clips for member in row.members)
    if row.paired:
        return f"{lead}, {needed} are needed" + (f" (now {row.members[0].clips})." if there else ".")
    if len(grown) == 1:
        member, other = grown[0][0], next(one for one in row.members if one is not grown[0][0])
        return f"{lead}, {member.name} needs {needed} (now {member.clips}); {other.name} has enough ({other.clips})."
    counts = listed([f"{member.name} {member.clips}" for member in row.members])
    return f"{lead}, each of the two needs {needed}" + (f" (now {counts})." if there else ".")


def _because(row: Sought) -> str:
    change = row.assumed.change
    if change is not None and change.seeds > 1 and change.seed_deviation > 0:
        return (
            f": with {change.seeds} seeds per side, accuracy varies by {PERCENT * change.seed_deviation:.1f} points "
            "from training to training; train more seeds"
        )
    return f" below 100,000 {row.assumed.unit}s"


def _beyond(row: Sought) -> str:
    asked = f"{PERCENT * row.question.difference:g} points"
    names = " and ".join(member.name for member in row.members)
    if row.paired and row.assumed.change is not None:
        apart = f"{PERCENT * row.assumed.change.disagreement:.1f} %"
        return f"A change of {asked} is impossible on {names}: the two sides disagree on {apart} of the faces."
    if row.question.test.margin is not None:
        return f"{names}: at an accuracy of {PERCENT * row.accuracy:.1f} % nothing varies, and nothing can be planned."
    most = 2 * PERCENT * min(row.accuracy, 1 - row.accuracy)
    return (
        f"A difference of {asked} between {names} is impossible at their mean accuracy of {PERCENT * row.accuracy:.1f} "
        f"%, which leaves room for less than {most:.1f}."
    )


def _now(row: Sought) -> list[str]:
    if any(member.now is None for member in row.members):
        return []
    detectable = row.detectable()
    seen = "found" if row.question.test.margin is None else "shown"
    thing = "margin" if row.question.test.margin is not None else "change" if row.paired else "difference"
    single = [member.name for member in row.members if member.now is not None and member.now.clusters < 2]
    if single:
        return [f"Now nothing can be said: {listed(single)} has fewer than two independent {row.assumed.unit}s."]
    if np.isnan(detectable):
        return [f"With the {row.assumed.unit}s of now, no possible {thing} is {seen} with this power."]
    return [f"With the {row.assumed.unit}s of now, a {thing} of {detectable:.1f} points is {seen} with this power."]


def _frames(row: Sought, options: pd.DataFrame) -> list[str]:
    assumed = row.assumed
    shape, name = assumed.shape, f"{assumed.unit}s_needed"
    if assumed.unit == FACE or "frames_per_clip" not in options:
        return []
    alike = options
    for column, value in (("clips_per_person", shape.clips_per_person),
                          ("seeds", assumed.change.seeds if assumed.change else None)):  # fmt: skip
        if column in alike and value is not None:
            alike = alike[alike[column] == value]
    clips = alike.set_index("frames_per_clip")[name]
    once, twice = (clips.get(int(times * shape.frames)) for times in (1, 2))
    if pd.isna(once) or pd.isna(twice):
        return []
    correlations = assumed.correlations if assumed.change is None else assumed.change_correlations
    only = "only to" if twice > _HARDLY * once else "to"
    why = "frames of one clip are near copies" if only == "only to" else "frames of one clip are not near copies"
    return [
        f"Doubling the frames per {assumed.unit} to {2 * shape.frames:g} brings this number {only} {twice:,.0f}: {why} "
        f"(correlation {correlations.within:.2f})."
    ]


def _worth(row: Sought, worth: pd.DataFrame) -> list[str]:
    if worth.empty:
        return []
    smallest = min(row.members, key=lambda member: member.now.clusters if member.now else np.inf)
    parts = [
        f"{step} ({faces:,} more faces) lowers it by {lowers:.1f}"
        for step, faces, lowers in zip(worth["step"], worth["faces_added"], worth["lowers_by_points"], strict=True)
    ]
    where = "" if row.paired else f" of {smallest.name}"
    thing = "margin" if row.question.test.margin is not None else "change" if row.paired else "difference"
    return [f"What further faces{where} are worth, in points of that {thing}: {listed(parts)}."]


def _cheapest(row: Sought, options: pd.DataFrame) -> list[str]:
    if "cheapest" not in options or not options["cheapest"].any():
        return []
    best = options[options["cheapest"]].iloc[0]
    unit = row.assumed.unit
    parts = [f"{best[f'{unit}s_needed']:,} {unit}s"]
    if "frames_per_clip" in options:
        parts[0] += f" of {best['frames_per_clip']:.0f} frames"
    if "clips_per_person" in options:
        parts.append(f"{best['clips_per_person']:g} clips per person")
    if "seeds" in options and best["seeds"] > 1:
        parts.append(f"{best['seeds']:.0f} seeds per side")
    return [f"At these prices the cheapest design costs {best['cost']:,}: {', '.join(parts)}."]


def _sides(row: Sought) -> str:
    change = row.assumed.change
    if change is None:
        return ""
    seeds = (
        "one training per side"
        if change.seeds == 1
        else f"{change.seeds} trainings per side, whose accuracy varies by {PERCENT * change.seed_deviation:.1f} points"
    )
    return (
        f"Assumed: exactly one of the two sides is right on {PERCENT * change.disagreement:.1f} % of the faces, with "
        f"{seeds}."
    )

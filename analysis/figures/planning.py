"""The figure of a plan: the detectable difference against the number of clips."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure

from analysis.experiments.runs_by_experiment import PERCENT
from analysis.figures.style import MARKERS, tidy
from analysis.tables.plan_assumptions import FACE
from analysis.tables.planning import Sought
from fer.data.attributes import ALL
from fer.fairness.group_design import GroupDesign
from fer.fairness.study_size import Change
from fer.figures import COLOURS, in_legend, literal

_POINTS = 7
_MOST_MARKS = 4
_CLIPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)
_SIZES = (0.5, 1, 2, 3, 5, 10, 15, 20, 30, 50, 100)


@literal
def plan_figure(row: Sought, rows: Sequence[Sought]) -> Figure:
    """Draw the detectable difference of a pair of groups (a change) against clips per group, both axes logarithmic.

    One line per number of frames per clip or, where trainings vary, of seeds; a group that has more clips keeps them. A
    broken line at the difference that is to be seen, a star at the number of clips that are needed for it, and for each
    of ``rows`` a mark where its smaller group stands now.
    """
    unit, shape = row.assumed.unit, row.assumed.shape
    figure = Figure(figsize=(7.6, 4.2), layout="constrained")
    axis = figure.subplots()
    needed = row.needed(shape)
    now = [min(member.clips for member in one.members) for one in rows[:_MOST_MARKS]]
    most = max([*now, needed if np.isfinite(needed) else 400.0])
    counts = np.unique(np.geomspace(max(min(filter(None, now), default=8), 3), 2 * most, _POINTS).round())
    for number, (label, design, change) in enumerate(_lines(row)):
        curve = [row.detectable(_grown(row, design, count), change) for count in counts]
        axis.plot(counts, curve, color=COLOURS[number], marker=MARKERS[number], markersize=4, label=label,
                  linewidth=2.2 if design == shape and change == row.assumed.change else 1.2)  # fmt: skip
    size = PERCENT * row.question.size()
    axis.axhline(size, color="0.35", linestyle="--", linewidth=1)
    axis.annotate(f"asked: {size:g} points", (0, size), (4, -4), xycoords=("axes fraction", "data"), va="top",
                  textcoords="offset points", fontsize=8, color="0.25")  # fmt: skip
    if np.isfinite(needed):
        words = f"needed: {needed:,.0f} {unit}s"
        axis.plot([needed], [size], "*", markersize=15, color=COLOURS[5], zorder=4, label=words)
    for number, one in enumerate(rows[:_MOST_MARKS]):
        points = one.detectable()
        if np.isfinite(points):
            axis.plot([now[number]], [points], MARKERS[number + 3], markersize=8, color="0.1", markerfacecolor="white",
                      markeredgewidth=1.5, zorder=5, linestyle="", label=in_legend(f"now: {_named(one)}"))  # fmt: skip
    axis.set_xscale("log")
    axis.set_yscale("log")
    for side, ticks, (low, high) in ((axis.xaxis, _CLIPS, axis.get_xlim()), (axis.yaxis, _SIZES, axis.get_ylim())):
        side.set_ticks([tick for tick in ticks if low <= tick <= high])
        side.set_major_formatter("{x:,g}")
        side.set_minor_formatter("")
    axis.set_xlabel(f"{unit}s" if row.paired else f"{unit}s of each group (one that has more keeps them)")
    thing = "detectable change" if row.paired else "detectable difference"
    axis.set_ylabel(f"{thing if row.question.test.margin is None else 'margin that can be shown'} (points)")
    axis.set_title(f"{_named(row)}, with {PERCENT * row.question.power:g} % power", fontsize=10)
    tidy(axis, "both")
    axis.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def _lines(row: Sought) -> Iterator[tuple[str, GroupDesign, Change | None]]:
    unit, shape, change = row.assumed.unit, row.assumed.shape, row.assumed.change
    if change is not None and change.seeds > 1 and change.seed_deviation > 0:
        for seeds in sorted({change.seeds, 5, 10, 20}):
            yield f"{seeds} seeds per side", shape, replace(change, seeds=seeds)
    elif unit == FACE:
        yield "each face counts as independent", shape, change
    else:
        for frames in sorted({1.0, shape.frames, 5 * shape.frames}):
            yield f"{frames:g} frame{'s' if frames != 1 else ''} per {unit}", replace(shape, frames=frames), change


def _grown(row: Sought, design: GroupDesign, clips: float) -> list[GroupDesign]:
    """Return designs with so many clips, or those that a group has, of the more accurate group first."""
    if row.paired:
        return [design.of(clips)]
    return [design.of(max(clips, member.now.clips if member.now else 0)) for member in row.ordered()]


def _named(row: Sought) -> str:
    return " and ".join("all faces" if member.name == ALL else member.name for member in row.members)

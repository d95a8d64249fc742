"""Accuracy by group against the fraction added: the cross-cultural study's Figures 8 and 9."""

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analysis.experiments.runs_by_experiment import mixtures_of, tag_of
from analysis.figures.style import HATCH, NO_INTERVAL, tidy, whiskers
from analysis.tables.columns import SD, companion, keyed, keys_of
from analysis.tables.results import group_table
from fer.data.attributes import RACE, Attribute
from fer.errors import InputError
from fer.evaluation.metric_names import group_shown
from fer.figures import COLOURS, in_legend, literal
from fer.sentinels import NONE
from fer.tracking import names

_ACCURACY = "accuracy_percent"


@literal
def accuracy_by_fraction(
    runs: pd.DataFrame, attribute: Attribute | str = RACE, split: str = "test", origin: str = names.MEASURED,
    intervals: pd.DataFrame | None = None,
) -> Figure:  # fmt: skip
    """Draw each group's accuracy as bars against the fraction added: one panel per base that has an addition.

    ``runs`` as for :func:`analysis.group_table`; drawn are those of one ``origin``, ``measured`` or ``published``.
    Whiskers are ``intervals`` (:func:`analysis.interval_table`, of accuracy); a bar whose interval cannot be given is
    hatched. Without ``intervals`` they are the standard deviation over seeds, where there are several. Raises
    InputError if no run is of that origin or has groups of ``attribute``.

    Example:
        >>> from analysis.experiments.examples import example_runs
        >>> figure = accuracy_by_fraction(example_runs(), "race")
        >>> [axis.get_xlabel() for axis in figure.axes]
        ['share of two added to one']

    """
    attribute = Attribute.parse(attribute)
    runs = _of_origin(runs, origin)
    table = group_table(runs, attribute, split=split).merge(mixtures_of(runs), on=["experiment", "origin"])
    added = table.loc[table["fraction"] > 0, "base"].unique()
    bases = [base for base in table["base"].unique() if base in added] or list(table["base"].unique())
    groups = keys_of(table, _ACCURACY)
    figure = Figure(figsize=(0.8 + 5.2 * len(bases), 3.8), layout="constrained")
    axes = figure.subplots(1, len(bases), sharey=True, squeeze=False)[0]
    for axis, base in zip(axes, bases, strict=True):
        rows = table[table["base"] == base].sort_values("fraction")
        for number, group in enumerate(groups):
            ends = _ends(rows, group, intervals)
            _bars(axis, rows, group, (number - (len(groups) - 1) / 2) * 0.8 / len(groups), ends, number, len(groups))
        swapped = (rows["arm"] == "swap") & (rows["fraction"] > 0)
        shares = rows["fraction"].map("{:.0%}".format)
        axis.set_xticks(np.arange(len(rows)), shares.where(~swapped, "~" + shares))
        addition = next((name for name in rows["addition"] if name != NONE), "nothing")
        axis.set_xlabel(f"share of {addition} added to {base}")
        tidy(axis)
    axes[0].set_ylabel("accuracy (%)")
    figure.suptitle(f"Accuracy by {attribute}, {origin}", fontsize=11)
    handles: list[Artist] = [
        Patch(color=COLOURS[number % len(COLOURS)], label=in_legend(group)) for number, group in enumerate(groups)
    ]
    if intervals is not None:
        handles += [Line2D([], [], color="black", marker="|", linewidth=0.8, label="95 % interval"),
                    Patch(facecolor="0.6", edgecolor="white", hatch=HATCH, linewidth=0, label=NO_INTERVAL)]  # fmt: skip
    figure.legend(handles=handles, loc="outside right center", frameon=False, fontsize=8)
    return figure


def _bars(
    axis: Axes, rows: pd.DataFrame, group: str, shift: float, ends: np.ndarray | None, number: int, groups: int
) -> None:
    bars = axis.bar(
        np.arange(len(rows)) + shift, rows[keyed(_ACCURACY, group)], 0.75 / groups, yerr=ends, capsize=2,
        error_kw={"linewidth": 0.8}, color=COLOURS[number % len(COLOURS)], label=group,
    )  # fmt: skip
    if ends is not None:
        for bar, (down, up) in zip(bars, ends.T, strict=True):
            if np.isnan([down, up]).any():
                bar.set(hatch=HATCH, edgecolor="white", linewidth=0)


def _ends(rows: pd.DataFrame, group: str, intervals: pd.DataFrame | None) -> np.ndarray | None:
    """The whiskers of one group's bars; None, no whisker at all, without intervals or a second seed."""
    if intervals is None:
        deviation = rows[companion(keyed(_ACCURACY, group), SD)]
        return np.stack([deviation.fillna(0)] * 2) if deviation.notna().any() else None
    own = intervals[intervals["group"].map(group_shown) == group].set_index("experiment").reindex(rows["experiment"])
    return whiskers(*(own[name].to_numpy() for name in ("estimate", "low", "high")))


def _of_origin(runs: pd.DataFrame, origin: str) -> pd.DataFrame:
    if runs.empty:
        raise InputError("no finished runs to draw; run a study first, or check experiment and study.")
    marked = tag_of(runs, names.ORIGIN).fillna(names.MEASURED) == origin
    if not marked.any():
        raise InputError(f"no run is tagged {names.ORIGIN}={origin}; draw another origin.")
    return runs[marked]

"""Figures over runs: accuracy by group against fraction (the paper's Figures 8 and 9), and the trade-off."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.tables import group_table, mixtures_of, tag_of, trade_off_table
from fer.errors import InputError
from fer.figures import COLOURS
from fer.tracking import names

MARKERS = ("o", "s", "^", "D", "v", "P")


def accuracy_by_fraction(
    runs: pd.DataFrame, attribute: str = "race", split: str = "test", origin: str = names.MEASURED
) -> Figure:
    """Draw accuracy a group as bars against the fraction added: one panel a base that has an addition.

    Whiskers are the standard deviation over seeds, where there are several.
    """
    runs = _of_origin(runs, origin)
    table = group_table(runs, attribute, split=split).merge(mixtures_of(runs), on=["experiment", "origin"])
    added = table.loc[table["fraction"] > 0, "base"].unique()
    bases = [base for base in table["base"].unique() if base in added] or list(table["base"].unique())
    spread = [name for name in table if name.endswith("_sd") and name != "std_sd"]
    groups = [name.removesuffix("_sd") for name in spread]
    figure = Figure(figsize=(0.8 + 5.2 * len(bases), 3.8), layout="constrained")
    axes = figure.subplots(1, len(bases), sharey=True, squeeze=False)[0]
    for axis, base in zip(axes, bases, strict=True):
        rows = table[table["base"] == base].sort_values("fraction")
        places, width = np.arange(len(rows)), 0.8 / len(groups)
        for number, group in enumerate(groups):
            middle = places + (number - (len(groups) - 1) / 2) * width
            axis.bar(
                middle, rows[group], width * 0.94, yerr=_whiskers(rows[f"{group}_sd"]), capsize=2,
                error_kw={"linewidth": 0.8}, color=COLOURS[number % len(COLOURS)], label=group,
            )  # fmt: skip
        swapped = (rows["arm"] == "swap") & (rows["fraction"] > 0)
        shares = rows["fraction"].map("{:.0%}".format)
        axis.set_xticks(places, shares.where(~swapped, "~" + shares))
        addition = next((name for name in rows["addition"] if name != "none"), "nothing")
        axis.set_xlabel(f"share of {addition} added to {base}")
        axis.spines[["top", "right"]].set_visible(False)
        axis.yaxis.grid(True, color="0.9")
        axis.set_axisbelow(True)
    axes[0].set_ylabel("accuracy (%)")
    figure.suptitle(f"Accuracy by {attribute}, {origin}", fontsize=11)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right upper", frameon=False)
    return figure


def trade_off_figure(runs: pd.DataFrame, attribute: str = "race", split: str = "test") -> Figure:
    """Draw accuracy against its standard deviation over groups, a point an experiment, and the Pareto front.

    Best is the upper left. Published rows, if any, are drawn hollow with a front of their own.
    """
    table = trade_off_table(runs, attribute, split).merge(mixtures_of(runs), on=["experiment", "origin"])
    figure = Figure(figsize=(8.2, 5.2), layout="constrained")
    axis = figure.subplots()
    bases = list(dict.fromkeys(table["base"]))
    for origin, rows in table.groupby("origin", sort=False):
        hollow = origin == names.PUBLISHED
        for number, base in enumerate(bases):
            here = rows[rows["base"] == base]
            if here.empty:
                continue
            colour = COLOURS[number % len(COLOURS)]
            axis.scatter(
                here["std"], here["accuracy"], s=52, marker=MARKERS[number % len(MARKERS)], linewidths=1.4,
                facecolors="none" if hollow else colour, edgecolors=colour, zorder=3, label=f"{base}, {origin}",
            )  # fmt: skip
        front = rows[rows["pareto"]].sort_values(["std", "accuracy"])
        axis.plot(
            front["std"], front["accuracy"], color="0.35", linewidth=1.1, linestyle=":" if hollow else "-",
            drawstyle="steps-post", zorder=2, label=f"Pareto front, {origin}",
        )  # fmt: skip
        for _, row in rows.iterrows():
            label = f"{row['fraction']:.0%}" if row["fraction"] else "only"
            axis.annotate(label, (row["std"], row["accuracy"]), (5, 4), textcoords="offset points", fontsize=8)
    axis.set_xlabel(f"standard deviation of accuracy over {attribute} (percentage points; left is fairer)")
    axis.set_ylabel("accuracy (%)")
    axis.spines[["top", "right"]].set_visible(False)
    axis.grid(True, color="0.92")
    axis.set_axisbelow(True)
    figure.legend(loc="outside right upper", frameon=False, fontsize=8)
    figure.suptitle(f"Accuracy against fairness by {attribute}; labels: share added", fontsize=11)
    return figure


def _whiskers(spread: pd.Series) -> pd.Series | None:
    """Spread over seeds, 0 where an experiment has one; None, no whisker at all, if none has several."""
    return spread.fillna(0) if spread.notna().any() else None


def _of_origin(runs: pd.DataFrame, origin: str) -> pd.DataFrame:
    if runs.empty:
        raise InputError("no finished runs to draw; run a study first, or check experiment and study.")
    marked = tag_of(runs, names.ORIGIN).fillna(names.MEASURED) == origin
    if not marked.any():
        raise InputError(f"no run is tagged {names.ORIGIN}={origin}; draw another origin.")
    return runs[marked]

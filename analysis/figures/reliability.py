"""Reliability curves by group."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.figures.style import MARKERS, tidy
from fer.figures import COLOURS, in_legend, literal

_FEWEST = 10


@literal
def reliability_figure(tables: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw accuracy against confidence.

    One panel per experiment, one line per group. ``tables`` maps names to
    :func:`analysis.tables.calibration.reliability_of`. Below the diagonal a model is overconfident. A mark's
    area follows the number of predictions in its bin; bins with fewer than 10 are left out.
    """
    columns = min(3, len(tables))
    rows = -(-len(tables) // columns)
    figure = Figure(figsize=(0.6 + 3.6 * columns, 0.7 + 3.4 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for axis in axes.flat[len(tables) :]:
        axis.set_visible(False)
    for axis, (name, table) in zip(axes.flat, tables.items(), strict=False):
        axis.plot([0, 1], [0, 1], color="0.7", linewidth=1, zorder=1)
        for number, group in enumerate(table.index.get_level_values("group").unique()):
            shown = table.loc[group]
            shown = shown[shown["count"] >= _FEWEST]
            colour = "0.25" if group == "all" else COLOURS[(number - 1) % len(COLOURS)]
            axis.plot(shown["confidence"], shown["accuracy"], color=colour, linewidth=1, alpha=0.7, zorder=2)
            axis.scatter(
                shown["confidence"], shown["accuracy"], s=8 + 60 * np.sqrt(shown["count"] / table["count"].max()),
                color=colour, marker=MARKERS[number % len(MARKERS)], alpha=0.85, label=in_legend(group), zorder=3,
            )  # fmt: skip
        axis.set(xlim=(0, 1), ylim=(0, 1), box_aspect=1)
        axis.set_title(name, fontsize=10)
        tidy(axis, "both")
    for axis in axes[-1]:
        axis.set_xlabel("confidence")
    for axis in axes[:, 0]:
        axis.set_ylabel("share right")
    handles, _ = axes[0, 0].get_legend_handles_labels()
    shapes = [
        Line2D([], [], linestyle="", color=handle.get_facecolor()[0], marker=MARKERS[number % len(MARKERS)],
               markersize=5, label=handle.get_label())
        for number, handle in enumerate(handles)
    ]  # fmt: skip
    figure.legend(handles=shapes, loc="outside lower center", ncols=6, frameon=False, fontsize=8)
    return figure

"""Accuracy by group of each experiment, for experiments that are not shares of one addition."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.figures.style import MARKERS, row_height, tidy, whiskers, wrapped
from fer.data.attributes import RACE, Attribute
from fer.figures import COLOURS, in_legend, literal


@literal
def accuracy_by_experiment(intervals: pd.DataFrame, attribute: Attribute = RACE) -> Figure:
    """Draw each group's accuracy with its 95 % interval, one row per experiment and one mark per group.

    ``intervals`` is :func:`analysis.interval_table`. A mark without a line: its interval cannot be estimated.
    """
    table = intervals[(intervals["metric"] == "accuracy") & (intervals["group"] != "all")]
    experiments, groups = (list(dict.fromkeys(table[name])) for name in ("experiment", "group"))
    labels = [wrapped(name) for name in experiments]
    height = 1.4 + row_height(labels, 0.16 + 0.13 * len(groups)) * len(experiments)
    figure = Figure(figsize=(9.2, height), layout="constrained")
    axis = figure.subplots()
    for number, group in enumerate(groups):
        rows = table[table["group"] == group].set_index("experiment").reindex(experiments)
        estimate, low, high = (rows[name].to_numpy(dtype=float) for name in ("estimate", "low", "high"))
        places = np.arange(len(experiments)) + (number - (len(groups) - 1) / 2) * 0.7 / len(groups)
        axis.errorbar(
            estimate, places, xerr=whiskers(estimate, low, high), fmt=MARKERS[number % len(MARKERS)], markersize=4.5,
            color=COLOURS[number % len(COLOURS)], elinewidth=1.1, label=in_legend(group),
        )  # fmt: skip
    axis.set_yticks(range(len(experiments)), labels)
    axis.set_ylim(len(experiments) - 0.5, -0.5)
    axis.set_xlim(0, 100)
    axis.set_xlabel("accuracy (%), lines: 95 % interval")
    tidy(axis, "x")
    figure.legend(loc="outside right upper", frameon=False, fontsize=8, title=str(attribute), title_fontsize=8)
    figure.suptitle(f"Accuracy by {attribute}", fontsize=11)
    return figure

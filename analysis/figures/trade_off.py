"""The trade-off: accuracy against its spread over groups, with the Pareto front."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.experiments.runs_by_experiment import mixtures_of, told_by_share
from analysis.figures.labels import label_points
from analysis.figures.style import MARKERS, tidy, whiskers, wrapped
from analysis.tables.results import trade_off_table
from fer.data.attributes import RACE, Attribute
from fer.figures import COLOURS, in_legend, literal
from fer.tracking import names


@literal
def trade_off_figure(
    runs: pd.DataFrame, attribute: Attribute | str = RACE, split: str = "test", intervals: pd.DataFrame | None = None
) -> Figure:
    """Draw accuracy against its standard deviation over groups, a point an experiment, and the Pareto front.

    Best is the upper left. Published rows, if any, are drawn hollow with a front of their own. With ``intervals``
    (:func:`analysis.tables.interval_table`) each measured accuracy has its 95 % interval as a whisker; the spread has
    none, for it is never negative: see the table of spreads.
    """
    attribute = Attribute.parse(attribute)
    table = trade_off_table(runs, attribute, split).merge(mixtures_of(runs), on=["experiment", "origin"])
    figure = Figure(figsize=(9.2, 5.6), layout="constrained")
    axis = figure.subplots()
    bases = list(dict.fromkeys(table["base"]))
    for origin, rows in table.groupby("origin", sort=False):
        for number, base in enumerate(bases):
            here = rows[rows["base"] == base]
            if len(here):
                _points(axis, here, number, str(base), str(origin), intervals)
        front = rows[rows["pareto"]].sort_values(["std", "accuracy"])
        axis.plot(
            front["std"], front["accuracy"], color="0.35", linewidth=1.1,
            linestyle=":" if origin == names.PUBLISHED else "-", drawstyle="steps-post", zorder=2,
            label=f"Pareto front, {origin}",
        )  # fmt: skip
    axis.set_xlabel(f"standard deviation of accuracy over {attribute} (percentage points; left is fairer)")
    axis.set_ylabel("accuracy (%)" + ("" if intervals is None else ", whiskers: 95 % interval"))
    tidy(axis, "both")
    axis.margins(0.08, 0.1)
    figure.legend(loc="outside right upper", frameon=False, fontsize=8)
    by_share = told_by_share(runs)
    labels = [_label(row) if by_share else str(row["experiment"]) for _, row in table.iterrows()]
    what = "; labels: share added" if by_share else ""
    figure.suptitle(f"Accuracy against fairness by {attribute}{what}", fontsize=11)
    label_points(figure, axis, table[["std", "accuracy"]].to_numpy(dtype=float), list(map(wrapped, labels)))
    return figure


def _points(
    axis: Axes, rows: pd.DataFrame, number: int, base: str, origin: str, intervals: pd.DataFrame | None
) -> None:
    colour, hollow = COLOURS[number % len(COLOURS)], origin == names.PUBLISHED
    axis.scatter(
        rows["std"], rows["accuracy"], s=52, marker=MARKERS[number % len(MARKERS)], linewidths=1.4,
        facecolors="none" if hollow else colour, edgecolors=colour, zorder=3, label=in_legend(f"{base}, {origin}"),
    )  # fmt: skip
    if intervals is None or hollow:
        return
    whole = intervals[intervals["group"] == "all"].set_index("experiment").reindex(rows["experiment"])
    ends = whiskers(*(whole[name].to_numpy() for name in ("estimate", "low", "high")))
    axis.errorbar(
        rows["std"], rows["accuracy"], yerr=ends, fmt="none", ecolor=colour, alpha=0.35, linewidth=1, zorder=1
    )


def _label(row: pd.Series) -> str:
    return ("~" if row["arm"] == "swap" else "") + f"{row['fraction']:.0%}" if row["fraction"] else "only"

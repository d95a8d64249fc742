"""The trade-off: accuracy against its standard deviation over groups, with the Pareto front."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.experiments.runs_by_experiment import KEYS, identified_by_mixture, mixtures_of
from analysis.figures.labels import label_points
from analysis.figures.style import ARM_MARKS, MARKERS, tidy, whiskers, wrapped
from analysis.tables.results import trade_off_table
from fer.data.attributes import RACE, Attribute
from fer.figures import COLOURS, in_legend, literal
from fer.tracking import names

# In place of a base, of evaluations that no study made.
_SINGLE = "single evaluations"
_ACCURACY, _STD = "accuracy_percent", "std_points"


@literal
def trade_off_figure(
    runs: pd.DataFrame, attribute: Attribute | str = RACE, split: str = "test", intervals: pd.DataFrame | None = None
) -> Figure:
    """Draw accuracy against its standard deviation over groups, one point per experiment, and the Pareto front.

    ``runs`` as for :func:`analysis.trade_off_table`. Best is the upper left. Published rows, if any, are drawn hollow
    with a front of their own. With ``intervals`` (:func:`analysis.interval_table`, of accuracy) each measured accuracy
    has its 95 % interval as a whisker; the standard deviation has none, for it is never negative: see
    :func:`analysis.disparity_table`. Raises InputError if no run has groups of ``attribute``.

    Example:
        >>> from analysis.experiments.examples import example_runs
        >>> figure = trade_off_figure(example_runs(), "race")
        >>> figure.axes[0].get_ylabel()
        'accuracy (%)'

    """
    attribute = Attribute.parse(attribute)
    table = trade_off_table(runs, attribute, split).merge(mixtures_of(runs), on=KEYS, how="left")
    table["base"] = table["base"].fillna(_SINGLE)
    figure = Figure(figsize=(9.2, 5.6), layout="constrained")
    axis = figure.subplots()
    bases = list(dict.fromkeys(table["base"]))
    for origin, rows in table.groupby("origin", sort=False):
        for number, base in enumerate(bases):
            here = rows[rows["base"] == base]
            if len(here):
                _points(axis, here, number, str(base), str(origin), intervals)
        front = rows[rows["pareto"]].sort_values([_STD, _ACCURACY])
        axis.plot(
            front[_STD], front[_ACCURACY], color="0.35", linewidth=1.1,
            linestyle=":" if origin == names.PUBLISHED else "-", drawstyle="steps-post", zorder=2,
            label=f"Pareto front, {origin}",
        )  # fmt: skip
    axis.set_xlabel(f"standard deviation of accuracy over {attribute} (percentage points; left is fairer)")
    axis.set_ylabel("accuracy (%)" + ("" if intervals is None else ", whiskers: 95 % interval"))
    tidy(axis, "both")
    axis.margins(0.08, 0.1)
    figure.legend(loc="outside right upper", frameon=False, fontsize=8)
    by_share = identified_by_mixture(runs)
    labels = [_label(row) if by_share else str(row["experiment"]) for _, row in table.iterrows()]
    what = "; labels: share added" if by_share else ""
    figure.suptitle(f"Accuracy against fairness by {attribute}{what}", fontsize=11)
    label_points(figure, axis, table[[_STD, _ACCURACY]].to_numpy(dtype=float), list(map(wrapped, labels)))
    return figure


def _points(
    axis: Axes, rows: pd.DataFrame, number: int, base: str, origin: str, intervals: pd.DataFrame | None
) -> None:
    colour, hollow = COLOURS[number % len(COLOURS)], origin == names.PUBLISHED
    axis.scatter(
        rows[_STD], rows[_ACCURACY], s=52, marker=MARKERS[number % len(MARKERS)], linewidths=1.4,
        facecolors="none" if hollow else colour, edgecolors=colour, zorder=3, label=in_legend(f"{base}, {origin}"),
    )  # fmt: skip
    if intervals is None or hollow:
        return
    whole = intervals[intervals["group"] == "all"].set_index("experiment").reindex(rows["experiment"])
    ends = whiskers(*(whole[name].to_numpy() for name in ("estimate", "low", "high")))
    axis.errorbar(rows[_STD], rows[_ACCURACY], yerr=ends, fmt="none", ecolor=colour, alpha=0.35, linewidth=1, zorder=1)


def _label(row: pd.Series) -> str:
    return ARM_MARKS.get(row["arm"], "") + f"{row['fraction']:.0%}" if row["fraction"] else "only"

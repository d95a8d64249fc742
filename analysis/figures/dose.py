"""The dose-response drawn: each metric against the share added, with its band."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from analysis.figures.style import MARKERS, tidy
from analysis.tables.dose import Series
from fer.errors import InputError
from fer.fairness import DoseResponse
from fer.figures import COLOURS, in_legend, literal

_LABELS = {"accuracy": "accuracy (%)", "accuracy_std": "standard deviation over groups (points)",
           "accuracy_min": "worst group (%)"}  # fmt: skip

_LINES = {"swap": "--", "same": ":"}


@literal
def dose_figure(responses: Mapping[Series, DoseResponse]) -> Figure:
    """Draw accuracy, its standard deviation over groups and the worst group against the share added.

    One line per base and arm; bands are pointwise 95 % intervals over seeds and clusters; a line without a band
    has no interval that can be estimated. Raises InputError without a base that has an addition.
    """
    lines = list(dict.fromkeys((series.base, series.arm) for series in responses))
    if not lines:
        raise InputError("no base has an addition: there is no dose to draw against.")
    drawn = {metric: label for metric, label in _LABELS.items() if Series(*lines[0], metric) in responses}
    figure = Figure(figsize=(0.4 + 3.7 * len(drawn), 3.7), layout="constrained")
    axes = figure.subplots(1, len(drawn), squeeze=False)[0]
    for axis, (metric, label) in zip(axes, drawn.items(), strict=True):
        for number, (base, arm) in enumerate(lines):
            band = responses[Series(base, arm, metric)].band
            colour = COLOURS[number % len(COLOURS)]
            axis.plot(
                band["dose"] * 100, band["mean"], color=colour, marker=MARKERS[number % len(MARKERS)], markersize=5,
                linestyle=_LINES.get(arm, "-"), label=in_legend(f"{base}, {arm}"),
            )  # fmt: skip
            axis.fill_between(
                band["dose"] * 100,
                band["low"].clip(lower=0),
                band["high"].clip(upper=100),
                color=colour,
                alpha=0.15,
                linewidth=0,
            )
        axis.set_xlabel("share added (%)")
        axis.set_title(label, fontsize=10)
        tidy(axis)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False, fontsize=8)
    return figure

"""The variation of an experiment over its seeds."""

import pandas as pd
from matplotlib.figure import Figure

from analysis.experiments.runs_by_experiment import measured_runs, metric_of
from analysis.figures.style import row_height, tidy, wrapped
from analysis.tables.units import server_scale_of
from fer.data.attributes import RACE, Attribute
from fer.errors import InputError
from fer.evaluation.metric_names import metric_name
from fer.figures import COLOURS, literal

# More points are an image within the figure: as shapes, ten thousand take 4 MB of a report.
_MOST_DRAWN = 2000


@literal
def seed_spread(runs: pd.DataFrame, attribute: Attribute = RACE, split: str = "test") -> Figure:
    """Draw each seed's accuracy and standard deviation over groups as a point, their mean as a line.

    One row per experiment, measured runs only. Raises InputError if none has two seeds.
    """
    measured = measured_runs(runs)
    experiments = list(dict.fromkeys(measured["experiment"]))
    if measured["experiment"].is_unique:
        raise InputError(
            "no experiment has more than one seed: the variation over seeds is unknown; run the study with more."
        )
    shown = {
        "accuracy (%)": (metric_name(split, "accuracy"), server_scale_of("accuracy")),
        f"standard deviation over {attribute} (points)": (
            metric_name(split, "accuracy_std", attribute),
            server_scale_of("accuracy_std"),
        ),
    }
    labels = [wrapped(name) for name in experiments]
    figure = Figure(figsize=(9.2, 1.2 + row_height(labels, 0.32) * len(experiments)), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    for axis, (label, (metric, scale)) in zip(axes, shown.items(), strict=True):
        values = metric_of(measured, metric) * scale
        for place, experiment in enumerate(experiments):
            own = values[measured["experiment"] == experiment]
            axis.plot([own.min(), own.max()], [place, place], color="0.75", linewidth=3, solid_capstyle="round")
            axis.plot(
                own, [place] * len(own), "o", color=COLOURS[0], markersize=5, alpha=0.8,
                rasterized=len(measured) > _MOST_DRAWN,
            )  # fmt: skip
            axis.plot([own.mean()], [place], "|", color="0.1", markersize=13, markeredgewidth=1.5)
        axis.set_xlabel(label)
        tidy(axis, "x")
    axes[0].set_yticks(range(len(experiments)), labels)
    axes[0].set_ylim(len(experiments) - 0.5, -0.5)
    figure.suptitle("Variation over seeds: one point per seed, a line for their mean", fontsize=11)
    return figure

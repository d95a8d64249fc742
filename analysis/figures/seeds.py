"""How far the seeds of one experiment lie apart."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.experiments.runs_by_experiment import keyed_runs
from analysis.figures.style import row_height, tidy, wrapped
from fer.data.attributes import RACE, Attribute
from fer.errors import InputError
from fer.evaluation.metric_names import percent_scale
from fer.figures import COLOURS, literal
from fer.tracking import names


@literal
def seed_spread(runs: pd.DataFrame, attribute: Attribute = RACE, split: str = "test") -> Figure:
    """Draw each seed's accuracy and standard deviation over groups as a point, their mean as a line.

    One row an experiment, measured runs only. Raises InputError if none has two seeds: then nothing is known of it.
    """
    keyed = keyed_runs(runs)
    keyed = keyed[keyed["origin"] == names.MEASURED]
    experiments = list(dict.fromkeys(keyed["experiment"]))
    if keyed["experiment"].is_unique:
        raise InputError("no experiment has more than one seed: their spread is not known; run the study with more.")
    shown = {
        "accuracy (%)": f"{split}/accuracy",
        f"standard deviation over {attribute} (points)": f"{split}/{attribute.slug}/accuracy_std",
    }
    labels = [wrapped(name) for name in experiments]
    figure = Figure(figsize=(9.2, 1.2 + row_height(labels, 0.32) * len(experiments)), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    for axis, (label, metric) in zip(axes, shown.items(), strict=True):
        values = keyed.get(f"metrics.{metric}", pd.Series(np.nan, keyed.index)) * percent_scale(metric)
        for place, experiment in enumerate(experiments):
            own = values[keyed["experiment"] == experiment]
            axis.plot([own.min(), own.max()], [place, place], color="0.75", linewidth=3, solid_capstyle="round")
            axis.plot(own, [place] * len(own), "o", color=COLOURS[0], markersize=5, alpha=0.8)
            axis.plot([own.mean()], [place], "|", color="0.1", markersize=13, markeredgewidth=1.5)
        axis.set_xlabel(label)
        tidy(axis, "x")
    axes[0].set_yticks(range(len(experiments)), labels)
    axes[0].set_ylim(len(experiments) - 0.5, -0.5)
    figure.suptitle("Spread over seeds: a point a seed, a line their mean", fontsize=11)
    return figure

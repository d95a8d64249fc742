"""Confusion matrices side by side with their difference, and tables of figures as heat maps."""

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from analysis.tables.columns import quantity_and_key
from fer.figures import literal


@literal
def confusion_difference(before: pd.DataFrame, after: pd.DataFrame, first: str, second: str) -> Figure:
    """Draw two confusion tables (shares of the true emotion, 0..1) and ``after - before`` in points.

    Both are as :func:`analysis.tables.confusion_shares` gives them, of one vocabulary. On the diagonal of the
    difference blue is better; beside it blue means predicted more often.
    """
    figure = Figure(figsize=(13.5, 4.9), layout="constrained")
    axes = figure.subplots(1, 3)
    for axis, shares, title in zip(axes, (before, after), (first, second), strict=False):
        image = _cells(axis, shares * 100, title, "Blues", (0, 100))
    figure.colorbar(image, ax=axes[:2], shrink=0.75, pad=0.01, label="% of the true emotion's faces")
    difference = (after - before) * 100
    widest = float(np.nanmax(np.abs(difference.to_numpy()), initial=1.0))
    image = _cells(axes[2], difference, "difference", "RdBu", (-widest, widest), signed=True)
    figure.colorbar(image, ax=axes[2], shrink=0.75, label="points")
    return figure


@literal
def matrix_figure(table: pd.DataFrame, title: str = "") -> Figure:
    """Draw a train-on x test-on matrix (:func:`analysis.tables.train_test_matrix`) as a heat map, in percent."""
    tests = {name: key for name in table if (key := quantity_and_key(str(name))[1]) is not None}
    trained = table.drop(columns=list(tests)).astype(str).agg(", ".join, axis=1)
    shown = table[list(tests)].set_axis(trained, axis="index").rename(columns=tests)
    size = (2.6 + 0.85 * shown.shape[1] + 0.055 * trained.str.len().max(), 1.6 + 0.38 * len(shown))
    figure = Figure(figsize=size, layout="constrained")
    image = _cells(figure.subplots(), shown, title, "Blues", (0, 100), labels=("tested on", "trained on"))
    figure.colorbar(image, ax=figure.axes, shrink=0.8, label="accuracy (%)")
    return figure


def _cells(
    axis: Axes, shown: pd.DataFrame, title: str, colours: str, limits: tuple[float, float], signed: bool = False,
    labels: tuple[str, str] = ("predicted", "true"),
) -> AxesImage:  # fmt: skip
    image = axis.imshow(shown, cmap=colours, vmin=limits[0], vmax=limits[1], aspect="auto")
    middle, reach = sum(limits) / 2, (limits[1] - limits[0]) / 2
    for (row, column), value in np.ndenumerate(shown.to_numpy(dtype=float)):
        if not math.isnan(value):
            deep = abs(value) > 0.6 * reach if signed else value > middle + 0.1 * reach
            text = f"{value:+.0f}" if signed else f"{value:.0f}"
            axis.text(column, row, text, ha="center", va="center", fontsize=8, color="white" if deep else "0.15")
    axis.set_xticks(range(shown.shape[1]), list(shown), rotation=35, ha="right")
    axis.set_yticks(range(len(shown)), list(shown.index))
    axis.set_xlabel(labels[0])
    axis.set_ylabel(labels[1])
    axis.set_title(title, fontsize=10)
    return image

"""Figures of one run: faces, class distribution, learning curves, confusion matrix, groups.

Each takes arrays or frames and returns a Matplotlib Figure; nothing is computed here that a table lacks.
Colours are Okabe and Ito's, which colour-blind readers tell apart.
"""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#555555")
PERCENT = 100.0


def face_sheet(faces: np.ndarray, captions: Sequence[str] | None = None, columns: int = 8, title: str = "") -> Figure:
    """Draw faces, uint8 ``(n, h, w, 1 or 3)``, in rows of ``columns``, each with its caption."""
    rows = max(1, math.ceil(len(faces) / columns))
    figure = Figure(figsize=(1.15 * columns, 1.3 * rows + (0.5 if title else 0.1)), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    for place, axis in enumerate(axes.flat):
        axis.axis("off")
        if place < len(faces):
            axis.imshow(faces[place].squeeze(), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
            if captions is not None:
                axis.set_title(captions[place], fontsize=7, pad=2)
    if title:
        figure.suptitle(title, fontsize=11)
    return figure


def distribution(counts: pd.DataFrame, title: str) -> Figure:
    """Draw a count table (rows x emotions, as :func:`fer.samples.count_table`) as bars, one panel a row."""
    emotions = [name for name in counts if name != "total"]
    figure = Figure(figsize=(7.5, 0.6 + 1.7 * len(counts)), layout="constrained")
    axes = figure.subplots(len(counts), 1, squeeze=False, sharex=True)[:, 0]
    for axis, (name, row), colour in zip(axes, counts.iterrows(), COLOURS * 9, strict=False):
        bars = axis.bar(emotions, row[emotions], color=colour, width=0.7)
        axis.bar_label(bars, fmt="{:,.0f}", fontsize=8, padding=1)
        axis.set_ylabel("faces")
        axis.set_title(f"{name}: {int(row['total']):,}", fontsize=10, loc="left")
        axis.margins(y=0.2)
        _plain(axis)
    figure.suptitle(title, fontsize=11)
    return figure


def learning_curves(history: pd.DataFrame, best_epoch: int) -> Figure:
    """Draw loss and accuracy by epoch (1-based on the axis), the phases' borders and the best epoch."""
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    epochs = np.arange(1, len(history) + 1)
    for axis, what in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
        for part, colour in (("train", COLOURS[0]), ("validation", COLOURS[5])):
            axis.plot(epochs, history[f"{part}/{what}"], color=colour, label=part, marker="o", markersize=2.5)
        for border in np.flatnonzero(history["phase"].to_numpy()[1:] != history["phase"].to_numpy()[:-1]):
            axis.axvline(border + 1.5, color="0.6", linestyle="--", linewidth=0.8)
        axis.axvline(best_epoch + 1, color=COLOURS[2], linewidth=0.9, label=f"best epoch ({best_epoch + 1})")
        axis.set_xlabel("epoch")
        axis.set_ylabel(what)
        axis.legend(frameon=False, fontsize=8)
        _plain(axis)
    return figure


def confusion(counts: pd.DataFrame, title: str) -> Figure:
    """Draw a confusion table: shade and percent are shares of the true emotion's row; empty rows stay blank."""
    figure = Figure(figsize=(6, 5.2), layout="constrained")
    axis = figure.subplots()
    totals = counts.sum(axis=1)
    shares = counts.div(totals.where(totals > 0), axis=0)
    image = axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), share in np.ndenumerate(shares.to_numpy()):
        if not math.isnan(share):
            text = f"{share:.0%}\n{counts.iloc[row, column]}"
            colour = "white" if share > 0.55 else "0.15"
            axis.text(column, row, text, ha="center", va="center", fontsize=7, color=colour)
    axis.set_xticks(range(len(counts)), counts.columns, rotation=35, ha="right")
    axis.set_yticks(range(len(counts)), [f"{name} ({totals[name]})" for name in counts.index])
    axis.set_xlabel("predicted")
    axis.set_ylabel("true (faces)")
    axis.set_title(title, fontsize=11)
    figure.colorbar(image, ax=axis, shrink=0.8, label="share of the true emotion")
    return figure


def group_bars(groups: pd.DataFrame, attribute: str, title: str) -> Figure:
    """Draw accuracy and weighted F1 a group, with the number of faces and clips under each name.

    Error bars are binomial standard errors of the accuracy, drawn only to show scale: they take faces as
    independent, which frames of a clip are not.
    """
    figure = Figure(figsize=(1.6 + 1.5 * max(3, len(groups)), 3.8), layout="constrained")
    axis = figure.subplots()
    places = np.arange(len(groups))
    error = np.sqrt(groups["accuracy"] * (1 - groups["accuracy"]) / groups["count"].where(groups["count"] > 0))
    accuracy = axis.bar(
        places - 0.2, groups["accuracy"] * PERCENT, 0.38, yerr=error * PERCENT, capsize=3, color=COLOURS[0],
        label="accuracy (± binomial s.e.)",
    )  # fmt: skip
    f1 = axis.bar(places + 0.2, groups["f1_weighted"] * PERCENT, 0.38, color=COLOURS[1], label="weighted F1 x 100")
    axis.bar_label(accuracy, fmt="%.1f", label_type="center", fontsize=8, color="white")
    axis.bar_label(f1, fmt="%.1f", label_type="center", fontsize=8)
    names = [
        f"{name}\n{row['count']:.0f} faces"
        + (f", {row['clusters']:.0f} clip{'s' if row['clusters'] != 1 else ''}" if row["clusters"] > 0 else "")
        for name, row in groups.iterrows()
    ]
    axis.set_xticks(places, names)
    axis.set_ylabel("percent")
    axis.set_xlabel(attribute)
    axis.set_title(title, fontsize=11)
    axis.set_ylim(0, max(5.0, min(100.0, 1.35 * np.nanmax([*(groups["accuracy"] * PERCENT), 1.0]))))
    axis.legend(frameon=False, fontsize=8, loc="upper right")
    _plain(axis)
    return figure


def _plain(axis) -> None:
    axis.spines[["top", "right"]].set_visible(False)

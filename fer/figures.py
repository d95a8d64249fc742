"""Figures of one run: faces, class distribution, learning curves, confusion matrix, groups.

Each function takes arrays or frames and returns a Matplotlib Figure; every number drawn is also in a table.
Colours are Okabe and Ito's, which colour-blind readers can distinguish.
"""

import functools
import math
from collections.abc import Callable, Sequence
from itertools import cycle
from typing import ParamSpec

import numpy as np
import pandas as pd
from matplotlib import rc_context, rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from fer.fonts import further_families

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#555555")
PERCENT = 100.0
_MARKERS = "os^DvPX*"
# Inches: a face with its caption in a sheet, the face, what is left around it, and the line of the sheet's title.
_CELL = (1.15, 1.3)
_FACE = 1.07
_FACE_MARGIN = 0.03
_SHEET_TITLE = 0.35
# Percent: a lower bar is too small for a number.
_LOW = 8.0

Arguments = ParamSpec("Arguments")


def literal(draw: Callable[Arguments, Figure]) -> Callable[Arguments, Figure]:
    """Return ``draw`` so that it shows any text as it is.

    Mathematics is switched off, as Matplotlib would read ``$0-$20k`` as a formula, and where its font lacks characters,
    another one is added (:mod:`fer.fonts`).
    """

    @functools.wraps(draw)
    def drawn(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Figure:
        with rc_context({"text.parse_math": False}):
            figure = draw(*args, **kwargs)
            further = further_families(text.get_text() for text in figure.findobj(Text))
        if not further:
            return figure
        with rc_context({"text.parse_math": False, "font.family": [*rcParams["font.family"], *further]}):
            return draw(*args, **kwargs)

    return drawn


def in_legend(name: str) -> str:
    """Return a name as a legend label: Matplotlib omits labels that begin with an underscore from the legend."""
    return f"\u200b{name}" if name.startswith("_") else name


@literal
def face_sheet(faces: np.ndarray, captions: Sequence[str] | None = None, columns: int = 8, title: str = "") -> Figure:
    """Draw faces, uint8 ``(n, h, w, 1 or 3)``, in a grid of ``columns`` per row, each with its caption."""
    rows = max(1, math.ceil(len(faces) / columns))
    width, height = _CELL[0] * columns, _CELL[1] * rows + (_SHEET_TITLE if title else 0.0)
    figure = Figure(figsize=(width, height))
    # One axis in inches for all faces: an axis for each takes five times as long to draw.
    axis = figure.add_axes((0, 0, 1, 1))
    axis.axis("off")
    for place, face in enumerate(faces):
        row, column = divmod(place, columns)
        middle, bottom = _CELL[0] * (column + 0.5), _CELL[1] * (row + 1) - _FACE_MARGIN
        half = _FACE / 2 / max(face.shape[:2]) * np.array(face.shape[1::-1])
        extent = (middle - half[0], middle + half[0], bottom, bottom - 2 * half[1])
        axis.imshow(
            face.squeeze(), cmap="gray", vmin=0, vmax=255, interpolation="nearest", extent=extent, aspect="auto"
        )
        if captions is not None:
            axis.text(middle, extent[3] - _FACE_MARGIN, captions[place], fontsize=7, ha="center", va="bottom")
    axis.set(xlim=(0, width), ylim=(_CELL[1] * rows, _CELL[1] * rows - height))
    if title:
        figure.suptitle(title, fontsize=11, y=1 - 0.08 / height)
    return figure


@literal
def distribution(counts: pd.DataFrame, title: str) -> Figure:
    """Draw a count table (rows x emotions, as :func:`fer.data.samples.count_table`) as bars, one panel per row."""
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


@literal
def learning_curves(history: pd.DataFrame, best_epoch: int) -> Figure:
    """Draw loss and accuracy by epoch (``best_epoch`` is 0-based, the axis 1-based) with phases and best epoch."""
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


@literal
def confusion(counts: pd.DataFrame, title: str) -> Figure:
    """Draw a confusion matrix of counts; shade and percent are shares of the row (true emotion)."""
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


@literal
def group_bars(counts: pd.DataFrame, intervals: pd.DataFrame, attribute: str, title: str, clusters: str) -> Figure:
    """Draw per-group accuracy and weighted F1 in percent with 95 % intervals, and each group's sample counts.

    ``counts`` and ``intervals`` are those of :class:`fer.evaluation.uncertainty.Uncertainty`; ``clusters`` names the
    independent units of the intervals. A bar whose interval could not be estimated (NaN) is labelled "no interval".
    """
    groups = [name for name in counts.index if name != "all"]
    figure = Figure(figsize=(1.6 + 1.6 * max(3, len(groups)), 4.2), layout="constrained")
    axis = figure.subplots()
    places = np.arange(len(groups))
    highest = 1.0
    for metric, words, shift, colour, ink in (
        ("accuracy", "accuracy", -0.2, COLOURS[0], "white"),
        ("f1_weighted", "weighted F1 x 100", 0.2, COLOURS[1], "black"),
    ):
        rows = intervals.xs(metric, level=1).loc[groups]
        values, low, high = (rows[name].to_numpy(dtype=float) * PERCENT for name in ("estimate", "low", "high"))
        reach = np.nan_to_num(np.stack([values - low, high - values]))
        known = ~np.isnan(low)
        axis.bar(places + shift, values, 0.38, color=colour, label=words)
        # Beside the number, which is in the bar's left half.
        axis.errorbar(
            places[known] + shift + 0.1, values[known], reach[:, known], fmt="none", ecolor="0.25", elinewidth=1.2,
            capsize=2.5,
        )  # fmt: skip
        for place, value, sure in zip(places + shift, values, known, strict=True):
            if not np.isnan(value):
                inside = value > _LOW
                axis.annotate(f"{value:.1f}", (place - 0.06, value), (0, -4 if inside else 2), fontsize=8, ha="center",
                              textcoords="offset points", va="top" if inside else "bottom",
                              color=ink if inside else "black")  # fmt: skip
                if not sure:
                    axis.annotate("no\ninterval", (place, max(value, _LOW)), (0, 3), textcoords="offset points",
                                  ha="center", fontsize=7, color="0.35")  # fmt: skip
        highest = max([highest, *np.nan_to_num(values), *np.nan_to_num(high)])
    axis.set_xticks(places, [_rests_on(name, counts.loc[name]) for name in groups], fontsize=9)
    axis.set_ylabel("percent")
    axis.set_xlabel(f"{attribute} (bars: 95 % interval over {clusters})")
    axis.set_title(title, fontsize=11)
    axis.set_ylim(0, min(118.0, 1.25 * highest))
    axis.legend(frameon=False, fontsize=8, loc="upper right", ncols=2)
    _plain(axis)
    return figure


@literal
def robustness(table: pd.DataFrame, attribute: str, title: str) -> Figure:
    """Draw accuracy by severity, one panel per perturbation and one line per group.

    ``table`` has the columns ``perturbation, severity, group, accuracy, low, high`` of one attribute, see
    :func:`fer.evaluation.robustness.robustness_table`. Bands are 95 % intervals; a line has no band if its interval
    could not be estimated.
    """
    kinds = list(table["perturbation"].unique())
    columns = min(4, len(kinds))
    rows = math.ceil(len(kinds) / columns)
    figure = Figure(figsize=(0.8 + 2.5 * max(columns, 2), 0.9 + 2.4 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).flat
    for axis, kind in zip(axes, kinds, strict=False):
        here = table[table["perturbation"] == kind]
        drawn = zip(here.groupby("group", sort=False), cycle(COLOURS), cycle(_MARKERS), strict=False)
        for (group, line), colour, marker in drawn:
            axis.plot(line["severity"], line["accuracy"] * PERCENT, color=colour, marker=marker, markersize=4,
                      label=in_legend(str(group)))  # fmt: skip
            low, high = (line[end].astype(float) * PERCENT for end in ("low", "high"))
            axis.fill_between(line["severity"], low, high, color=colour, alpha=0.13, linewidth=0)
        axis.set_title(kind, fontsize=10, loc="left")
        axis.set_xticks(range(6), ["clean", *map(str, range(1, 6))])
        axis.tick_params(labelsize=8, labelbottom=True)
        _plain(axis)
    # After everything is drawn: setting a limit switches automatic scaling off.
    figure.axes[0].set_ylim(bottom=0)
    for axis in list(figure.axes)[len(kinds) :]:
        axis.axis("off")
    figure.supxlabel("severity", fontsize=9)
    figure.supylabel("accuracy, percent", fontsize=9)
    figure.suptitle(f"{title}: corrupted faces", fontsize=11)
    if attribute != "all":
        lines = figure.axes[0].get_legend_handles_labels()
        figure.legend(*lines, loc="outside right upper", frameon=False, fontsize=8, title=attribute, title_fontsize=8)
    return figure


def _rests_on(name: str, row: pd.Series) -> str:
    units = [unit for unit in ("faces", "persons", "clips", "clusters") if unit in row]
    parts = [f"{row[unit]} {unit if row[unit] != 1 else unit[:-1]}" for unit in units]
    lines = [parts[0], ", ".join(parts[1:-1]), parts[-1]] if len(parts) > 2 else parts
    return "\n".join([name, *lines])


def _plain(axis: Axes) -> None:
    axis.spines[["top", "right"]].set_visible(False)

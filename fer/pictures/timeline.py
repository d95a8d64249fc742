"""The emotions of a video over time, as a figure."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from fer.figures import COLOURS, literal

_MOST_FACES = 12


@literal
def timeline(table: pd.DataFrame, emotions: Sequence[str], title: str, step: float) -> Figure:
    """Draw one row per face of a video, coloured by emotion over time, pale where the emotion is improbable.

    ``table`` holds the rows of one video (:func:`fer.pictures.table.face_rows`), ``step`` the seconds from one
    predicted frame to the next. Of more than twelve faces the longest seen are drawn, which the title says.
    """
    seen = table["face"].value_counts()
    shown = sorted(seen.index[:_MOST_FACES])
    figure = Figure(figsize=(9, 1.6 + 0.36 * max(1, len(shown))), layout="constrained")
    axis = figure.subplots()
    colours = dict(zip(emotions, (COLOURS * 2)[: len(emotions)], strict=True))
    for row, face in enumerate(shown):
        one = table[table["face"] == face].sort_values("time")
        starts = one["time"].to_numpy(dtype=float)
        opacity = np.clip(one["probability"].to_numpy(dtype=float), 0.25, 1.0)
        axis.barh(
            np.full(len(one), row), np.full(len(one), step), left=starts, height=0.8, linewidth=0,
            color=[(*_rgb(colours[emotion]), alpha) for emotion, alpha in zip(one["emotion"], opacity, strict=True)],
        )  # fmt: skip
    axis.set_yticks(range(len(shown)), [f"face {face}" for face in shown])
    axis.invert_yaxis()
    axis.set_xlabel("seconds")
    axis.set_xlim(0, max(step, float(table["time"].max()) + step) if len(table) else step)
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)
    axis.tick_params(axis="y", length=0)
    patches = [Patch(color=colours[emotion], label=emotion) for emotion in emotions]
    figure.legend(handles=patches, loc="outside lower center", ncols=len(emotions), frameon=False, fontsize=8)
    more = f" (the {_MOST_FACES} of {len(seen)} faces that are longest in it)" if len(seen) > len(shown) else ""
    axis.set_title(f"{title}{more}", loc="left", fontsize=10)
    return figure


def _rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue

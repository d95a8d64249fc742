"""Common style of all figures: markers, axes, whiskers."""

import textwrap
from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
# What stands before a share that was not added.
ARM_MARKS = {"swap": "~", "same": "="}
HATCH = "////"
NO_INTERVAL = "no interval can be given"


def tidy(axis: Axes, grid: Literal["x", "y", "both"] = "y") -> None:
    """Leave an axis its left and lower line and a light grid behind the data."""
    axis.spines[["top", "right"]].set_visible(False)
    axis.grid(True, axis=grid, color="0.9", linewidth=0.7)
    axis.set_axisbelow(True)


def whiskers(estimate: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return Matplotlib's ``yerr``, (2, n): distances down and up, NaN (nothing is drawn) where an end is NaN."""
    return np.stack([estimate - low, high - estimate]).clip(min=0)


def wrapped(name: str, width: int = 36) -> str:
    """Return a name in lines of at most ``width`` characters, so that a long one leaves the axis its room."""
    return "\n".join(textwrap.wrap(name, width, break_on_hyphens=False)) or name


def row_height(labels: Sequence[str], least: float) -> float:
    """Return the height in inches of rows that these labels name, so that those of several lines do not touch."""
    return max([least, *(0.19 * len(label.splitlines()) for label in labels)])

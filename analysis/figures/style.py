"""What all figures share: markers, a tidy axis, whiskers."""

from typing import Literal

import numpy as np
from matplotlib.axes import Axes

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
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

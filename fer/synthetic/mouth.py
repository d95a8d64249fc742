"""Outlines of lips, teeth and tongue, in the format of :mod:`fer.synthetic.shapes`."""

import numpy as np

from fer.synthetic.shapes import ALONG, Measures, band, between


def mouth_curves(measure: Measures, act: Measures) -> dict[str, np.ndarray]:
    """Return x and the heights (n, 17) of the lips' inner edges, outer edges and the teeth and tongue."""
    s = ALONG[None]
    arc = 1.0 - s**2
    opening = np.clip(act["mouth_open"], 0.0, 1.2)
    bared = np.clip(act["teeth"], 0.0, 1.0)
    centre = measure["mouth_height"] + 0.155 * act["mouth_corner"] * (0.45 - np.abs(s) ** 1.8)
    centre = centre - 0.045 * act["pout"] * arc**2 + 0.05 * opening
    shape = np.maximum(arc, 0.0) ** (0.55 - 0.3 * bared)
    raised = np.clip(act["lip_raise"], 0.0, 1.2) * arc * (0.035 + 0.16 * s**2)
    upper = centre - (0.006 + 0.075 * opening) * shape - raised
    lower = centre + (0.006 + 0.215 * opening * (1 - 0.45 * bared)) * shape
    lip = measure["lip"] * (1.0 - 0.15 * opening)
    bow = 1.0 - 0.38 * np.exp(-((s / 0.17) ** 2))
    top = upper - lip * 0.95 * bow * arc**0.7
    under = lower + lip * (1.18 + 0.55 * np.clip(act["pout"], 0, 1)) * arc**0.8
    rows = np.clip(0.045 + 0.055 * np.clip(act["mouth_corner"], 0, 1) + 0.06 * bared, 0, 1) * arc**0.35
    teeth = np.minimum(upper + rows * np.clip(opening * 4, 0, 1), lower)
    low_teeth = np.maximum(lower - 0.085 * bared * arc**0.35, teeth)
    tongue = np.maximum(lower - 0.10 * opening * arc, teeth)
    x = s * measure["mouth_width"] * (1.0 + 0.32 * act["mouth_width"])
    named = {"x": x, "upper": upper, "lower": lower, "top": top, "under": under}
    return named | {"teeth": teeth, "low_teeth": low_teeth, "tongue": tongue, "centre": centre}


def mouth_part(curves: dict[str, np.ndarray], above: str, below: str, width: float = 1.0) -> np.ndarray:
    """Outline the region between two curves of :func:`mouth_curves`, narrowed by ``width``."""
    return between(width * curves["x"], curves[above], curves[below])


def lip_line(curves: dict[str, np.ndarray], name: str, half: float) -> np.ndarray:
    """Outline a line along one of the mouth's curves, a little wider than the mouth."""
    return band(1.03 * curves["x"], curves[name], half * (1.0 - 0.5 * ALONG[None] ** 2))

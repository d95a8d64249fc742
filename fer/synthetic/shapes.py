"""Outlines of head and hair as polygons, for many faces at once.

Face coordinates: origin at the centre of the head, x to the right, y down, half a head's height = 1.
Every function returns polygons (n, points, 2) of one feature, so that all n faces have the same
number of points and no loop over the faces is needed.
"""

import numpy as np

from fer.synthetic.expressions import ACTIONS

ALONG = np.linspace(-1.0, 1.0, 17)  # along a feature, from end to end
HALF_ALONG = np.linspace(0.0, 1.0, 11)  # along half a feature
Measures = dict[str, np.ndarray]


def named_actions(actions: np.ndarray) -> Measures:
    """Return actions (n, 13) as name -> (n, 1), ready to broadcast along a feature."""
    return {name: actions[:, column, None] for column, name in enumerate(ACTIONS)}


def head(measure: Measures, act: Measures) -> np.ndarray:
    """Outline the skull and jaw; the chin drops as the mouth opens."""
    angle = np.linspace(0.0, 2.0 * np.pi, 64, endpoint=False)[None]
    height = np.sin(angle)
    below = np.clip(height, 0.0, None)
    x = measure["head_width"] * np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** 0.86
    x = x * (1.0 - measure["jaw"] * below**1.6)
    y = height + (0.13 * np.clip(act["mouth_open"], 0, 1.2)) * below**2
    return polygon(x, y)


def ear(measure: Measures, side: int, scale: float) -> np.ndarray:
    """Outline one ear (side -1 = left in the image), or at a smaller ``scale`` its hollow."""
    angle = np.linspace(0.0, 2.0 * np.pi, 20, endpoint=False)[None]
    reach = measure["ear"] * scale
    x = side * (measure["head_width"] + 0.03) + 0.095 * reach * np.cos(angle)
    return polygon(x, 0.10 + 0.19 * reach * np.sin(angle) + 0 * x)


def neck(measure: Measures) -> np.ndarray:
    """Outline the neck, from behind the jaw to below the image."""
    x = measure["head_width"] * np.array([[-0.62, 0.62, 0.66, 0.85, -0.85, -0.66]])
    return polygon(x, np.array([[0.3, 0.3, 1.0, 1.6, 1.6, 1.0]]) + 0 * x)


def shirt(measure: Measures) -> np.ndarray:
    """Outline the collar and shoulders."""
    arc = np.linspace(-1.0, 1.0, 15)[None]
    x = np.concatenate([-1.9 + 0 * measure["jaw"], 0.62 * arc + 0 * measure["jaw"], 1.9 + 0 * measure["jaw"]], 1)
    y = np.concatenate([[[1.75]], 1.08 + 0.26 * (1 - arc**2), [[1.75]]], 1)
    return polygon(x, y + 0 * x)


def hair_behind(measure: Measures, style: np.ndarray) -> np.ndarray:
    """Outline the hair around and below the head; style (n, 7) as in ``fer.synthetic.identity``."""
    volume, low = style[:, 0:1], style[:, 1:2]
    top = _hair_outline(measure, style)
    # Short hair ends at the ears, where its outline meets the head.
    side = measure["head_width"] + np.where(low < 0.0, 0.0, 0.75 * volume)
    low = np.clip(low, 0.06, None)
    flare = side + 0.10 * np.clip(low, 0.0, 1.0)
    x = np.concatenate([top[..., 0], flare, 0.8 * flare, -0.8 * flare, -flare], 1)
    y = np.concatenate([top[..., 1], low - 0.06, low, low, low - 0.06], 1)
    return polygon(x, y)


def hair_front(measure: Measures, style: np.ndarray) -> np.ndarray:
    """Outline the hair over the forehead: the top of the hair above, the hairline below."""
    wave = style[:, [5]]
    top = _hair_outline(measure, style)
    s = np.linspace(1.0, -1.0, 33)[None]
    y = _hairline(style, s) + (0.010 + 1.2 * wave) * np.sin(14 * s) * (1 - s**2)
    width = measure["head_width"] * np.sqrt(np.clip(1.0 - 0.9 * np.clip(y, None, 0.0) ** 2, 0.02, 1.0))
    return polygon(np.concatenate([top[..., 0], s * (width + 0.02)], 1), np.concatenate([top[..., 1], y], 1))


def hair_locks(measure: Measures, style: np.ndarray) -> list[np.ndarray]:
    """Outline thin darker strands from the parting down to the hairline, one polygon each."""
    volume, slant = style[:, [0]], style[:, [4]]
    t = HALF_ALONG[None]
    parting = -0.8 * slant
    locks = []
    for end in (-0.86, -0.62, -0.34, -0.08, 0.2, 0.48, 0.74, 0.9):
        low = _hairline(style, np.array([[end]]))
        top = -0.97 - 0.75 * volume
        reach = end * measure["head_width"] * 0.93
        x = parting + (reach - parting) * np.sin(0.5 * np.pi * t)
        y = top + (low - 0.03 - top) * (1.0 - np.cos(0.5 * np.pi * t))
        locks.append(band(x, y, 0.011 * np.sin(np.pi * (0.1 + 0.85 * t))))
    return locks


def _hairline(style: np.ndarray, s: np.ndarray) -> np.ndarray:
    """Return the height of the hairline at ``s`` (1, k), -1 = left temple to 1 = right temple."""
    line, temple, slant, square = (style[:, [column]] for column in (2, 3, 4, 6))
    return line + (temple - line) * np.abs(s) ** square + slant * (s + 0.35) * (1 - s**2) * 0.8


def _hair_outline(measure: Measures, style: np.ndarray) -> np.ndarray:
    """Outline the hair from the left temple over the top to the right; short hair follows the head at the ears."""
    volume, low, wave = (style[:, [column]] for column in (0, 1, 5))
    angle = np.linspace(np.pi, 2.0 * np.pi, 48)[None]
    ripple = 1.0 + wave * np.sin(17 * angle) * 1.3
    hug = np.where(low < 0.0, np.abs(np.sin(angle)) ** 0.6, 1.0)
    x = (measure["head_width"] + 0.75 * volume * hug) * np.cos(angle) * ripple
    return np.stack([x, (1.0 + volume) * np.sin(angle) * ripple], axis=2)


def polygon(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the corners x and y, which broadcast to (n, k), as a polygon (n, k, 2)."""
    return np.stack(np.broadcast_arrays(x, y), axis=2)


def between(x: np.ndarray, upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """Outline the region between two curves over the same x."""
    return polygon(np.concatenate([x, x[:, ::-1]], 1), np.concatenate([upper, lower[:, ::-1]], 1))


def band(x: np.ndarray, y: np.ndarray, half: np.ndarray) -> np.ndarray:
    """Outline a stroke around a line; ``half`` is its half thickness along the way."""
    x, y, half = np.broadcast_arrays(x, y, half)
    dx, dy = np.gradient(x, axis=1), np.gradient(y, axis=1)
    length = np.hypot(dx, dy) + 1e-9
    nx, ny = -dy / length * half, dx / length * half
    return polygon(np.concatenate([x + nx, (x - nx)[:, ::-1]], 1), np.concatenate([y + ny, (y - ny)[:, ::-1]], 1))

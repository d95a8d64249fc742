"""The outlines of a face as polygons, for many faces at once.

Face coordinates: origin at the centre of the head, x to the right, y down, half a head's height = 1.
Every function returns polygons (n, points, 2); features come one by one so that all n faces share the
number of points and no loop over faces is needed.
"""

import numpy as np

from fer.synthetic.expressions import ACTIONS

_S = np.linspace(-1.0, 1.0, 17)  # along a feature, from end to end
_T = np.linspace(0.0, 1.0, 11)  # along half a feature
Measures = dict[str, np.ndarray]


def named_actions(actions: np.ndarray) -> Measures:
    """Return actions (n, 13) as name -> (n, 1), ready to broadcast along a feature."""
    return {name: actions[:, column, None] for column, name in enumerate(ACTIONS)}


def head(measure: Measures, act: Measures) -> np.ndarray:
    """Outline of the skull and jaw; the chin drops as the mouth opens."""
    angle = np.linspace(0.0, 2.0 * np.pi, 64, endpoint=False)[None]
    height = np.sin(angle)
    below = np.clip(height, 0.0, None)
    x = measure["head_width"] * np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** 0.86
    x = x * (1.0 - measure["jaw"] * below**1.6)
    y = height + (0.13 * np.clip(act["mouth_open"], 0, 1.2)) * below**2
    return _polygon(x, y)


def ear(measure: Measures, side: int, scale: float) -> np.ndarray:
    """One ear (side -1 = left in the picture), or at a smaller ``scale`` its hollow."""
    angle = np.linspace(0.0, 2.0 * np.pi, 20, endpoint=False)[None]
    reach = measure["ear"] * scale
    x = side * (measure["head_width"] + 0.03) + 0.095 * reach * np.cos(angle)
    return _polygon(x, 0.10 + 0.19 * reach * np.sin(angle) + 0 * x)


def neck(measure: Measures) -> np.ndarray:
    """Neck, from behind the jaw to below the picture."""
    x = measure["head_width"] * np.array([[-0.62, 0.62, 0.66, 0.85, -0.85, -0.66]])
    return _polygon(x, np.array([[0.3, 0.3, 1.0, 1.6, 1.6, 1.0]]) + 0 * x)


def shirt(measure: Measures) -> np.ndarray:
    """Collar and shoulders."""
    arc = np.linspace(-1.0, 1.0, 15)[None]
    x = np.concatenate([-1.9 + 0 * measure["jaw"], 0.62 * arc + 0 * measure["jaw"], 1.9 + 0 * measure["jaw"]], 1)
    y = np.concatenate([[[1.75]], 1.08 + 0.26 * (1 - arc**2), [[1.75]]], 1)
    return _polygon(x, y + 0 * x)


def hair_behind(measure: Measures, style: np.ndarray) -> np.ndarray:
    """Hair seen around and below the head; style (n, 7) as in ``fer.synthetic.identity``."""
    volume, low = style[:, 0:1], style[:, 1:2]
    top = _hair_outline(measure, style)
    # Short hair ends at the ears, where its outline meets the head.
    side = measure["head_width"] + np.where(low < 0.0, 0.0, 0.75 * volume)
    low = np.clip(low, 0.06, None)
    flare = side + 0.10 * np.clip(low, 0.0, 1.0)
    x = np.concatenate([top[..., 0], flare, 0.8 * flare, -0.8 * flare, -flare], 1)
    y = np.concatenate([top[..., 1], low - 0.06, low, low, low - 0.06], 1)
    return _polygon(x, y)


def hair_front(measure: Measures, style: np.ndarray) -> np.ndarray:
    """Hair over the forehead: the outline of the hair above, the hairline below."""
    wave = style[:, [5]]
    top = _hair_outline(measure, style)
    s = np.linspace(1.0, -1.0, 33)[None]
    y = _hairline(style, s) + (0.010 + 1.2 * wave) * np.sin(14 * s) * (1 - s**2)
    width = measure["head_width"] * np.sqrt(np.clip(1.0 - 0.9 * np.clip(y, None, 0.0) ** 2, 0.02, 1.0))
    return _polygon(np.concatenate([top[..., 0], s * (width + 0.02)], 1), np.concatenate([top[..., 1], y], 1))


def hair_locks(measure: Measures, style: np.ndarray) -> list[np.ndarray]:
    """Thin darker strands from the parting down to the hairline, each a polygon."""
    volume, slant = style[:, [0]], style[:, [4]]
    t = _T[None]
    parting = -0.8 * slant
    locks = []
    for end in (-0.86, -0.62, -0.34, -0.08, 0.2, 0.48, 0.74, 0.9):
        low = _hairline(style, np.array([[end]]))
        top = -0.97 - 0.75 * volume
        reach = end * measure["head_width"] * 0.93
        x = parting + (reach - parting) * np.sin(0.5 * np.pi * t)
        y = top + (low - 0.03 - top) * (1.0 - np.cos(0.5 * np.pi * t))
        locks.append(_band(x, y, 0.011 * np.sin(np.pi * (0.1 + 0.85 * t))))
    return locks


def _hairline(style: np.ndarray, s: np.ndarray) -> np.ndarray:
    """Height of the hairline at ``s`` (1, k), -1 = left temple to 1 = right temple."""
    line, temple, slant, square = (style[:, [column]] for column in (2, 3, 4, 6))
    return line + (temple - line) * np.abs(s) ** square + slant * (s + 0.35) * (1 - s**2) * 0.8


def _hair_outline(measure: Measures, style: np.ndarray) -> np.ndarray:
    """From the left temple over the top to the right one; short hair hugs the head at the ears."""
    volume, low, wave = (style[:, [column]] for column in (0, 1, 5))
    angle = np.linspace(np.pi, 2.0 * np.pi, 48)[None]
    ripple = 1.0 + wave * np.sin(17 * angle) * 1.3
    hug = np.where(low < 0.0, np.abs(np.sin(angle)) ** 0.6, 1.0)
    x = (measure["head_width"] + 0.75 * volume * hug) * np.cos(angle) * ripple
    return np.stack([x, (1.0 + volume) * np.sin(angle) * ripple], axis=2)


def brow(measure: Measures, act: Measures, side: int) -> np.ndarray:
    """One brow: thick inside, thin outside."""
    t = _T[None]
    inner_x = measure["eye_distance"] - 0.185 - 0.055 * act["brow_squeeze"]
    x = inner_x + t * (measure["eye_distance"] + 0.235 - inner_x)
    rest = measure["eye_height"] - measure["brow_height"] + 0.03 * act["brow_squeeze"]
    rise = act["brow_inner"] * 0.125 * (1 - t) ** 1.3 + act["brow_outer"] * 0.12 * t
    arch = (measure["brow_arch"] + 0.03 * np.clip(act["brow_outer"], 0, 1)) * (1 - (1.7 * t - 1.0) ** 2)
    y = rest - rise - arch
    half = measure["brow_thickness"] * (1.0 - 0.72 * t**1.6) * (0.75 + 0.5 * np.minimum(t * 6, 0.5))
    return _band(side * x, y, half)


def eye_lids(measure: Measures, act: Measures) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (s, upper, lower): heights of the lids along an eye, s = -1 at the nose, 1 outside."""
    s = _S[None]
    tilt = measure["eye_tilt"] * s
    slant = np.clip(act["brow_inner"] - act["brow_outer"], -1.6, 1.6)
    open_up = 0.098 * measure["eye_aperture"] * np.clip(1.0 + 0.72 * act["lid_upper"], 0.12, 2.0)
    open_low = 0.062 * measure["eye_aperture"] * np.clip(1.0 - 0.95 * act["lid_lower"], -0.1, 1.3)
    arc = 1.0 - np.abs(s) ** 2.3
    lift = 0.028 * act["cheek"] * arc
    upper = measure["eye_height"] + tilt - open_up * arc + 0.024 * slant * s * arc**0.5 - 0.4 * lift
    lower = measure["eye_height"] + tilt + open_low * (1.0 - s**2) - lift
    return s, upper, np.maximum(lower, upper + 0.012 * arc)


def eye(measure: Measures, act: Measures, side: int) -> np.ndarray:
    """The opening of one eye."""
    s, upper, lower = eye_lids(measure, act)
    x = side * (measure["eye_distance"] + s * measure["eye_width"])
    return _between(x, upper, lower)


def disc_in_eye(
    measure: Measures, act: Measures, side: int, radius: float, gaze: np.ndarray, shift: tuple[float, float]
) -> np.ndarray:
    """A disc (iris, pupil, glint) of ``radius``, clipped by the lids; gaze (n, 2) and shift move it."""
    s, upper, lower = eye_lids(measure, act)
    across = np.sin(np.linspace(-0.5 * np.pi, 0.5 * np.pi, 15))[None]
    x = measure["eye_distance"] + side * gaze[:, :1] + side * shift[0] + radius * across
    place = (x - measure["eye_distance"]) / measure["eye_width"]
    position = np.clip((place + 1.0) * 0.5 * (s.size - 1), 0, s.size - 1.001)
    left = position.astype(int)
    part = position - left
    up = np.take_along_axis(upper, left, 1) * (1 - part) + np.take_along_axis(upper, left + 1, 1) * part
    low = np.take_along_axis(lower, left, 1) * (1 - part) + np.take_along_axis(lower, left + 1, 1) * part
    centre = measure["eye_height"] - 0.012 + gaze[:, 1:] + shift[1]
    half = radius * np.sqrt(1.0 - across**2)
    top, bottom = np.maximum(centre - half, up), np.minimum(centre + half, low)
    return _between(side * x, np.minimum(top, bottom), bottom)


def lash_line(measure: Measures, act: Measures, side: int, thickness: np.ndarray) -> np.ndarray:
    """The dark edge of the upper lid; thickness (n, 1)."""
    s, upper, _ = eye_lids(measure, act)
    x = side * (measure["eye_distance"] + 1.04 * s * measure["eye_width"])
    return _band(x, upper - 0.004, thickness * (1.0 - 0.55 * s**2) * (1.0 + 0.25 * s))


def lid_crease(measure: Measures, act: Measures, side: int) -> np.ndarray:
    """The fold above the upper lid."""
    s, upper, _ = eye_lids(measure, act)
    x = side * (measure["eye_distance"] + 1.02 * s * measure["eye_width"])
    return _band(x, upper - 0.050 + 0.010 * act["lid_upper"] + 0.012 * s**2, 0.009 * (1.0 - s**2) + 0.001)


def nostril(measure: Measures, act: Measures, side: int) -> np.ndarray:
    """One nostril, wider and higher in a wrinkled nose."""
    angle = np.linspace(0.0, 2.0 * np.pi, 14, endpoint=False)[None]
    wrinkle = act["nose_wrinkle"]
    x = side * (0.52 * measure["nose_width"] * (1 + 0.25 * wrinkle) + 0.034 * np.cos(angle))
    y = _nose_base(measure, act) + 0.018 * np.sin(angle) - side * 0.18 * (x - side * 0.06)
    return _polygon(x, y)


def nose_wing(measure: Measures, act: Measures, side: int) -> np.ndarray:
    """The curve around one nostril."""
    angle = np.linspace(-0.42 * np.pi, 0.40 * np.pi, 9)[None]
    width = measure["nose_width"] * (1 + 0.25 * act["nose_wrinkle"])
    x = side * (width * 0.72 + 0.052 * np.cos(angle))
    return _band(x, _nose_base(measure, act) - 0.020 + 0.062 * np.sin(angle), 0.011 * np.cos(angle) + 0.002)


def nose_side(measure: Measures, act: Measures, side: int) -> np.ndarray:
    """The soft shadow along one side of the nose, from the brow to the wing."""
    t = _T[None]
    top = measure["eye_height"] - 0.10
    x = side * (0.082 - 0.05 * np.sin(np.pi * t * 0.8) + (measure["nose_width"] - 0.03) * t**2.5)
    return _band(x, top + t * (_nose_base(measure, act) - top), 0.022 * np.sin(np.pi * (0.05 + 0.85 * t)))


def _nose_base(measure: Measures, act: Measures) -> np.ndarray:
    return measure["eye_height"] + measure["nose_length"] - 0.03 * act["nose_wrinkle"]


def nose_wrinkles(measure: Measures, act: Measures, side: int) -> np.ndarray:
    """A fold from the bridge of the nose to its wing."""
    t = _T[None]
    x = side * (0.045 + 0.055 * t + 0.05 * t * (1 - t)) + 0 * measure["jaw"]
    y = measure["eye_height"] + 0.07 + 0.12 * t
    return _band(x, y, 0.012 * np.sin(np.pi * t) * np.clip(act["nose_wrinkle"], 0, 1))


def frown_line(measure: Measures, act: Measures, side: int) -> np.ndarray:
    """The upright fold between squeezed brows."""
    t = _T[None]
    x = side * (0.050 - 0.012 * t) + 0 * measure["jaw"]
    y = measure["eye_height"] - measure["brow_height"] - 0.05 * act["brow_inner"] - 0.06 + 0.15 * t
    return _band(x, y, 0.011 * np.sin(np.pi * t) * np.clip(act["brow_squeeze"], 0, 1))


def forehead_line(measure: Measures, act: Measures, row: int) -> np.ndarray:
    """A fold across the forehead under raised brows."""
    s = _S[None]
    raised = np.clip(0.6 * act["brow_inner"] + 0.4 * act["brow_outer"], 0, 1)
    y = measure["eye_height"] - measure["brow_height"] - 0.175 - 0.075 * row + 0.02 * s**2
    return _band(0.34 * s + 0 * y, y, 0.009 * (1 - s**2) * raised)


def cheek_fold(measure: Measures, act: Measures, side: int) -> np.ndarray:
    """The nasolabial fold, from the wing of the nose around the corner of the mouth."""
    t = _T[None]
    depth = np.clip(act["cheek"] + 0.8 * act["nose_wrinkle"] + 0.4 * act["teeth"], 0, 1)
    corner = measure["mouth_width"] * (1 + 0.32 * act["mouth_width"])
    x = measure["nose_width"] + 0.06 + t * (corner + 0.075 - measure["nose_width"] - 0.06) + 0.05 * t * (1 - t)
    y = _nose_base(measure, act) - 0.03 + t * (measure["mouth_height"] - _nose_base(measure, act))
    return _band(side * x, y, 0.013 * np.sin(np.pi * (0.12 + 0.88 * t)) * depth)


def mouth_curves(measure: Measures, act: Measures) -> dict[str, np.ndarray]:
    """Return x and the heights (n, 17) of the lips' inner edges, outer edges and the teeth and tongue."""
    s = _S[None]
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
    """The region between two curves of :func:`mouth_curves`, narrowed by ``width``."""
    return _between(width * curves["x"], curves[above], curves[below])


def lip_line(curves: dict[str, np.ndarray], name: str, half: float) -> np.ndarray:
    """A line along one of the mouth's curves, a little wider than the mouth."""
    return _band(1.03 * curves["x"], curves[name], half * (1.0 - 0.5 * _S[None] ** 2))


def _polygon(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.stack(np.broadcast_arrays(x, y), axis=2)


def _between(x: np.ndarray, upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
    return _polygon(np.concatenate([x, x[:, ::-1]], 1), np.concatenate([upper, lower[:, ::-1]], 1))


def _band(x: np.ndarray, y: np.ndarray, half: np.ndarray) -> np.ndarray:
    """A stroke around a mostly level or upright line, ``half`` its half thickness, rounded by its taper."""
    x, y, half = np.broadcast_arrays(x, y, half)
    dx, dy = np.gradient(x, axis=1), np.gradient(y, axis=1)
    length = np.hypot(dx, dy) + 1e-9
    nx, ny = -dy / length * half, dx / length * half
    return _polygon(
        np.concatenate([x + nx, (x - nx)[:, ::-1]], 1), np.concatenate([y + ny, (y - ny)[:, ::-1]], 1)
    )

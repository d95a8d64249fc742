"""Outlines of brows, eyes, nose and folds, in the format of :mod:`fer.synthetic.shapes`."""

import numpy as np

from fer.synthetic.shapes import ALONG, HALF_ALONG, Measures, band, between, polygon


def brow(measure: Measures, act: Measures, side: int) -> np.ndarray:
    """Outline one brow: thick inside, thin outside."""
    t = HALF_ALONG[None]
    inner_x = measure["eye_distance"] - 0.185 - 0.055 * act["brow_squeeze"]
    x = inner_x + t * (measure["eye_distance"] + 0.235 - inner_x)
    rest = measure["eye_height"] - measure["brow_height"] + 0.03 * act["brow_squeeze"]
    rise = act["brow_inner"] * 0.125 * (1 - t) ** 1.3 + act["brow_outer"] * 0.12 * t
    arch = (measure["brow_arch"] + 0.03 * np.clip(act["brow_outer"], 0, 1)) * (1 - (1.7 * t - 1.0) ** 2)
    y = rest - rise - arch
    half = measure["brow_thickness"] * (1.0 - 0.72 * t**1.6) * (0.75 + 0.5 * np.minimum(t * 6, 0.5))
    return band(side * x, y, half)


def eye_lids(measure: Measures, act: Measures) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (s, upper, lower): heights of the lids along an eye, s = -1 at the nose, 1 outside."""
    s = ALONG[None]
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
    """Outline the opening of one eye."""
    s, upper, lower = eye_lids(measure, act)
    x = side * (measure["eye_distance"] + s * measure["eye_width"])
    return between(x, upper, lower)


def disc_in_eye(
    measure: Measures, act: Measures, side: int, radius: float, gaze: np.ndarray, shift: tuple[float, float]
) -> np.ndarray:
    """Outline a disc (iris, pupil, glint) clipped by the lids; gaze (n, 2) and shift move it."""
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
    return between(side * x, np.minimum(top, bottom), bottom)


def lash_line(measure: Measures, act: Measures, side: int, thickness: np.ndarray) -> np.ndarray:
    """Outline the dark edge of the upper lid; thickness (n, 1)."""
    s, upper, _ = eye_lids(measure, act)
    x = side * (measure["eye_distance"] + 1.04 * s * measure["eye_width"])
    return band(x, upper - 0.004, thickness * (1.0 - 0.55 * s**2) * (1.0 + 0.25 * s))


def lid_crease(measure: Measures, act: Measures, side: int) -> np.ndarray:
    """Outline the fold above the upper lid."""
    s, upper, _ = eye_lids(measure, act)
    x = side * (measure["eye_distance"] + 1.02 * s * measure["eye_width"])
    return band(x, upper - 0.050 + 0.010 * act["lid_upper"] + 0.012 * s**2, 0.009 * (1.0 - s**2) + 0.001)


def nostril(measure: Measures, act: Measures, side: int) -> np.ndarray:
    """Outline one nostril, wider and higher in a wrinkled nose."""
    angle = np.linspace(0.0, 2.0 * np.pi, 14, endpoint=False)[None]
    wrinkle = act["nose_wrinkle"]
    x = side * (0.52 * measure["nose_width"] * (1 + 0.25 * wrinkle) + 0.034 * np.cos(angle))
    y = _nose_base(measure, act) + 0.018 * np.sin(angle) - side * 0.18 * (x - side * 0.06)
    return polygon(x, y)


def nose_wing(measure: Measures, act: Measures, side: int) -> np.ndarray:
    """Outline the curve around one nostril."""
    angle = np.linspace(-0.42 * np.pi, 0.40 * np.pi, 9)[None]
    width = measure["nose_width"] * (1 + 0.25 * act["nose_wrinkle"])
    x = side * (width * 0.72 + 0.052 * np.cos(angle))
    return band(x, _nose_base(measure, act) - 0.020 + 0.062 * np.sin(angle), 0.011 * np.cos(angle) + 0.002)


def nose_side(measure: Measures, act: Measures, side: int) -> np.ndarray:
    """Outline the soft shadow along one side of the nose, from the brow to the wing."""
    t = HALF_ALONG[None]
    top = measure["eye_height"] - 0.10
    x = side * (0.082 - 0.05 * np.sin(np.pi * t * 0.8) + (measure["nose_width"] - 0.03) * t**2.5)
    return band(x, top + t * (_nose_base(measure, act) - top), 0.022 * np.sin(np.pi * (0.05 + 0.85 * t)))


def _nose_base(measure: Measures, act: Measures) -> np.ndarray:
    return measure["eye_height"] + measure["nose_length"] - 0.03 * act["nose_wrinkle"]


def nose_wrinkles(measure: Measures, act: Measures, side: int) -> np.ndarray:
    """Outline a fold from the bridge of the nose to its wing."""
    t = HALF_ALONG[None]
    x = side * (0.045 + 0.055 * t + 0.05 * t * (1 - t)) + 0 * measure["jaw"]
    y = measure["eye_height"] + 0.07 + 0.12 * t
    return band(x, y, 0.012 * np.sin(np.pi * t) * np.clip(act["nose_wrinkle"], 0, 1))


def frown_line(measure: Measures, act: Measures, side: int) -> np.ndarray:
    """Outline the upright fold between squeezed brows."""
    t = HALF_ALONG[None]
    x = side * (0.050 - 0.012 * t) + 0 * measure["jaw"]
    y = measure["eye_height"] - measure["brow_height"] - 0.05 * act["brow_inner"] - 0.06 + 0.15 * t
    return band(x, y, 0.011 * np.sin(np.pi * t) * np.clip(act["brow_squeeze"], 0, 1))


def forehead_line(measure: Measures, act: Measures, row: int) -> np.ndarray:
    """Outline a fold across the forehead under raised brows."""
    s = ALONG[None]
    raised = np.clip(0.6 * act["brow_inner"] + 0.4 * act["brow_outer"], 0, 1)
    y = measure["eye_height"] - measure["brow_height"] - 0.175 - 0.075 * row + 0.02 * s**2
    return band(0.34 * s + 0 * y, y, 0.009 * (1 - s**2) * raised)


def cheek_fold(measure: Measures, act: Measures, side: int) -> np.ndarray:
    """Outline the nasolabial fold, from the wing of the nose around the mouth."""
    t = HALF_ALONG[None]
    depth = np.clip(act["cheek"] + 0.8 * act["nose_wrinkle"] + 0.4 * act["teeth"], 0, 1)
    corner = measure["mouth_width"] * (1 + 0.32 * act["mouth_width"])
    x = measure["nose_width"] + 0.06 + t * (corner + 0.075 - measure["nose_width"] - 0.06) + 0.05 * t * (1 - t)
    y = _nose_base(measure, act) - 0.03 + t * (measure["mouth_height"] - _nose_base(measure, act))
    return band(side * x, y, 0.013 * np.sin(np.pi * (0.12 + 0.88 * t)) * depth)

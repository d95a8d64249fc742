"""Draw faces: shapes are filled from back to front at a higher resolution, downscaled, and lit like a round head."""

import cv2
import numpy as np

from fer.synthetic import features, mouth, shapes
from fer.synthetic.identity import Identities
from fer.synthetic.shading import add_light, background
from fer.synthetic.views import Views

_SHIFT = 4  # cv2 takes coordinates in sixteenths of a pixel
_HEAD = 0.425  # half a head's height as a share of the picture
_BATCH = 128


def draw_faces(people: Identities, views: Views, size: int) -> np.ndarray:
    """Return the faces as uint8 RGB ``(n, size, size, 3)``, without noise."""
    count = len(views.person)
    faces = np.empty((count, size, size, 3), dtype=np.uint8)
    for start in range(0, count, _BATCH):
        rows = slice(start, min(start + _BATCH, count))
        batch = Views(**{name: value[rows] for name, value in vars(views).items()})
        faces[rows] = _draw_batch(people, batch, size)
    return faces


def feature_outlines(people: Identities, views: Views, size: int) -> dict[str, list[np.ndarray]]:
    """Return where brows, eyes and mouth are in the faces that :func:`draw_faces` draws.

    By part (``brows`` and ``eyes`` two, left one first; ``mouth`` one) outlines (n, k, 2) in pixels.
    """
    measure = {name: value[views.person, None] for name, value in people.measures.items()}
    act = shapes.named_actions(views.actions)
    lips = mouth.mouth_part(mouth.mouth_curves(measure, act), "top", "under")
    parts = {
        "brows": [features.brow(measure, act, side) for side in (-1, 1)],
        "eyes": [features.eye(measure, act, side) for side in (-1, 1)],
        "mouth": [lips],
    }
    scale = 1 << _SHIFT
    return {
        part: [_to_pixels(outline, False, views.pose, size) / scale for outline in outlines]
        for part, outlines in parts.items()
    }


def _draw_batch(people: Identities, views: Views, size: int) -> np.ndarray:
    finer = 4 if size <= 64 else 3 if size <= 160 else 2
    canvas_size = size * finer
    layers = [
        (_to_pixels(outline, flat, views.pose, canvas_size), np.clip(colour, 0, 255).tolist())
        for outline, flat, colour in _layers(people, views)
    ]
    small = background(views.scene)
    flat_faces = np.empty((len(views.person), size, size, 4), dtype=np.uint8)
    for row in range(len(views.person)):
        canvas = cv2.resize(small[row], (canvas_size, canvas_size), interpolation=cv2.INTER_CUBIC)
        for points, colours in layers:
            cv2.fillPoly(canvas, [points[row]], (*colours[row], 255), cv2.LINE_8, _SHIFT)
        flat_faces[row] = cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA)
    return add_light(flat_faces, people, views, _HEAD)


def _to_pixels(outline: np.ndarray, flat: bool, pose: np.ndarray, canvas: int) -> np.ndarray:
    """Turn face coordinates (n, k, 2) into cv2's fixed-point pixels; ``flat`` shapes do not turn with yaw."""
    yaw, pitch, roll, scale, right, down = (pose[:, [column]] for column in range(6))
    x, y = outline[..., 0], outline[..., 1]
    if not flat:
        # The face bulges towards the viewer: points near its centre move most when the head turns.
        depth = 0.75 * np.sqrt(np.clip(1.0 - (x / 0.85) ** 2 - (y / 1.15) ** 2, 0.0, 1.0))
        x, y = x * np.cos(yaw) + depth * np.sin(yaw), y + depth * np.sin(pitch)
    unit = _HEAD * scale
    u = 0.5 + right + unit * (x * np.cos(roll) - y * np.sin(roll))
    v = 0.515 + down + unit * (x * np.sin(roll) + y * np.cos(roll))
    return np.rint(np.stack([u, v], axis=2) * canvas * (1 << _SHIFT)).astype(np.int32)


def _layers(people: Identities, views: Views) -> list[tuple[np.ndarray, bool, np.ndarray]]:
    """Return (outline (n, k, 2), flat, colours (n, 3)) of every shape, back to front."""
    who = views.person
    measure = {name: value[who, None] for name, value in people.measures.items()}
    act = shapes.named_actions(views.actions)
    skin, hair, style = people.skin[who], people.hair[who], people.hair_style[who]
    dark = people.tone[who, None]
    fold = skin * (0.70 - 0.12 * dark)
    shade = skin * 0.84
    brow_colour = 0.72 * np.minimum(hair, 150) + 0.10 * skin
    lips = skin * [0.86, 0.60, 0.60] + np.array([14.0, 2.0, 6.0])
    lash = np.minimum(0.35 * hair + 4, 60)
    thick = np.where(people.male[who, None], 0.016, 0.024)
    white = np.full_like(skin, 238.0) - 8
    white_teeth = np.full_like(skin, 243.0) - [0.0, 3.0, 12.0]
    inside = np.full_like(skin, 0.0) + [58.0, 20.0, 24.0]
    tongue = np.full_like(skin, 0.0) + [176.0, 82.0, 84.0]
    black = np.full_like(skin, 14.0)
    glint = np.full_like(skin, 250.0)
    layers = [
        (shapes.hair_behind(measure, style), True, hair * 0.72),
        (shapes.neck(measure), True, skin * 0.74),
        (shapes.shirt(measure), True, people.shirt[who]),
        (shapes.ear(measure, -1, 1.0), True, skin * 0.95),
        (shapes.ear(measure, 1, 1.0), True, skin * 0.95),
        (shapes.ear(measure, -1, 0.55), True, skin * 0.76),
        (shapes.ear(measure, 1, 0.55), True, skin * 0.76),
        (shapes.head(measure, act), True, skin),
    ]
    for row in (0, 1):
        layers.append((features.forehead_line(measure, act, row), False, fold))
    layers.append((shapes.hair_front(measure, style), True, hair))
    layers += [(lock, True, hair * 0.80) for lock in shapes.hair_locks(measure, style)]
    for side in (-1, 1):
        layers += [
            (features.frown_line(measure, act, side), False, fold),
            (features.nose_wrinkles(measure, act, side), False, fold),
            (features.cheek_fold(measure, act, side), False, fold),
            (features.nose_side(measure, act, side), False, skin * (0.90 if side < 0 else 0.94)),
            (features.nose_wing(measure, act, side), False, shade * 0.93),
            (features.nostril(measure, act, side), False, skin * 0.40),
            (features.lid_crease(measure, act, side), False, fold),
            (features.eye(measure, act, side), False, white),
            (
                features.disc_in_eye(measure, act, side, 0.092, views.gaze, (0, 0)),
                False,
                people.iris[who] * 0.6,
            ),
            (features.disc_in_eye(measure, act, side, 0.078, views.gaze, (0, 0)), False, people.iris[who]),
            (features.disc_in_eye(measure, act, side, 0.042, views.gaze, (0, 0)), False, black),
            (features.disc_in_eye(measure, act, side, 0.022, views.gaze, (-0.03, -0.03)), False, glint),
            (features.lash_line(measure, act, side, thick), False, lash),
            (features.brow(measure, act, side), False, brow_colour),
        ]
    curves = mouth.mouth_curves(measure, act)
    layers += [
        (mouth.mouth_part(curves, "top", "under"), False, lips),
        (mouth.mouth_part(curves, "top", "upper"), False, lips * 0.88),
        (mouth.mouth_part(curves, "upper", "lower", 0.97), False, inside),
        (mouth.mouth_part(curves, "tongue", "lower", 0.93), False, tongue),
        (mouth.mouth_part(curves, "low_teeth", "lower", 0.93), False, white_teeth * 0.93),
        (mouth.mouth_part(curves, "upper", "teeth", 0.95), False, white_teeth),
        (mouth.lip_line(curves, "upper", 0.008), False, lips * 0.5),
    ]
    return layers

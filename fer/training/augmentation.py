"""Augmentation of a batch of uint8 faces, with OpenCV and NumPy: identical for every Keras backend.

Keras' augmentation layers would run inside the training step and slow it down; one affine warp per
face takes 14 microseconds of one core, about 1 % of a training step of the custom CNN.
"""

from collections.abc import Callable

import cv2
import numpy as np

from fer.errors import InputError
from fer.sentinels import NONE
from fer.training.study_augmentation import age, assistive

Augment = Callable[[np.ndarray, np.random.Generator], np.ndarray]

FLIP = 0.5
SHIFT = 3 / 48
ROTATION = 10.0
ZOOM = 0.10
CONTRAST = 0.25
BRIGHTNESS = 20.0
CUTOUT = 0.3
CUTOUT_SIDE = (6 / 48, 14 / 48)
NOISE = 25.0
_GRAY = 128


def affine(faces: np.ndarray, stream: np.random.Generator) -> np.ndarray:
    """Flip, rotate, zoom and shift each face in one warp, change contrast and brightness, and cut out a square.

    Takes and returns uint8 ``(n, h, w, c)``. Half of the faces are flipped. Rotation is uniform within +-10 degrees,
    zoom within 10 %, shift within 1/16 of the side, contrast within 25 %, brightness within 20 of 255. In 30 % of the
    faces a square of 1/8 to 2/7 of the side is replaced by gray. Edge pixels are repeated.
    """
    return _cut(affine_uncut(faces, stream), stream)


def affine_uncut(faces: np.ndarray, stream: np.random.Generator) -> np.ndarray:
    """Apply :func:`affine` without cutting out squares."""
    n = len(faces)
    height, width, channels = faces.shape[1:]
    warped = np.empty_like(faces)
    angle = np.deg2rad(stream.uniform(-ROTATION, ROTATION, n))
    zoom = 1 + stream.uniform(-ZOOM, ZOOM, n)
    shift = stream.uniform(-SHIFT, SHIFT, (n, 2)) * (width, height)
    mirror = np.where(stream.random(n) < FLIP, -1.0, 1.0)
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    for row in range(n):
        cosine, sine = zoom[row] * np.cos(angle[row]), zoom[row] * np.sin(angle[row])
        turn = np.array([[cosine * mirror[row], -sine], [sine * mirror[row], cosine]])
        move = centre + shift[row] - turn @ centre
        matrix = np.column_stack([turn, move])
        face = cv2.warpAffine(
            faces[row], matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        warped[row] = face.reshape(height, width, channels)
    return _relight(warped, stream)


def _relight(faces: np.ndarray, stream: np.random.Generator) -> np.ndarray:
    n = len(faces)
    gain = (1 + stream.uniform(-CONTRAST, CONTRAST, n)).astype(np.float32).reshape(n, 1, 1, 1)
    offset = stream.uniform(-BRIGHTNESS, BRIGHTNESS, n).astype(np.float32).reshape(n, 1, 1, 1)
    middle = faces.mean(axis=(1, 2, 3), keepdims=True, dtype=np.float32)
    return ((faces - middle) * gain + middle + offset).clip(0, 255).astype(np.uint8)


def _cut(faces: np.ndarray, stream: np.random.Generator) -> np.ndarray:
    n = len(faces)
    height, width = faces.shape[1:3]
    cut = stream.random(n) < CUTOUT
    sides = stream.uniform(*CUTOUT_SIDE, n)
    corners = stream.random((n, 2))
    for row in np.flatnonzero(cut):
        tall, wide = round(sides[row] * height), round(sides[row] * width)
        top, left = int(corners[row, 0] * (height - tall)), int(corners[row, 1] * (width - wide))
        faces[row, top : top + tall, left : left + wide] = _GRAY
    return faces


def affine_noise(faces: np.ndarray, stream: np.random.Generator) -> np.ndarray:
    """Apply :func:`affine`, then add white noise whose standard deviation per face is |normal(0, 25)| gray levels.

    Training faces may be blurred or smoothly compressed, and a network that has never seen fine detail is thrown off
    by it; noise makes the network rely on shapes. Measured in docs/cnn.md.
    """
    moved = affine(faces, stream).astype(np.float32)
    strength = np.abs(stream.normal(0, NOISE, (len(faces), 1, 1, 1))).astype(np.float32)
    noise = stream.standard_normal(moved.shape, dtype=np.float32)
    return (moved + strength * noise).clip(0, 255).astype(np.uint8)


AUGMENTATIONS: dict[str, Augment | None] = {
    NONE: None,
    "affine": affine,
    "affine_noise": affine_noise,
    "age": age,
    "assistive": assistive,
}


def augmentation_named(name: str) -> Augment | None:
    """Return the augmentation of this name; raises InputError with the valid names for an unknown one."""
    if name not in AUGMENTATIONS:
        raise InputError(f"unknown augmentation {name!r}; use one of {', '.join(AUGMENTATIONS)}.")
    return AUGMENTATIONS[name]

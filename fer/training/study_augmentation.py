"""The augmentation of studies B and C, on uint8 faces ``(n, h, w, c)``, in one warp per face."""

import cv2
import numpy as np

AGE_SHIFT = 0.2
AGE_BRIGHTNESS = (0.5, 1.5)
ASSISTIVE_SHIFT = 0.1
ASSISTIVE_ROTATION = 10.0
ASSISTIVE_ZOOM = 0.1
_FLIP = 0.5


def age(faces: np.ndarray, stream: np.random.Generator) -> np.ndarray:
    """Shift each face by up to a fifth of its side in both directions, flip half of them, multiply the brightness.

    As study C's ImageDataGenerator: edge pixels are repeated, brightness factors are 0.5 to 1.5, all draws are uniform.
    Like that generator when it changes brightness, this first stretches each face to 0..255; this is not done to
    validation and test faces.
    """
    n = len(faces)
    height, width = faces.shape[1:3]
    shift = stream.uniform(-AGE_SHIFT, AGE_SHIFT, (n, 2)) * (width, height)
    mirrored = stream.random(n) < _FLIP
    brightness = stream.uniform(*AGE_BRIGHTNESS, n)
    moved = _warped(faces, np.broadcast_to(np.eye(2), (n, 2, 2)), shift, mirrored).astype(np.float32)
    lowest = moved.min(axis=(1, 2, 3), keepdims=True)
    moved -= lowest
    moved *= 255 / np.maximum(moved.max(axis=(1, 2, 3), keepdims=True), 1)
    return (moved * brightness.astype(np.float32).reshape(n, 1, 1, 1)).clip(0, 255).astype(np.uint8)


def assistive(faces: np.ndarray, stream: np.random.Generator) -> np.ndarray:
    """Rotate by up to 10 degrees, zoom and shift by up to 10 %, flip half; repeat edge pixels. Ours, for study B."""
    n = len(faces)
    height, width = faces.shape[1:3]
    angle = np.deg2rad(stream.uniform(-ASSISTIVE_ROTATION, ASSISTIVE_ROTATION, n))
    zoom = 1 + stream.uniform(-ASSISTIVE_ZOOM, ASSISTIVE_ZOOM, n)
    shift = stream.uniform(-ASSISTIVE_SHIFT, ASSISTIVE_SHIFT, (n, 2)) * (width, height)
    mirrored = stream.random(n) < _FLIP
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]).transpose(2, 0, 1)
    return _warped(faces, turn * zoom.reshape(n, 1, 1), shift, mirrored)


def _warped(faces: np.ndarray, turns: np.ndarray, shifts: np.ndarray, mirrored: np.ndarray) -> np.ndarray:
    """Transform each face about its centre by a 2x2 matrix, shift it by pixels (x, y), then flip it where asked."""
    n, height, width, channels = faces.shape
    warped = np.empty_like(faces)
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    for row in range(n):
        mirror = np.diag([-1.0 if mirrored[row] else 1.0, 1.0])
        turn = mirror @ turns[row]
        move = centre + mirror @ shifts[row] - turn @ centre
        face = cv2.warpAffine(
            faces[row], np.column_stack([turn, move]), (width, height), flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip
        warped[row] = face.reshape(height, width, channels)
    return warped

"""Augmentation of a batch of uint8 faces: vectorised NumPy, a few microseconds a face, the same on any backend."""

from collections.abc import Callable

import numpy as np

from fer.errors import InputError

Augment = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def flip_shift(faces: np.ndarray, stream: np.random.Generator, reach: int = 4) -> np.ndarray:
    """Flip half of the faces left to right and shift each by up to ``reach`` pixels a side, edges repeated.

    Takes and returns uint8 ``(n, h, w, c)``.
    """
    n, height, width, _ = faces.shape
    down, right = stream.integers(-reach, reach + 1, size=(2, n))
    rows = (np.arange(height)[None, :] - down[:, None]).clip(0, height - 1)
    columns = (np.arange(width)[None, :] - right[:, None]).clip(0, width - 1)
    flipped = stream.random(n) < 0.5
    columns[flipped] = columns[flipped, ::-1]
    return faces[np.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]


AUGMENTATIONS: dict[str, Augment | None] = {"none": None, "flip_shift": flip_shift}


def augmentation_named(name: str) -> Augment | None:
    """Return the augmentation of this name; InputError with the valid names for any other."""
    if name not in AUGMENTATIONS:
        raise InputError(f"unknown augmentation {name!r}; use one of {', '.join(AUGMENTATIONS)}.")
    return AUGMENTATIONS[name]

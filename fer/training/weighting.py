"""Weighting: the weight of each training face in the loss.

A weighting maps (dataset, class codes ``(n,)``) to float32 weights ``(n,)``. A weighting by group finds the groups in
the dataset's columns; it is registered here. Validation faces are never weighted.
"""

from collections.abc import Callable

import numpy as np
from sklearn.utils.class_weight import compute_class_weight

from fer.data.dataset import FaceDataset
from fer.errors import InputError
from fer.sentinels import NONE

Weighting = Callable[[FaceDataset, np.ndarray], np.ndarray]


def balanced(dataset: FaceDataset, codes: np.ndarray) -> np.ndarray:
    """Weight each class by n / (classes present * its faces), scikit-learn's ``balanced``: classes count equally."""
    return balanced_weights(codes)


def balanced_weights(codes: np.ndarray) -> np.ndarray:
    """Return the weight of each face, float32 (n,), n / (codes present * faces with its code): the mean is 1.

    Args:
        codes: class, group or combination of each face, int (n,).

    """
    present = np.unique(codes)
    weights = compute_class_weight("balanced", classes=present, y=codes)
    return weights[np.searchsorted(present, codes)].astype(np.float32)


WEIGHTINGS: dict[str, Weighting | None] = {NONE: None, "balanced": balanced}


def weighting_named(name: str) -> Weighting | None:
    """Return the weighting of this name, None for ``none``; raises InputError for an unknown name."""
    if name not in WEIGHTINGS:
        raise InputError(f"unknown class_weights {name!r}; use one of {', '.join(WEIGHTINGS)}.")
    return WEIGHTINGS[name]

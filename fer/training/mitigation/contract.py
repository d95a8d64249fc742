"""What a method is given, and what it may change: every method is a function ``treatment(faces, settings)``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer.data.dataset import FaceDataset

if TYPE_CHECKING:
    import keras

    from fer.training.mitigation.objective import Objective

Settings = Mapping[str, float]


@dataclass(frozen=True)
class TrainingFaces:
    """What a method is given.

    Attributes:
        codes: class of each of n training faces, int (n,).
        groups: group of each, int (n,), a position in ``names``; all 0 for a method that needs none.
        names: names of the groups, sorted.
        steps: number of optimiser steps of the whole training.
        plainly_trained: trains the same network by plain training for a share of every phase's epochs (0..1, at least
            one epoch) and returns its probabilities for the training faces, float32 (n, classes).
        groups_of: returns the group of each face of another dataset, int (n,); InputError for one without.

    """

    codes: np.ndarray
    groups: np.ndarray
    names: tuple[str, ...]
    steps: int
    plainly_trained: Callable[[float], np.ndarray]
    groups_of: Callable[[FaceDataset], np.ndarray]

    @property
    def cells(self) -> np.ndarray:
        """The combination of group and class of each face, int (n,)."""
        return self.groups * (int(self.codes.max()) + 1) + self.codes


@dataclass(frozen=True)
class Treatment:
    """What a method changes in a training; by default nothing.

    Attributes:
        balance_by: codes, int (n,), of which each epoch has every value equally often
            (:func:`fer.training.sampling.balanced`); None: the protocol's sampling.
        weights: weight of each face in the loss, float32 (n,); None: the protocol's class weights alone.
        objective: the loss of a batch as a function of its faces' losses; None: their weighted mean.
        mixup: alpha of mixup; 0: the protocol's.
        held_out: share of the validation faces, 0..1, for ``retrain``; the training is watched on the others.
        retrain: changes the trained model, given the held-out faces, the emotions and the seed.

    """

    balance_by: np.ndarray | None = None
    weights: np.ndarray | None = None
    objective: "Objective | None" = None
    mixup: float = 0.0
    held_out: float = 0.0
    retrain: "Callable[[keras.Model, FaceDataset, tuple[str, ...], int], None] | None" = None

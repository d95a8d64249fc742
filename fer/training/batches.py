"""Batches of uint8 faces straight from the memory-mapped arrays, in an order that a seed decides."""

import keras
import numpy as np

from fer.dataset import FaceDataset
from fer.emotions import EMOTIONS
from fer.training.augmentation import Augment


class Batches(keras.utils.PyDataset):
    """Batches ``(faces uint8 (b, h, w, c), one-hot float32 (b, classes))`` of a dataset; the last may be short.

    Faces are read from the memory map a batch at a time, so memory stays bounded by a batch, not by the
    dataset. With a ``seed`` the order is drawn anew each epoch from a stream of its own, and so is the
    augmentation: the one never shifts the other.
    """

    def __init__(
        self,
        dataset: FaceDataset,
        batch_size: int,
        emotions: tuple[str, ...] = EMOTIONS,
        seed: int | None = None,
        augment: Augment | None = None,
    ):
        super().__init__()
        self._dataset = dataset
        self._batch_size = batch_size
        self._targets = np.eye(len(emotions), dtype=np.float32)[dataset.codes(emotions)]
        self._seed = seed
        self._augment = augment
        self._epoch = 0
        self._order = self._draw_order()

    def __len__(self) -> int:
        return -(-len(self._dataset) // self._batch_size)

    def __getitem__(self, batch: int) -> tuple[np.ndarray, np.ndarray]:
        rows = self._order[batch * self._batch_size : (batch + 1) * self._batch_size]
        faces = self._dataset.faces(rows)
        if self._augment is not None:
            faces = self._augment(faces, np.random.default_rng([self._seed or 0, 1, self._epoch, batch]))
        return faces, self._targets[rows]

    def start_epoch(self, epoch: int) -> None:
        """Draw the order of this epoch (0-based over all phases); called before the epoch begins."""
        self._epoch = epoch
        self._order = self._draw_order()

    def _draw_order(self) -> np.ndarray:
        rows = np.arange(len(self._dataset))
        if self._seed is None:
            return rows
        return np.random.default_rng([self._seed, 0, self._epoch]).permutation(rows)

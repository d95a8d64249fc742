"""Batches of uint8 faces directly from memory-mapped arrays, in an order determined by a seed."""

import keras
import numpy as np

from fer.data.dataset import FaceDataset
from fer.data.emotions import EMOTIONS
from fer.training.augmentation import Augment
from fer.training.mixup import mixed
from fer.training.sampling import held, sampler_named
from fer.training.streams import AUGMENTATION, MIXUP, ORDER, stream


class Batches(keras.utils.PyDataset):
    """Batches ``(faces uint8 (b, h, w, c), targets float32 (b, classes))`` of a dataset; the last may be smaller.

    Faces are read from the memory map one batch at a time, so memory use depends on the batch size, not on the size of
    the dataset. With a ``seed``, order and augmentation are drawn anew each epoch from separate random streams, so that
    neither affects the other.

    ``sampling`` is a name in :data:`fer.training.sampling.SAMPLERS`; without a seed every face is used once, in the
    table's order. ``balance_by`` (n,) are codes that the sampler takes instead of the classes, such as groups. With
    ``weights``, (n,) or (n, groups), the weights of each face in the loss, each batch is a triple. ``targets``
    (n, classes) replaces the one-hot labels, for instance by soft ones. With ``steps``, each epoch has this number of
    full batches instead of one pass over the faces (:func:`fer.training.sampling.held`). ``mixup`` above 0 blends the
    faces of a batch (:func:`fer.training.mixup.mixed`). A subclass whose inputs are
    not faces overrides :meth:`inputs`.
    """

    def __init__(
        self,
        dataset: FaceDataset,
        batch_size: int,
        emotions: tuple[str, ...] = EMOTIONS,
        seed: int | None = None,
        augment: Augment | None = None,
        sampling: str = "shuffled",
        weights: np.ndarray | None = None,
        targets: np.ndarray | None = None,
        steps: int | None = None,
        mixup: float = 0.0,
        balance_by: np.ndarray | None = None,
    ):
        super().__init__()
        self._dataset = dataset
        self._batch_size = batch_size
        codes = dataset.codes(emotions)
        self._codes = codes if balance_by is None else balance_by
        self._targets = np.eye(len(emotions), dtype=np.float32)[codes] if targets is None else targets
        self._weights = weights
        self._seed = seed
        self._augment = augment
        self._sampler, self._stream = sampler_named(sampling), f"{ORDER} {sampling}"
        self._steps = steps
        self._mixup = mixup
        self._epoch = 0
        self._order = self._draw_order()

    def __len__(self) -> int:
        return -(-len(self._order) // self._batch_size)

    def __getitem__(self, batch: int) -> tuple[np.ndarray | tuple[np.ndarray, ...], ...]:
        rows = self._order[batch * self._batch_size : (batch + 1) * self._batch_size]
        inputs, targets = self.inputs(rows, batch), self._targets[rows]
        if self._mixup:
            place = (self._epoch, batch)
            inputs, targets = mixed(np.asarray(inputs), targets, self._mixup, stream(self._seed or 0, MIXUP, *place))
        labelled = (inputs, targets)
        return labelled if self._weights is None else (*labelled, self._weights[rows])

    def inputs(self, rows: np.ndarray, batch: int) -> np.ndarray | tuple[np.ndarray, ...]:
        """Return the model's inputs for these rows of the dataset: the augmented faces."""
        faces = self._dataset.faces(rows)
        if self._augment is not None:
            faces = self._augment(faces, stream(self._seed or 0, AUGMENTATION, self._epoch, batch))
        return faces

    def start_epoch(self, epoch: int) -> None:
        """Draw the order of an epoch (0-based over all phases); to be called before the epoch begins."""
        self._epoch = epoch
        self._order = self._draw_order()

    @property
    def faces_per_epoch(self) -> int:
        """Number of faces in an epoch."""
        return len(self._order)

    def _draw_order(self) -> np.ndarray:
        if self._seed is None:
            return np.arange(len(self._dataset))
        if self._steps is None:
            return self._pass(self._epoch)
        return held(self._pass, self._epoch, self._steps * self._batch_size)

    def _pass(self, number: int) -> np.ndarray:
        return self._sampler(self._dataset, self._codes, stream(self._seed or 0, self._stream, number))

"""What each phase of a fit trains: the whole model on faces, or its rest on the values in the trunk cache."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from fer.data.dataset import FaceDataset
from fer.sentinels import AUTO, NONE
from fer.training.batches import Batches
from fer.training.trunk_cache.cut import Cut, NothingConstantError, cut
from fer.training.trunk_cache.entry import Values
from fer.training.trunk_cache.filling import fill
from fer.training.trunk_cache.graph import Graph, graph_of
from fer.training.trunk_cache.options import HALF, OFF, check_mode


class CachedBatches(Batches):
    """Batches whose inputs are the faces' crossing tensors, a tuple of arrays ``(b, ...)``, without augmentation."""

    def __init__(self, values: Sequence[Mapping[str, Values]], dataset: FaceDataset, *args: Any, **options: Any):
        super().__init__(dataset, *args, **options)
        self._values = values
        self._rows = dataset.samples["row"].to_numpy(dtype=np.int64)
        self._sources = dataset.samples["source"].to_numpy()

    def inputs(self, rows: np.ndarray, batch: int) -> tuple[np.ndarray, ...]:
        """Return the crossing tensors' values for these rows of the dataset."""
        return tuple(self._gathered(by_source, rows) for by_source in self._values)

    def _gathered(self, by_source: Mapping[str, Values], rows: np.ndarray) -> np.ndarray:
        some = next(iter(by_source.values())).array
        gathered = np.empty((len(rows), *some.shape[1:]), dtype=some.dtype)
        sources = self._sources[rows]
        for source, values in by_source.items():
            here = np.flatnonzero(sources == source)
            gathered[here] = values.array[self._rows[rows[here]]]
        return gathered


@dataclass(frozen=True)
class Stage:
    """The model and the data of one phase.

    Attributes:
        model: the whole model, or its rest, which shares the whole model's layers.
        batches: makes the phase's batches, with the arguments of :class:`Batches`.
        note: description of where the data come from.
        faces: number of faces that were passed through the trunk to prepare the phase.
        seconds: seconds that this took.

    """

    model: keras.Model
    batches: Callable[..., Batches]
    note: str
    faces: int = 0
    seconds: float = 0.0


class Stages:
    """The stages of one fit, phase by phase.

    Args:
        model: the whole model.
        dataset: the training and validation faces.
        freeze: function that freezes the model's layers for a phase, given its number.
        phases: number of phases.
        mode: a name in :data:`fer.training.trunk_cache.options.MODES`.
        augmentation: name of the augmentation of training faces.
        mixup: alpha of the blending of training faces; 0: none.

    """

    def __init__(
        self,
        model: keras.Model,
        dataset: FaceDataset,
        freeze: Callable[[int], None],
        phases: int,
        mode: str = AUTO,
        augmentation: str = NONE,
        mixup: float = 0.0,
    ):
        check_mode(mode)
        self._model, self._dataset, self._freeze, self._phases = model, dataset, freeze, phases
        self._half = mode == HALF
        self._reason, self._graph = "", None
        if mode == OFF:
            self._reason = "trunk_cache is off"
        elif augmentation != NONE:
            self._reason = f"augmentation {augmentation} makes other faces in every epoch"
        elif mixup:
            self._reason = "mixup makes other faces in every epoch"
        else:
            self._graph = self._opened_up()

    def enter(self, phase: int) -> Stage:
        """Freeze the model for a phase (0-based) and return what the phase trains on.

        Values of the present network that later phases will need are computed in the same pass.
        """
        cuts = self._cuts_from(phase)
        self._freeze(phase)
        if not cuts:
            return Stage(self._model, Batches, f"from faces: {self._reason}")
        crossing = cuts[0].crossing
        wanted = [*crossing, *_foreseen(cuts)]
        filled = fill(cuts[0], wanted, self._dataset, self._half)
        values = filled.values[: len(crossing)]

        def batches(*args: Any, **options: Any) -> CachedBatches:
            return CachedBatches(values, *args, **options)

        stored = "at 16 bits" if self._half else "exact"
        note = f"from the trunk cache, {stored}"
        return Stage(cuts[0].rest(), batches, note, filled.faces, filled.seconds)

    def _opened_up(self) -> Graph | None:
        try:
            return graph_of(self._model)
        except (
            TypeError,
            ValueError,
        ) as error:  # Not functional, or with layers of the same name in two nested models.
            self._reason = f"Keras cannot expand the model ({str(error).splitlines()[0]})"
            return None

    def _cuts_from(self, phase: int) -> list[Cut]:
        """Return the cuts of this phase and the following ones, up to the first phase without a cut."""
        found: list[Cut] = []
        if self._graph is None:
            return found
        for number in range(phase, self._phases):
            self._freeze(number)
            try:
                found.append(cut(self._graph))
            except NothingConstantError as reason:
                if number == phase:
                    self._reason = str(reason)
                break
        return found


def _foreseen(cuts: Sequence[Cut]) -> list[keras.KerasTensor]:
    """Return the tensors that later cuts need in addition to the first one's and that no earlier phase changes."""
    known = {id(tensor) for tensor in cuts[0].crossing}
    foreseen = []
    for number, later in enumerate(cuts[1:], start=1):
        for tensor in later.crossing:
            unchanged = all(id(tensor) in before.constant for before in cuts[:number])
            if unchanged and id(tensor) not in known:
                known.add(id(tensor))
                foreseen.append(tensor)
    return foreseen

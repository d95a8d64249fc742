"""Fill the store: compute the missing values of the constant tensors for the requested faces."""

import platform
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version

import keras
import numpy as np
from tqdm import tqdm

from fer.data.dataset import FaceDataset
from fer.errors import InputError
from fer.progress import say
from fer.training.jit import JIT_COMPILE
from fer.training.trunk_cache import store
from fer.training.trunk_cache.cut import Cut
from fer.training.trunk_cache.entry import Entry, Values
from fer.training.trunk_cache.forward_pass import BLOCK, pass_rows
from fer.training.trunk_cache.graph import digests

Entries = Mapping[tuple[int, str], Entry]  # By position of the tensor in the wanted ones, and source.
Rows = Mapping[tuple[int, str], np.ndarray]


@dataclass(frozen=True)
class Filled:
    """The cached values that a fit reads.

    Attributes:
        values: values by source, for each wanted tensor in order.
        faces: number of faces that had to be passed through the trunk; 0 if all values were present.
        seconds: seconds that this took.

    """

    values: tuple[Mapping[str, Values], ...]
    faces: int
    seconds: float


def fill(cut: Cut, wanted: Sequence[keras.KerasTensor], dataset: FaceDataset, half: bool = False) -> Filled:
    """Return the values of the wanted constant tensors for every face of the dataset; compute missing ones.

    ``half`` stores float32 tensors as float16. An entry belongs to a packed part of the dataset, not to the dataset, so
    mixtures of the same parts, seeds and trials share it. Raises InputError if the values do not fit (before any is
    computed), if the disk is full, and if a value is too large for 16 bits.
    """
    began = time.perf_counter()
    used = {str(source): np.unique(rows) for source, rows in dataset.samples.groupby("source")["row"]}
    entries = _entries(cut, wanted, dataset, tuple(used), half)
    with suppress(OSError):  # Not created yet, or just removed.
        values = _opened(entries)
        if not any(map(len, _missing(entries, used).values())):
            return Filled(values, 0, time.perf_counter() - began)
    try:
        with store.writing({entry.folder.name for entry in entries.values()}):
            passed = _compute(cut, wanted, entries, _missing(entries, used), dataset)
            return Filled(_opened(entries), passed, time.perf_counter() - began)
    except OSError as error:
        folder = store.store_folder()
        raise InputError(f"{folder} cannot be written ({error}); free disk space and start again.") from error


def _entries(
    cut: Cut, wanted: Sequence[keras.KerasTensor], dataset: FaceDataset, sources: Sequence[str], half: bool
) -> Entries:
    made = {}
    for place, (tensor, digest) in enumerate(zip(wanted, digests(cut.graph, wanted), strict=True)):
        dtype = "float16" if half and tensor.dtype == "float32" else tensor.dtype
        for source in sources:
            part = dataset.parts[source]
            key = store.key_of(faces=part.digest, tensor=digest, dtype=dtype, block=BLOCK, computed_by=_computed_by())
            made[place, source] = store.entry_at(key, len(part.array), tuple(tensor.shape[1:]), dtype)
    return made


def _computed_by() -> dict[str, str]:
    """Return the properties of this machine that can change a network's results in the last bits."""
    backend = keras.backend.backend()
    devices = {device.split(":")[0] for device in keras.distribution.list_devices()}
    device = "gpu" if "gpu" in devices else platform.machine()
    return {"keras": keras.version(), backend: version(backend), "device": device}


def _missing(entries: Entries, used: Mapping[str, np.ndarray]) -> Rows:
    return {(place, source): entry.missing(used[source]) for (place, source), entry in entries.items()}


def _opened(entries: Entries) -> tuple[Mapping[str, Values], ...]:
    by_place: dict[int, dict[str, Values]] = {}
    for (place, source), entry in entries.items():
        by_place.setdefault(place, {})[source] = entry.open()
    return tuple(by_place[place] for place in sorted(by_place))


def _compute(
    cut: Cut, wanted: Sequence[keras.KerasTensor], entries: Entries, missing: Rows, dataset: FaceDataset
) -> int:
    """Compute and write the missing values; return the number of faces passed through the trunk."""
    places = sorted({place for (place, _), rows in missing.items() if len(rows)})
    if not places:
        return 0
    sources = sorted({source for _, source in entries})
    passing = {source: np.unique(np.concatenate([missing[place, source] for place in places])) for source in sources}
    faces = sum(map(len, passing.values()))
    _announce(cut, entries, missing, faces)
    for (_, source), entry in entries.items():
        entry.create({"model": cut.graph.model.name, "source": source, "faces": dataset.parts[source].digest})
    model = cut.frozen([wanted[place] for place in places])
    model.compile(jit_compile=JIT_COMPILE)
    with tqdm(total=faces, desc="trunk pass", unit="face", disable=None, leave=False) as bar:
        for source, rows in passing.items():
            targets = [(entries[place, source], missing[place, source]) for place in places]
            pass_rows(model, dataset.parts[source].array, dataset.face_shape, rows, targets, bar)
    return faces


def _announce(cut: Cut, entries: Entries, missing: Rows, faces: int) -> None:
    """Report what will be computed, its size and its folder; raises InputError if it does not fit."""
    needed = sum(len(rows) * entries[key].row_bytes for key, rows in missing.items())
    what = (
        f"the output of the frozen part of {cut.graph.model.name} for {faces:,} faces, "
        f"{store.shown(needed / faces)} per face,"
    )
    store.make_room(needed, {entry.folder.name for entry in entries.values()}, what)
    say(f"trunk cache: {what} takes {store.shown(needed)} in {store.store_folder()}.")

"""Balance the training split: smaller classes grow by synthesised faces, larger ones are subsampled.

Validation and test stay as they are. No real face is copied: the result is a mixture that points into the parts it
came from and into one further packed part, which holds the made faces. Their column ``origin`` names the method
and is null for real faces. Every emotion has random streams of its own, named by seed and emotion.
"""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fer.data.balance_targets import ClassTarget, parse_target
from fer.data.dataset import CROP_MARGIN, DRAWN, FaceDataset, write_packed
from fer.data.emotions import ALL_EMOTIONS
from fer.data.samples import conform
from fer.data.synthesis import AugmentOptions, Faces, SmoteOptions, altered_copies, smote_mixtures
from fer.errors import InputError
from fer.identity import code_version
from fer.options import Options, parse
from fer.storage.memory import refuse_too_large
from fer.text.numbers import check_seed

_ORIGIN = "origin"
# Of the table of made faces while it is made, with its draws and names.
_BYTES_A_ROW = 1000

Maker = Callable[..., tuple[pd.DataFrame, Faces]]


@dataclass(frozen=True)
class Method:
    """A way to balance: its options, and how it makes faces and marks them; ``make`` is None if it makes none."""

    options: type[Options]
    make: Maker | None = None
    origin: str = ""


METHODS: dict[str, Method] = {
    "augment": Method(AugmentOptions, altered_copies, "augmented"),
    "undersample": Method(Options),
    "smote": Method(SmoteOptions, smote_mixtures, "smote"),
}


def make_balanced(
    dataset: FaceDataset,
    folder: Path,
    method: str = "augment",
    target: str = "equal",
    seed: int = 0,
    options: Mapping[str, Any] | None = None,
) -> FaceDataset:
    """Return ``dataset`` with its training split balanced; the made faces are written to ``folder``.

    Args:
        dataset: all of its faces must be real.
        folder: must not exist; a packed dataset of the made faces appears there, or nothing if none is made.
        method: one of :data:`METHODS`.
        target: see :func:`fer.data.balance_targets.parse_target`; counts only emotions that the training split has.
            ``equal`` is the largest class, under ``undersample`` the smallest.
        seed: the same seed gives the same rows and pixels.
        options: options of the method.

    Raises InputError for an unknown method, option or target, for a dataset that already holds made faces, for a class
    that ``undersample`` would have to grow, and for one too small for ``smote``.

    """
    check_seed(seed)
    chosen, declared, asked = check_balance(method, target, options or {})
    _refuse_made(dataset)
    real = _by_emotion(dataset)
    before = {emotion: len(positions) for emotion, positions in real.items()}
    wanted = asked.counts(before, smallest=chosen.make is None)
    missing = {emotion: wanted[emotion] - before[emotion] for emotion in real if wanted[emotion] > before[emotion]}
    count = sum(missing.values())
    refuse_too_large(count * _BYTES_A_ROW, f"target {target} asks for {count:,} made faces", "lower the target")
    if chosen.make is None:
        _refuse_growth(dataset, method, missing, before)
    provenance = {
        "made_by": "balance",
        "emotions": list(dataset.emotions),
        "base": dataset.name,
        "base_digest": dataset.digest,
        "method": method,
        "options": declared.model_dump(mode="json"),
        "target": str(asked),
        "seed": seed,
        "before": before,
        "after": wanted,
        "made": missing,
        DRAWN: dataset.drawn,
        CROP_MARGIN: dataset.crop_margin,
        "code_version": code_version(),
    }
    name = f"{dataset.name} {method} {asked}"
    kept = dataset.where(_kept(dataset, real, wanted, seed), name).samples
    parts = {source: part for source, part in dataset.parts.items() if (kept["source"] == source).any()}
    if chosen.make is not None and missing:
        make = partial(chosen.make, options=declared)
        made = _make(dataset, folder, make, chosen.origin, missing, real, provenance)
        parts |= made.parts
        kept = conform(pd.concat([_nullable(kept), made.samples], ignore_index=True))
    return FaceDataset(name, kept, parts, dataset.lost, provenance)


def check_balance(method: str, target: str, options: Mapping[str, Any]) -> tuple[Method, Options, ClassTarget]:
    """Return the parsed method, target and options; InputError for a combination that is invalid for every dataset."""
    chosen = method_named(method)
    return chosen, parse(chosen.options, options, f"method {method}"), parse_target(target)


def method_named(name: str) -> Method:
    """Return the method of this name; InputError with the valid names for any other."""
    if name not in METHODS:
        raise InputError(f"unknown method {name!r}; use one of {', '.join(METHODS)}.")
    return METHODS[name]


def _refuse_made(dataset: FaceDataset) -> None:
    if _ORIGIN in dataset.samples and dataset.samples[_ORIGIN].notna().any():
        raise InputError(
            f"{dataset.name} holds made faces already; balance the dataset of real faces that it came from."
        )


def _refuse_growth(dataset: FaceDataset, method: str, missing: Mapping[str, int], before: Mapping[str, int]) -> None:
    for emotion, count in missing.items():
        raise InputError(
            f"{method} cannot give {before[emotion] + count} training faces of {emotion}, of which {dataset.name} has "
            f"{before[emotion]}; lower the target or use the method augment."
        )


def _by_emotion(dataset: FaceDataset) -> dict[str, np.ndarray]:
    """Return the table positions of the training faces by emotion, for the emotions that have any."""
    labels = dataset.samples["label"].where(dataset.samples["split"] == "train")
    positions = {emotion: np.flatnonzero(labels == emotion) for emotion in ALL_EMOTIONS}
    present = {emotion: found for emotion, found in positions.items() if len(found)}
    if not present:
        raise InputError(f"dataset {dataset.name} has no train split, and no other is balanced; choose another one.")
    return present


def _kept(dataset: FaceDataset, real: Mapping[str, np.ndarray], wanted: Mapping[str, int], seed: int) -> np.ndarray:
    """Return the positions of all other splits and of the training faces that stay, in the table's order."""
    kept = [np.flatnonzero(dataset.samples["split"] != "train")]
    for emotion, positions in real.items():
        draw = np.random.default_rng(_seed(f"{seed}/balance/keep/{emotion}"))
        kept.append(draw.permutation(positions)[: wanted[emotion]])
    return np.sort(np.concatenate(kept))


def _make(
    dataset: FaceDataset,
    folder: Path,
    make: Maker,
    origin: str,
    missing: Mapping[str, int],
    real: Mapping[str, np.ndarray],
    provenance: Mapping[str, Any],
) -> FaceDataset:
    """Write the missing faces of each emotion as a packed dataset to ``folder``; they are read as they are made."""
    name = f"{dataset.name} {origin}"
    if name in dataset.parts:
        raise InputError(f"{dataset.name} has a part named {name} already; preprocess that one under another name.")
    tables, faces = [], []
    for emotion, count in missing.items():
        seed = _seed(f"{provenance['seed']}/balance/make/{emotion}")
        table, made = make(dataset, real[emotion], count, seed)
        tables.append(table.assign(sample_id=[f"{emotion}_{number:05d}" for number in range(count)]))
        faces.append(made)
    height, width, channels = dataset.face_shape
    shape = (height, width) if channels == 1 else (height, width, channels)
    samples = pd.concat(tables, ignore_index=True).assign(**{_ORIGIN: origin})
    return write_packed(folder, name, samples, (face.reshape(shape) for face in chain(*faces)), shape, provenance)


def _nullable(samples: pd.DataFrame) -> pd.DataFrame:
    """Return a user's integer and boolean columns as nullable ones: a null would turn them into floats."""
    plain = [name for name, kind in samples.dtypes.items() if kind in (np.dtype(int), np.dtype(bool))]
    return samples.astype({name: samples[name].convert_dtypes().dtype for name in plain})


def _seed(stream: str) -> int:
    return zlib.crc32(stream.encode())

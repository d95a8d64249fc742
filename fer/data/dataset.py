"""Read and write datasets: a folder with a table of samples and the packed, memory-mapped faces that they point into.

A folder holds ``samples.parquet``, ``lost.parquet``, ``dataset.json`` and, if the dataset is *packed*,
``faces.npy`` (uint8, ``(n, height, width)`` gray or ``(n, height, width, 3)`` RGB). A *mixture* has no
faces of its own: it names the packed datasets its rows point into, by address and digest.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fer.data.dataset_files import VOCABULARY, open_faces, read_description
from fer.data.digests import faces_digest
from fer.data.emotions import EMOTIONS, in_order
from fer.data.face_dataset import FaceDataset as FaceDataset
from fer.data.face_dataset import PackedFaces as PackedFaces
from fer.data.face_dataset import vocabulary_of
from fer.data.samples import CLIP, GROUP_COLUMNS, PERSON, check_samples, conform
from fer.errors import InputError
from fer.sentinels import AUTO, NONE
from fer.storage.folders import atomic_folder, new_array

# Of drawn faces, in the provenance: the source that draws them, or a mark on faces made from them.
_DRAWING_SOURCE, DRAWN = "synthetic", "drawn"
CROP_MARGIN = "crop_margin"
LOST_COLUMNS = ("sample_id", "label", "split", *GROUP_COLUMNS, PERSON, CLIP, "reason")

Resolve = Callable[[str], Path]


def write_packed(
    folder: Path,
    name: str,
    samples: pd.DataFrame,
    faces: Iterable[np.ndarray],
    shape: tuple[int, ...],
    provenance: Mapping[str, Any],
    lost: pd.DataFrame | None = None,
    notes: Mapping[str, str] | None = None,
) -> FaceDataset:
    """Write a packed dataset to ``folder`` (which must not exist) and return it, opened.

    Args:
        folder: the folder to create; it is written completely or not at all.
        name: becomes ``source`` and the prefix of every ``sample_id``.
        samples: n rows without ``source`` and ``row``.
        faces: n arrays, uint8, of ``shape`` (``(height, width)`` or ``(height, width, 3)``), in order.
        shape: of one face.
        provenance: how it was made.
        lost: see :class:`FaceDataset`.
        notes: further text files of the folder by name, such as the list of rejected files.

    """
    table = samples.assign(
        sample_id=name + "/" + samples["sample_id"].astype(str), source=name, row=np.arange(len(samples))
    )
    table = conform(table)
    check_samples(table, f"dataset {name}", vocabulary_of(provenance))
    with atomic_folder(folder) as partial:
        array = new_array(partial / "faces.npy", (len(table), *shape))
        for row, face in zip(range(len(table)), faces, strict=True):
            array[row] = face
        array.flush()
        for file, text in (notes or {}).items():
            (partial / file).write_text(text, encoding="utf-8")
        part = PackedFaces(str(folder.resolve()), faces_digest(array), array)
        _write(partial, FaceDataset(name, table, {name: part}, _lost(lost), provenance), packed=True)
        del array, part
    return load_dataset(folder)


def write_mixture(folder: Path, dataset: FaceDataset) -> None:
    """Write ``dataset`` without its faces: rows, and the addresses and digests of the parts that they point into."""
    conformed = conform(dataset.samples)
    check_samples(conformed, f"dataset {dataset.name}", dataset.emotions)
    with atomic_folder(folder) as partial:
        _write(partial, replace(dataset, samples=conformed), packed=False)


def load_dataset(folder: Path | str, resolve: Resolve = Path, address: str | None = None) -> FaceDataset:
    """Open a dataset's folder and check it: schema, labels, lengths, digest.

    ``resolve`` turns the address of a mixture's part into a local folder (``fer.tracking`` passes one
    that supports ``runs:/``); ``address`` is the address of this dataset in mixtures made from it.
    Raises InputError, one sentence, for a folder that is missing, half-written, damaged or changed.
    """
    folder = Path(folder)
    about = read_description(folder)
    samples, lost = (_table(folder, name) for name in ("samples", "lost"))
    samples = _conformed(folder, samples)
    check_samples(samples, str(folder), in_order({*EMOTIONS, *vocabulary_of(about["provenance"])}))
    if about["packed"]:
        array = open_faces(folder)
        place, made = address or str(folder.resolve()), about["provenance"]
        part = PackedFaces(place, faces_digest(array), array, _are_drawn(made), _crop_margin(made))
        parts = {about["name"]: part}
    else:
        parts = _open_parts(folder, about, resolve)
    dataset = FaceDataset(about["name"], samples, parts, lost, about["provenance"], VOCABULARY in about)
    _check_rows(folder, dataset)
    unknown = sorted(set(samples["label"]) - set(dataset.emotions))
    if dataset.digest != about["digest"] or unknown:
        raise InputError(
            f"{folder} does not match its digest {about['digest'][:12]}: samples, faces or emotions were changed "
            "after it was written; preprocess it again."
        )
    return dataset


def _are_drawn(provenance: Mapping[str, Any]) -> bool:
    return provenance.get("source") == _DRAWING_SOURCE or provenance.get(DRAWN) is True


def _crop_margin(provenance: Mapping[str, Any]) -> float | None:
    """Return the margin around a detector's boxes: none is cut; None where no detector is known to have cut them."""
    if CROP_MARGIN in provenance:
        margin = provenance[CROP_MARGIN]
        return float(margin) if isinstance(margin, (int, float)) else None
    resolved = provenance.get("resolved") or {}
    detector = resolved.get("detector", provenance.get("detector", NONE))
    return None if detector in (NONE, AUTO) else 0.0


def _table(folder: Path, name: str) -> pd.DataFrame:
    try:
        return pd.read_parquet(folder / f"{name}.parquet")
    except (OSError, ValueError) as error:
        raise InputError(f"{folder} cannot be read ({error}); preprocess it again.") from error


def _conformed(folder: Path, samples: pd.DataFrame) -> pd.DataFrame:
    try:
        return conform(samples)
    except (ValueError, TypeError) as error:
        raise InputError(f"{folder}: samples.parquet has a column of another kind ({error}); make it again.") from error


def _check_rows(folder: Path, dataset: FaceDataset) -> None:
    samples = dataset.samples
    unknown = sorted(set(samples["source"]) - set(dataset.parts))
    if unknown:
        raise InputError(f"{folder}: samples of {unknown[0]!r} point into no part of the dataset; make it again.")
    for source, part in dataset.parts.items():
        rows = samples.loc[samples["source"] == source, "row"]
        outside = rows[(rows < 0) | (rows >= len(part.array))]
        if len(outside):
            raise InputError(
                f"{folder}: row {outside.iloc[0]} of {source} is none of its {len(part.array)} faces; make it again."
            )
    shapes = {part.array.shape[1:] for part in dataset.parts.values()}
    if len(shapes) > 1:
        raise InputError(f"{folder} is mixed from faces of different shapes {sorted(shapes)}; make it again.")


def _open_parts(folder: Path, about: Mapping[str, Any], resolve: Resolve) -> dict[str, PackedFaces]:
    parts = {}
    for source, entry in about["parts"].items():
        try:
            place = resolve(entry["address"])
            if not read_description(place)["packed"]:  # It may name itself.
                raise InputError(f"{place} holds no faces of its own.")
            packed = load_dataset(place, resolve, entry["address"])
        except InputError as error:
            raise InputError(
                f"{folder} is mixed from {source} at {entry['address']}, which cannot be opened ({error}) "
                "Put it back or integrate again."
            ) from None
        part = packed.parts.get(source)
        if part is None or part.digest != entry["digest"]:
            raise InputError(
                f"{folder}: the faces of {source} at {entry['address']} are not those it was mixed from "
                f"(digest {entry['digest'][:12]}); integrate again."
            )
        parts[source] = part
    if not parts:
        raise InputError(f"{folder} has neither faces.npy nor parts; the dataset is incomplete: make it again.")
    return parts


def _lost(lost: pd.DataFrame | None) -> pd.DataFrame:
    return pd.DataFrame(columns=list(LOST_COLUMNS), dtype="str") if lost is None else lost


def _write(folder: Path, dataset: FaceDataset, packed: bool) -> None:
    dataset.samples.to_parquet(folder / "samples.parquet", index=False)
    dataset.lost.to_parquet(folder / "lost.parquet", index=False)
    # dataset.json last: a folder without it is not a dataset.
    about = {**dataset.describe(), "packed": packed}
    if packed:  # Its faces are beside it, wherever the folder goes.
        about["parts"] = {}
    (folder / "dataset.json").write_text(json.dumps(about, indent=2, sort_keys=True) + "\n", encoding="utf-8")

"""FaceDataset: labelled faces, a table of samples and the arrays of packed faces that they point into."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from fer.data.dataset_files import SCHEMA_VERSION, VOCABULARY
from fer.data.digests import as_csv, faces_digest
from fer.data.emotions import EMOTIONS, canonical_emotion, emotion_codes, in_order
from fer.data.samples import conform
from fer.errors import InputError
from fer.redaction import redacted_within


@dataclass(frozen=True)
class PackedFaces:
    """The faces of one packed dataset: their address, their digest, the mapped array, and how they were made.

    Attributes:
        drawn: whether they are drawn.
        crop_margin: what was cut with a detector's box on each side, as a share of the box; None: unknown.

    """

    address: str
    digest: str
    array: np.ndarray = field(repr=False)
    drawn: bool = False
    crop_margin: float | None = None


@dataclass(frozen=True)
class FaceDataset:
    """Labelled faces with their metadata.

    Attributes:
        name: its name, as shown in tables ("fer2013", "sfew+10% eila").
        samples: one row per face; see :mod:`fer.data.samples`.
        parts: the packed faces by ``source``; exactly one for a packed dataset. None: the samples have no pictures,
            as those of a table of predictions (:mod:`fer.evaluation.given_predictions`).
        lost: rows of the raw data that gave no face, with label, groups and ``reason``; may be empty.
        provenance: how it was made (source, parameters, code version), free-form and JSON-serialisable.
        digest_has_vocabulary: whether the digest covers the vocabulary; not for a folder that version 0.1.0 wrote.

    """

    name: str
    samples: pd.DataFrame = field(repr=False)
    parts: Mapping[str, PackedFaces]
    lost: pd.DataFrame = field(repr=False)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    digest_has_vocabulary: bool = True

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def emotions(self) -> tuple[str, ...]:
        """The label vocabulary: the emotions that were kept when it was made, in canonical order; else the seven.

        A dataset that merely has no face of an emotion keeps it in its vocabulary.
        """
        return vocabulary_of(self.provenance)

    @property
    def has_faces(self) -> bool:
        """Whether there are pictures of the samples."""
        return bool(self.parts)

    @property
    def face_shape(self) -> tuple[int, int, int]:
        """Height, width and channels (1 or 3) of every face."""
        array = next(iter(self.parts.values())).array
        return array.shape[1], array.shape[2], 1 if array.ndim == 3 else array.shape[3]

    @property
    def drawn(self) -> bool:
        """Whether all faces are drawn (the source ``synthetic``), also those that were made from drawn ones.

        They differ in few features, so that two of them are often near-duplicates by design.
        """
        return all(part.drawn for part in self.parts.values())

    @property
    def crop_margin(self) -> float | None:
        """What all faces have around a detector's box on each side, as a share of the box; None: not all known alike.

        It is 0 for faces that ``preprocess`` cut, and unknown for those that their source had cut.
        """
        margins = {part.crop_margin for part in self.parts.values()}
        return margins.pop() if len(margins) == 1 else None

    @cached_property
    def digest(self) -> str:
        """SHA-256 over every column of the samples and lost tables, the digests of the faces and the vocabulary.

        The vocabulary decides how many classes a model has. Where it is the seven and all of them occur it is left
        out: such a dataset has the same digest as in version 0.1.0.
        """
        content = hashlib.sha256(as_csv(self.samples))
        content.update(as_csv(self.lost))
        for source in sorted(self.parts):
            content.update(f"{source}={self.parts[source].digest}\n".encode())
        seven = self.samples["label"].nunique() == len(EMOTIONS) and set(self.emotions) <= set(EMOTIONS)
        if self.digest_has_vocabulary and not seven:
            content.update(f"vocabulary={','.join(self.emotions)}\n".encode())
        return content.hexdigest()

    def faces(self, positions: np.ndarray | slice | None = None) -> np.ndarray:
        """Return faces, uint8 ``(k, height, width, channels)``, at 0-based table ``positions`` (default all)."""
        rows, sources = self._places
        if positions is not None:
            rows, sources = rows[positions], sources[positions]
        faces = np.empty((len(rows), *self.face_shape), dtype=np.uint8)
        for code, part in enumerate(self.parts.values()):
            here = np.flatnonzero(sources == code)
            faces[here] = part.array[rows[here]].reshape(len(here), *self.face_shape)
        return faces

    @cached_property
    def _places(self) -> tuple[np.ndarray, np.ndarray]:
        """Row within its part, and number of the part, of every sample; cached, so that batches need no search."""
        codes = pd.Categorical(self.samples["source"], categories=list(self.parts)).codes
        return self.samples["row"].to_numpy(dtype=np.int64), np.asarray(codes)

    def codes(self, emotions: tuple[str, ...] = EMOTIONS) -> np.ndarray:
        """Return the class numbers, int64 ``(n,)``: positions of the labels in ``emotions``."""
        return np.asarray(emotion_codes(self.samples["label"], emotions), dtype=np.int64)

    def where(self, mask: np.ndarray | pd.Series, name: str | None = None) -> "FaceDataset":
        """Return the dataset restricted to the samples where ``mask`` is true, or at these positions, in this order."""
        chosen = self.samples.loc[mask] if np.asarray(mask).dtype == bool else self.samples.iloc[mask]
        return replace(self, name=name or self.name, samples=conform(chosen))

    def split(self, name: str) -> "FaceDataset":
        """Return the samples of one split; InputError if it has none."""
        part = self.where(self.samples["split"] == name)
        if not len(part):
            has = ", ".join(self.samples["split"].unique())
            raise InputError(f"dataset {self.name} has no {name} split (it has: {has}); choose one of these.")
        return part

    def describe(self) -> dict[str, Any]:
        """Return the content of ``dataset.json``, with the digest but without ``packed``."""
        height, width, channels = self.face_shape
        return {
            "schema_version": SCHEMA_VERSION,
            "name": self.name,
            "samples": len(self),
            "height": height,
            "width": width,
            "channels": channels,
            "digest": self.digest,
            "parts": {
                source: {"address": part.address, "digest": part.digest} for source, part in sorted(self.parts.items())
            },
            VOCABULARY: list(self.emotions),
            "provenance": redacted_within(self.provenance),
        }

    def check_unchanged(self) -> None:
        """Raise InputError if the faces are no longer those that were opened: their file may have been overwritten."""
        for source, part in self.parts.items():
            if faces_digest(part.array) != part.digest:
                raise InputError(
                    f"the faces of {source} at {part.address} were overwritten while they were in use: what was made "
                    "of them belongs to no dataset; start again."
                )


def vocabulary_of(provenance: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the label vocabulary of a dataset that was made so: the emotions that were kept, else the seven."""
    return in_order(canonical_emotion(word) for word in provenance.get("emotions") or EMOTIONS)

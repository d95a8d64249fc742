"""Outcome of each row: one record per row, and the faces, which stay on disk until they are packed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

FACE = "face"
NO_FACE = "no face"
# Outcomes of damaged data, as opposed to a face that was not found.
DAMAGE = ("unreadable", "video unreadable", "frame missing", "box outside")
FACES_FILE = "faces.npy"
RECORDS_FILE = "records.parquet"
_MOST_OPEN = 64
RECORD_COLUMNS = (
    "position", "outcome", "reason", "face_x", "face_y", "face_width", "face_height", "confidence", "detector", "yaw",
    "other_faces",
)  # fmt: skip


@dataclass(frozen=True)
class Extraction:
    """Results of detection.

    Attributes:
        records: one row per row of the listing, in its order: ``position``; ``outcome`` ("face", "no face" or one
            of :data:`DAMAGE`); ``reason`` (a sentence, for damage); the face's box in pixels of the frame or
            image (``face_x``, ``face_y``, ``face_width``, ``face_height``); ``confidence`` and ``yaw`` (NaN
            where the detector knows none); ``detector``; ``other_faces`` over the threshold.
        files: the ``.npy`` file of each unit's faces.
        places: (unit, row within its array) of every row of the listing.

    """

    records: pd.DataFrame
    files: Mapping[str, Path]
    places: list[tuple[str, int]]

    def faces(self, positions: np.ndarray) -> Iterator[np.ndarray]:
        """Yield the faces of these rows of the listing, in this order."""
        # A few at a time: each open file counts against the process' limit, and there may be thousands of units.
        opened = lru_cache(_MOST_OPEN)(lambda unit: np.load(self.files[unit], mmap_mode="r"))
        for position in positions:
            unit, row = self.places[position]
            yield opened(unit)[row]


def gather(folder: Path, units: Mapping[str, np.ndarray]) -> Extraction:
    """Open the results of all units: ``units`` gives the listing's positions that each has, in its order."""
    tables = [pd.read_parquet(folder / name / RECORDS_FILE) for name in units]
    records = pd.concat(tables, ignore_index=True).sort_values("position", ignore_index=True)
    places: list[tuple[str, int]] = [("", 0)] * len(records)
    for name, positions in units.items():
        for row, position in enumerate(positions):
            places[position] = (name, row)
    return Extraction(records, {name: folder / name / FACES_FILE for name in units}, places)

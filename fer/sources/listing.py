"""Listings, which every source returns: the faces, how to read them, and what was rejected."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from fer.errors import InputError
from fer.options import Options

REJECTED_COLUMNS = ("file", "kind", "reason")
NO_TEXT = "its name is no UTF-8"
REGION_COLUMNS = ("file", "frame", "x", "y", "width", "height")


class SourceOptions(Options):
    """Options of a source: a subclass declares each with its default."""


@dataclass(frozen=True)
class Listing:
    """Faces found but not yet read.

    Attributes:
        samples: n rows, see :mod:`fer.data.samples`, without ``source`` and ``row``; ``sample_id`` is unique
            within the source, ``label`` is the source's own word (:mod:`fer.data.labels`), ``split`` may be absent.
        read: image of row i (position in ``samples``), uint8 ``(h, w)`` gray or ``(h, w, 3)`` RGB of any
            size; raises OSError or ValueError if it cannot be read. Not used where there are ``regions``.
        rejected: what was refused while listing; see :func:`rejections`; may have columns of ``samples``.
        regions: for faces in videos, in the order of ``samples``: the video's path, the frame (from 0), and
            the box to look in, in percent of the frame (may overshoot); None for images.
        remarks: sentences about files that were left out without being rows.

    """

    samples: pd.DataFrame
    read: Callable[[int], np.ndarray]
    rejected: pd.DataFrame = field(default_factory=lambda: rejections([]))
    regions: pd.DataFrame | None = None
    remarks: tuple[str, ...] = ()

    def take(self, positions: np.ndarray) -> "Listing":
        """Return the listing of these positions, in this order."""
        chosen = self.samples.iloc[positions].reset_index(drop=True)
        regions = None if self.regions is None else self.regions.iloc[positions].reset_index(drop=True)
        return replace(self, samples=chosen, regions=regions, read=lambda row: self.read(int(positions[row])))

    def with_refused(self, refused: Iterable[tuple[str, str, str]]) -> "Listing":
        """Return the listing with further refused files: (file, kind, reason)."""
        rows = [tuple(map(as_text, row)) for row in refused]
        if not rows:
            return self
        more = pd.DataFrame(rows, columns=list(REJECTED_COLUMNS), dtype="str")
        return replace(self, rejected=pd.concat([self.rejected, more], ignore_index=True))

    def with_remarks(self, remarks: Iterable[str]) -> "Listing":
        """Return the listing with further remarks."""
        return replace(self, remarks=(*self.remarks, *remarks))

    def with_codes(self, source: str, words: Mapping[str, str]) -> "Listing":
        """Return the listing with :func:`code_remark`, if any of its labels is a number."""
        codes = {int(word): meaning for word, meaning in words.items() if word.isdecimal()}
        labels = self.samples["label"].dropna().astype("str").unique()
        coded = codes and any(label.strip()[:1].isdecimal() for label in labels)
        return self.with_remarks([code_remark(source, codes)]) if coded else self

    def with_samples(self, samples: pd.DataFrame) -> "Listing":
        """Return the listing with another table of the same rows in the same order."""
        return replace(self, samples=samples)


def code_remark(source: str, codes: Mapping[int, str]) -> str:
    """Return a sentence on the reading of numbers as emotions, in which copies of a dataset may differ."""
    texts = ", ".join(f"{code} {meaning}" for code, meaning in codes.items())
    return f"{source} names emotions by number, read as {texts}; if this copy counts otherwise, map them with labels."


def rejections(rows: list[tuple[str, str]], kind: str = "unreadable") -> pd.DataFrame:
    """Return refused files, from (file, reason) pairs: columns ``file``, ``kind`` (what they count as), ``reason``."""
    texts = [(as_text(file), as_text(reason)) for file, reason in rows]
    table = pd.DataFrame(texts, columns=["file", "reason"], dtype="str")
    table.insert(1, "kind", pd.Series([kind] * len(table), dtype="str"))
    return table


def as_text(name: str) -> str:
    """Return a file's name with bytes that are not text (from another system's archive) escaped."""
    return name.encode("utf-8", "backslashreplace").decode() if not name.isascii() else name


def existing_folder(folder: Path, what: str, remedy: str) -> Path:
    """Return ``folder`` if it is a folder with something in it, else raise InputError."""
    if not folder.is_dir():
        raise InputError(f"{what}: there is no folder {folder}; {remedy}.")
    if not any(folder.iterdir()):
        raise InputError(f"{what}: the folder {folder} is empty; {remedy}.")
    return folder

"""One entry of the store: a tensor's values for the rows of one packed dataset, and which rows are present.

The file of values has space for every row and is sparse: a row that was never written takes no disk space. A row is
present if its byte in the file of marks is set. The byte is written after the values have reached the disk, so rows
that a killed process left incomplete are not used.
"""

import fcntl
import json
import os
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

_FACTS, _VALUES, _MARKS = "entry.json", "values.bin", "rows.bin"
_DESCRIBED = {"model", "source", "rows", "shape", "dtype"}


class Entry:
    """A tensor of ``shape`` and ``dtype`` for each of ``rows`` rows; only the holder of the entry's lock may write."""

    def __init__(self, folder: Path, rows: int, shape: tuple[int, ...], dtype: str):
        self.folder = folder
        self.rows, self.shape, self.dtype = rows, shape, np.dtype(dtype)

    @property
    def row_bytes(self) -> int:
        """Size of one row's values in bytes."""
        return int(np.prod(self.shape)) * self.dtype.itemsize

    @property
    def is_sound(self) -> bool:
        """Whether the entry was created completely; its description is written last."""
        try:
            sizes = [(self.folder / name).stat().st_size for name in (_VALUES, _MARKS)]
        except OSError:
            return False
        return sizes == [self.rows * self.row_bytes, self.rows] and facts_of(self.folder) is not None

    def create(self, facts: Mapping[str, Any]) -> None:
        """Create an empty entry with these facts, shown when the store is listed; a sound entry is left unchanged."""
        if self.is_sound:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, size in ((_VALUES, self.rows * self.row_bytes), (_MARKS, self.rows)):
            with open(self.folder / name, "wb") as file:
                file.truncate(size)
        described = {**facts, "rows": self.rows, "shape": self.shape, "dtype": str(self.dtype)}
        partial = self.folder / f".{_FACTS}"
        partial.write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")
        partial.rename(self.folder / _FACTS)

    def missing(self, rows: np.ndarray) -> np.ndarray:
        """Return the rows that are not present yet."""
        if not self.is_sound:
            return rows
        return rows[np.fromfile(self.folder / _MARKS, dtype=np.uint8)[rows] == 0]

    def write(self, rows: np.ndarray, values: np.ndarray) -> None:
        """Write values ``(k, *shape)`` at rows (k,); they become present when :meth:`believe` is called for them.

        Raises OSError if the disk is full.
        """
        with open(self.folder / _VALUES, "r+b") as file:
            for row, value in zip(rows, values.astype(self.dtype, copy=False), strict=True):
                file.seek(int(row) * self.row_bytes)
                file.write(np.ascontiguousarray(value).tobytes())

    def believe(self, rows: np.ndarray) -> None:
        """Mark rows as present after their values have reached the disk."""
        with open(self.folder / _VALUES, "r+b") as file:
            os.fsync(file.fileno())
        with open(self.folder / _MARKS, "r+b") as file:
            for row in rows:
                file.seek(int(row))
                file.write(b"\1")
            file.flush()
            os.fsync(file.fileno())

    def open(self) -> "Values":
        """Map the values for reading and mark the entry as used; raises OSError if it is not sound."""
        if not self.is_sound:
            raise FileNotFoundError(f"{self.folder} holds no sound entry")
        os.utime(self.folder / _FACTS)
        return Values(self)


class Values:
    """The mapped values of an entry, which is not removed while this object exists.

    Raises OSError if the entry does not exist.
    """

    def __init__(self, entry: Entry):
        self._file = open(entry.folder / _VALUES, "rb")  # noqa: SIM115 - held, and locked, as long as this object
        weakref.finalize(self, self._file.close)
        fcntl.flock(self._file, fcntl.LOCK_SH)
        if os.fstat(self._file.fileno()).st_ino != (entry.folder / _VALUES).stat().st_ino:
            raise FileNotFoundError(f"{entry.folder} was removed while it was opened")
        self.array = np.memmap(self._file, dtype=entry.dtype, mode="r", shape=(entry.rows, *entry.shape))


def facts_of(folder: Path) -> dict[str, Any] | None:
    """Return an entry's description; None if the folder is not an entry, or its description is damaged."""
    try:
        facts = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return facts if isinstance(facts, dict) and set(facts) >= _DESCRIBED else None


def rows_there(folder: Path) -> int:
    """Return the number of rows present in an entry."""
    return int(np.count_nonzero(np.fromfile(folder / _MARKS, dtype=np.uint8)))


def disk_bytes(folder: Path) -> int:
    """Return the disk space of an entry in bytes: the blocks of its sparse file, not its length."""
    return sum(path.stat().st_blocks * 512 for path in folder.iterdir() if path.is_file())


def last_used(folder: Path) -> float:
    """Return the time when an entry was last opened, in seconds since 1970."""
    return (folder / _FACTS).stat().st_mtime


@contextmanager
def unused(folder: Path) -> Iterator[bool]:
    """Yield whether no process has the entry's values open; if so, none can open them until the block ends."""
    try:
        with open(folder / _VALUES, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield True
    except BlockingIOError:
        yield False

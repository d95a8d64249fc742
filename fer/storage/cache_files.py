"""Cache files that are either complete or absent: each has the SHA-256 of its content in its name."""

import hashlib
import os
import time
import warnings
from contextlib import suppress
from pathlib import Path

from fer.errors import FerWarning, InputError
from fer.storage.folders import locked, writable

KEPT_DAYS = 30


def keep(folder: Path, stem: str, content: bytes) -> None:
    """Store ``content`` as ``stem``, replacing what was stored; delete files that were not used for 30 days.

    The file is written beside its final place and renamed, so that no reader finds a partial file; writers wait for one
    another. If it cannot be written, a FerWarning is issued: the next caller must fetch the content again.
    """
    try:
        _write(folder, stem, content)
    except (InputError, OSError) as error:
        warnings.warn(f"{stem} could not be cached: {error}", FerWarning, stacklevel=2)


def kept(folder: Path, stem: str) -> bytes | None:
    """Return the content stored as ``stem``, or None; a damaged file is deleted with a FerWarning."""
    for path in sorted(folder.glob(f"{stem}.*.parquet")):
        try:
            content = path.read_bytes()
        except FileNotFoundError:  # A writer has just replaced it.
            return kept(folder, stem)
        if path.name == f"{stem}.{hashlib.sha256(content).hexdigest()}.parquet":
            with suppress(OSError):
                os.utime(path)  # Mark the file as used.
            return content
        warnings.warn(f"{path} is damaged: it is deleted and fetched again.", FerWarning, stacklevel=2)
        with suppress(OSError):
            path.unlink()
    return None


def _write(folder: Path, stem: str, content: bytes) -> None:
    target = writable(folder) / f"{stem}.{hashlib.sha256(content).hexdigest()}.parquet"
    with locked(folder / ".lock", wait=lambda: None):
        partial = folder / f".{stem}.partial"
        try:
            with open(partial, "wb") as file:
                file.write(content)
                os.fsync(file.fileno())
            partial.rename(target)
        finally:
            partial.unlink(missing_ok=True)
        for path in set(folder.iterdir()) - {folder / ".lock"}:
            replaced = path.name.startswith(f"{stem}.") and path != target
            if replaced or time.time() - path.stat().st_mtime > KEPT_DAYS * 86400:
                path.unlink(missing_ok=True)

"""Folders that hold unfinished work: removed at the end, or by the next process if theirs was killed.

A process holds a lock on each of its working folders, which the operating system releases when the process ends,
however it ends.
"""

import fcntl
import glob
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fer.storage.file_names import short_name

# The name of a folder may take 255 bytes, with what is added to it.
_LONGEST = 180
_TEMPORARY = ".fair-fer-temporary-"
# How names go on: this version's, and those of earlier ones. Nothing else is ours to remove.
_OWN = re.compile(r"\d+(-[0-9a-f]{8})?|[a-z0-9_]{8}")


def working_name(target: Path, kind: str) -> str:
    """Return how the names of the working folders of a kind beside ``target`` begin."""
    return f".{short_name(target.name, _LONGEST)}.{kind}-"


@contextmanager
def working_folder(parent: Path, beginning: str) -> Iterator[Path]:
    """Make a folder in ``parent`` whose name begins so, and hold it during the block; then it is removed.

    The block may rename it to keep it. Folders of ended processes whose names begin alike are removed first.
    """
    remove_abandoned(parent, beginning)
    own = f"{os.getpid()}-{secrets.token_hex(4)}"
    made, place = parent / f".new-{own}", parent / f"{beginning}{own}"
    made.mkdir()
    try:
        with _held(made):
            made.rename(place)  # Only now, as another process would have taken it for abandoned.
            yield place
    finally:
        for folder in (made, place):
            shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned(parent: Path, beginning: str) -> None:
    """Remove the working folders in ``parent`` whose names begin so and whose processes have ended."""
    for folder in parent.glob(f"{glob.escape(beginning)}*"):
        is_ours = _OWN.fullmatch(folder.name.removeprefix(beginning)) is not None
        if is_ours and folder.is_dir() and not folder.is_symlink():
            # It may be held, be removed by another process meanwhile, or be on a file system without locks.
            with suppress(OSError), _held(folder, strictly=True):
                shutil.rmtree(folder)


@contextmanager
def temporary_files() -> Iterator[Path]:
    """Put all temporary files of the block, other libraries' too, into one folder that is removed at its end."""
    before, variable = tempfile.tempdir, os.environ.get("TMPDIR")
    with working_folder(Path(tempfile.gettempdir()), _TEMPORARY) as place:
        tempfile.tempdir = os.environ["TMPDIR"] = str(place)
        try:
            yield place
        finally:
            tempfile.tempdir = before
            os.environ.pop("TMPDIR")
            if variable is not None:
                os.environ["TMPDIR"] = variable


def temporary_root() -> Path:
    """Return the folder of temporary files that the user has set, by the environment variable TMPDIR."""
    place = Path(tempfile.gettempdir())
    return place.parent if place.name.startswith(_TEMPORARY) else place


def leave_temporary_files() -> None:
    """Put the temporary files of this process where the user has them, not into the folder of the one it comes from.

    That folder is removed with its process, which this one may outlive, and is not on other machines.
    """
    given = Path(os.environ.get("TMPDIR", ""))
    if given.name.startswith(_TEMPORARY):
        os.environ["TMPDIR"] = str(given.parent)
        tempfile.tempdir = None


@contextmanager
def _held(folder: Path, strictly: bool = False) -> Iterator[None]:
    """Hold a folder's lock; where it cannot be held, OSError is raised only ``strictly``."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if strictly:
                raise
        yield
    finally:
        os.close(opened)

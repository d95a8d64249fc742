"""Folders that are either whole or absent (written beside their place and renamed into it), and the cache."""

import errno
import fcntl
import math
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np

from fer.errors import InputError


def cache_folder() -> Path:
    """Return the folder of what can be made again: ``$FER_CACHE``, default ``~/.cache/fer``."""
    return Path(os.environ.get("FER_CACHE", Path.home() / ".cache" / "fer"))


def new_array(path: Path, shape: tuple[int, ...]) -> np.memmap:
    """Return a mapped uint8 array in a new ``.npy`` file, its room on the disk taken at once.

    A mapped file without room would end the process at the first byte that does not fit. Raises InputError if the
    disk has no room for it.
    """
    try:
        array = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=shape)
        with open(path, "r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    except OSError as error:
        path.unlink(missing_ok=True)
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        size = math.prod(shape) / 1e6
        raise InputError(
            f"the disk of {path.parent} has no room for {size:,.0f} MB of faces; make room, or work elsewhere: "
            "output, FER_CACHE and TMPDIR name the folders."
        ) from None
    return array


def writable(folder: Path) -> Path:
    """Make a folder of the cache and return it; InputError, naming FER_CACHE, if that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error
    return folder


def _unwritable(place: Path, error: OSError) -> InputError:
    return InputError(
        f"{place} cannot be written ({error.strerror}); name another folder by the environment variable FER_CACHE."
    )


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold ``folder`` alone, by a lock file beside it; InputError if another process holds it, see :func:`locked`."""
    file = writable(folder.parent) / f"{folder.name}.lock"
    with ExitStack() as held:  # A try around the yield would take the block's own errors for the lock's.
        try:
            is_ours = held.enter_context(locked(file, None))
        except OSError as error:
            raise _unwritable(file, error) from error
        if not is_ours:
            raise InputError(f"{folder} is in use by another process at the same work; wait for it to end.")
        yield


@contextmanager
def locked(file: Path, wait: Callable[[], None] | None) -> Iterator[bool]:
    """Hold a lock file; give whether it is held. The lock goes with the process that holds it, however that ends.

    If another process holds it, call ``wait`` and wait for it; with None go on without it. The file stays: removed,
    it would leave those who wait with a lock that newcomers do not see.

    By flock itself, not by the package filelock: its shared lock is an SQLite file, where
    :mod:`fer.training.trunk_cache.entry` locks the values themselves; it polls where flock waits; and holding its lock
    leaves the file's time as it was, by which unfinished work is known to be in use.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(file, "w") as lock:
        held = True
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if wait is None:
                held = False
            else:
                wait()
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield held


@contextmanager
def atomic_folder(target: Path) -> Iterator[Path]:
    """Give a temporary folder beside ``target``; rename it to ``target`` when the block ends well.

    A block that raises leaves nothing; a process that is killed leaves a folder named
    ``.<name>.partial-<pid>``, which no reader looks at. An existing ``target`` is refused with
    InputError before any work is done.
    """
    if target.exists():
        raise InputError(f"{target} exists already; remove it or name another output folder.")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.parent / f".{target.name}.partial-{os.getpid()}"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        yield partial
        for path in partial.rglob("*"):
            if path.is_file():
                with open(path, "rb") as file:
                    os.fsync(file.fileno())
        partial.rename(target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise

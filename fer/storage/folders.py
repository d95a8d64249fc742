"""Folders that are either complete or absent (written beside their place and renamed into it), and the cache."""

import errno
import fcntl
import math
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np

from fer.errors import InputError
from fer.storage.system_faults import shortened
from fer.storage.working_folders import working_folder, working_name


def cache_folder() -> Path:
    """Return the cache folder, for what can be made again: ``$FER_CACHE``; unset or empty, ``~/.cache/fer``."""
    return Path(os.environ.get("FER_CACHE") or Path.home() / ".cache" / "fer")


def journal_folder() -> Path:
    """Return the folder for results that a tracking server does not have yet, and that exist nowhere else.

    ``$FER_JOURNAL``; unset or empty, ``fer/journal`` in the user's data folder (``$XDG_DATA_HOME``, else
    ``~/.local/share``).
    """
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return Path(os.environ.get("FER_JOURNAL") or data / "fer" / "journal")


def is_journal(address: str) -> bool:
    """Return whether the address of a tracking store is that of a store in the journal."""
    kind = "sqlite:///"
    return address.startswith(kind) and Path(address.removeprefix(kind)).is_relative_to(journal_folder())


def new_array(path: Path, shape: tuple[int, ...]) -> np.memmap:
    """Return a memory-mapped uint8 array in a new ``.npy`` file, with its disk space allocated at once.

    Without allocation, the first byte that does not fit on the disk would kill the process. Raises InputError if the
    disk does not have enough space.
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
            f"the disk of {path.parent} has no room for {size:,.0f} MB of faces; free space or use another folder: "
            "output, FER_CACHE and TMPDIR set the folders."
        ) from None
    return array


def writable(folder: Path) -> Path:
    """Create a folder of the cache if necessary and return it.

    Raises InputError, naming FER_CACHE, if it cannot be created.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error
    return folder


def _unwritable(place: Path, error: OSError) -> InputError:
    return InputError(
        f"{place} cannot be written ({error.strerror}); set the environment variable FER_CACHE to another folder."
    )


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold ``folder`` exclusively, by a lock file beside it, see :func:`locked`.

    Raises InputError if another process holds it.
    """
    file = writable(folder.parent) / f"{folder.name}.lock"
    with ExitStack() as held:  # A try around the yield would also catch the block's own errors.
        try:
            is_ours = held.enter_context(locked(file, None))
        except OSError as error:
            raise _unwritable(file, error) from error
        if not is_ours:
            raise InputError(f"{folder} is in use by another process that does the same work; wait for it to end.")
        yield


@contextmanager
def locked(file: Path, wait: Callable[[], None] | None) -> Iterator[bool]:
    """Hold a lock file and yield whether it is held. A lock is released when its process ends, however it ends.

    If another process holds it, ``wait`` is called and the lock is waited for; if ``wait`` is None, the block runs
    without the lock. The file is not deleted: processes that wait for it would hold a lock that new ones do not see.

    This uses flock and not the package filelock, because filelock's shared lock is an SQLite file, whereas
    :mod:`fer.training.trunk_cache.entry` locks the values themselves; because it polls, whereas flock waits; and
    because it leaves the file's modification time unchanged, which shows that unfinished work is in use.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(file, "wb") as lock:
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
    """Yield a temporary folder beside ``target`` and rename it to ``target`` when the block succeeds.

    A block that raises leaves nothing behind; a process that is killed leaves a folder named
    ``.<name>.partial-<pid>-...``, which no reader uses and the next writer of ``target`` removes. Raises InputError,
    before the block runs, if ``target`` exists.
    """
    if target.exists():
        raise InputError(f"{target} already exists; remove it or choose another output folder.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with working_folder(target.parent, working_name(target, "partial")) as partial:
        yield partial
        for path in partial.rglob("*"):
            if path.is_file():
                with open(path, "rb") as file:
                    os.fsync(file.fileno())
        partial.rename(target)


def check_new_folder(folder: Path) -> None:
    """Raise InputError unless a folder can be written at ``folder``, which must not exist; its parents are made."""
    try:
        if folder.exists():
            raise InputError(f"{folder} already exists; remove it or choose another output folder.")
        folder.parent.mkdir(parents=True, exist_ok=True)
        for place in (folder, folder.parent / working_name(folder, f"check-{os.getpid()}")):
            place.mkdir()
            place.rmdir()
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = shortened(str(error.strerror if isinstance(error, OSError) else error))
        raise InputError(
            f"{shortened(str(folder))} cannot be written ({reason}); choose another output folder."
        ) from error

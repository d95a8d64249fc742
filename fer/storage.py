"""Folders that are either whole or absent (written beside their place and renamed into it), and the cache."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from fer.errors import InputError


def cache_folder() -> Path:
    """Return the folder of what can be made again: ``$FER_CACHE``, default ``~/.cache/fer``."""
    return Path(os.environ.get("FER_CACHE", Path.home() / ".cache" / "fer"))


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold ``folder`` alone, by a lock file beside it; InputError if another process holds it.

    The lock goes with the process that holds it, however that ends.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = folder.parent / f"{folder.name}.lock"
    with open(lock, "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(f"{folder} is in use by another process at the same work; wait for it to end.") from None
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


@contextmanager
def locked(file: Path, wait: Callable[[], None] | None) -> Iterator[bool]:
    """Hold a lock file; give whether it is held.

    If another process holds it, call ``wait`` and wait for it; with None go on without it. The file stays: removed,
    it would leave those who wait with a lock that newcomers do not see.
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

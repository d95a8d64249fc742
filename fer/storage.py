"""Folders that are either whole or absent: written beside their place and renamed into it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fer.errors import InputError


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

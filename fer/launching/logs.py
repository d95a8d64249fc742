"""The files that workers print to: a folder of the cache for each start, kept for 30 days."""

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

from fer.storage.folders import cache_folder, writable

KEPT_DAYS = 30


def log_folder() -> Path:
    """Return a new folder for what workers print; folders of more than 30 days ago are removed.

    Raises InputError, naming FER_CACHE, if it cannot be made.
    """
    root = cache_folder() / "launching"
    for old in root.glob("*"):
        with suppress(OSError):  # Another process may be removing it.
            if time.time() - old.stat().st_mtime > KEPT_DAYS * 86400:
                shutil.rmtree(old)
    folder = writable(root / f"{time.strftime('%Y-%m-%d_%H-%M-%S')}_{os.getpid()}")
    folder.chmod(0o700)
    return folder

"""Claims of processes of one machine, or of one file system that has locks across machines: locked files in the cache.

The operating system releases a lock when its process ends, however that ends, so that nothing need be renewed.
"""

from contextlib import ExitStack
from pathlib import Path

from fer.errors import InputError
from fer.storage.folders import cache_folder, locked


class FileClaims:
    """Claims in the folder ``claims`` of the cache."""

    spans_machines = False

    def take(self, identity: str) -> "_FileClaim | None":
        """Return the claim, or None if another process, or this one, holds it.

        Raises InputError, naming FER_CACHE, if the cache cannot be written.
        """
        held = ExitStack()
        file = cache_folder() / "claims" / f"{identity}.lock"
        try:
            is_ours = held.enter_context(locked(file, None))
        except OSError as error:
            raise InputError(
                f"{file} cannot be written ({error.strerror}); set the environment variable FER_CACHE to another "
                "folder."
            ) from error
        if not is_ours:
            held.close()
            return None
        return _FileClaim(held, file)


class _FileClaim:
    def __init__(self, held: ExitStack, file: Path) -> None:
        self._held, self._file = held, file

    def check(self) -> None:
        """A lock is held as long as its process lives."""

    def release(self) -> None:
        """Release the lock. The file stays: processes that wait for it would hold a lock that new ones do not see."""
        self._held.close()

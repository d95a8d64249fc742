"""Runs whose process is gone: killed, it cannot end them, and they would stand there as RUNNING for ever.

While a process has a run open it holds a lock in ``runs`` of the cache folder, which goes with the process however that
ends. The next one to open a run on this machine finds the locks that nobody holds.
"""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import mlflow
from mlflow.entities import RunStatus
from mlflow.exceptions import MlflowException

from fer.storage.folders import cache_folder, locked
from fer.tracking import names


@contextmanager
def alive(run_id: str) -> Iterator[None]:
    """Hold a run's lock while the block, in which the run is opened and ended, runs."""
    lock = _locks() / run_id
    with ExitStack() as held:
        with suppress(OSError):  # A cache that cannot be written costs no run; this one is not found if it is killed.
            held.enter_context(locked(lock, None))
        yield
    with suppress(OSError):
        lock.unlink()


def mark_abandoned() -> None:
    """Mark runs of this tracking server that are RUNNING and whose process on this machine is gone as KILLED."""
    for lock in _locks().glob("*"):
        with suppress(OSError), locked(lock, None) as is_free:
            if is_free:
                _mark(lock.name)
                lock.unlink()


def _mark(run_id: str) -> None:
    client = mlflow.MlflowClient()
    with suppress(MlflowException):  # It was deleted.
        if client.get_run(run_id).info.status == RunStatus.to_string(RunStatus.RUNNING):
            client.set_tag(run_id, names.FAILURE, "its process was killed, or the machine was.")
            client.set_terminated(run_id, "KILLED")


def _locks() -> Path:
    """Return the folder of the locks of the current tracking server's runs."""
    address = hashlib.sha256(mlflow.get_tracking_uri().encode()).hexdigest()[:16]
    return cache_folder() / "runs" / address

"""Stale runs: still RUNNING on the server although their process was killed before it could end them.

While a process has a run open, it holds a lock in the folder ``runs`` of the cache. The operating system releases the
lock when the process ends, however it ends. The next process that opens a run on this machine finds the released locks.
"""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import mlflow
from mlflow.entities import RunStatus
from mlflow.exceptions import MlflowException

from fer.storage.folders import cache_folder, locked
from fer.tracking import names
from fer.tracking.run_search import condition, search_runs


@dataclass
class Lock:
    """A run's lock; ``ended`` is set once the server knows that the run has ended."""

    ended: bool = False


@contextmanager
def alive(run_id: str) -> Iterator[Lock]:
    """Hold a run's lock during the block, in which the run is opened and ended.

    If the server could not be told that it has ended, the released lock is left for the next start to find.
    """
    file, lock = _locks() / run_id, Lock()
    try:
        with ExitStack() as held:
            with suppress(OSError):  # Without a writable cache the run still works, but is not found if it is killed.
                held.enter_context(locked(file, None))
            yield lock
    finally:
        if lock.ended:
            with suppress(OSError):
                file.unlink()


def mark_stale_runs() -> None:
    """Set runs on this tracking server to KILLED if they are RUNNING and their process on this machine has ended."""
    for lock in _locks().glob("*"):
        with suppress(OSError), locked(lock, None) as is_free:
            if is_free:
                _mark(lock.name)
                lock.unlink()


def end_runs_of(identity: str, experiment_id: str, parent: str | None = None) -> None:
    """Set to KILLED the runs of an identity that are RUNNING, and the runs below them, also those of lost machines.

    The caller has to know that nobody is working on them, for instance by holding the identity's claim; with
    ``parent``, only runs below that run.
    """
    wanted = {names.IDENTITY: identity} | ({} if parent is None else {names.PARENT: parent})
    for run in search_runs([experiment_id], condition(wanted, "RUNNING")):
        _end_below(run.info.run_id, experiment_id)


def end_run(run_id: str) -> None:
    """Set a run to KILLED if it is RUNNING; the caller has to know that nobody is working on it."""
    _mark(run_id)


def _end_below(run_id: str, experiment_id: str) -> None:
    for run in search_runs([experiment_id], condition({names.PARENT: run_id}, "RUNNING")):
        _end_below(run.info.run_id, experiment_id)
    _mark(run_id)


def _mark(run_id: str) -> None:
    client = mlflow.MlflowClient()
    with suppress(MlflowException):  # The run was deleted.
        if client.get_run(run_id).info.status == RunStatus.to_string(RunStatus.RUNNING):
            client.set_tag(run_id, names.FAILURE, "its process was killed, the machine was, or the server was lost.")
            client.set_terminated(run_id, "KILLED")


def _locks() -> Path:
    """Return the folder that holds the locks of runs on the current tracking server."""
    address = hashlib.sha256(mlflow.get_tracking_uri().encode()).hexdigest()[:16]
    return cache_folder() / "runs" / address

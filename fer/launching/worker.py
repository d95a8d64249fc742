"""The process that a launcher starts for a job: its threads, its signals, where its output goes."""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from fer.launching.contract import Job, Result
from fer.launching.parent import leave_with
from fer.storage.working_folders import leave_temporary_files

# Read when the libraries are imported.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
# What `mlflow run` tells the process that it starts is not for that process' workers.
_NOT_INHERITED = ("MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID")
# What a worker on another machine needs of the caller's environment.
_PASSED = ("MLFLOW_", "FER_", "KERAS_", "TF_", "AWS_", "OPTUNA_")


def thread_variables(threads: int) -> dict[str, str]:
    """Return the environment variables by which a new process uses this many threads.

    Example:
        >>> thread_variables(2)["OMP_NUM_THREADS"]
        '2'

    """
    return dict.fromkeys(_THREADS, str(threads)) | {"TF_FORCE_GPU_ALLOW_GROWTH": "true", "TF_CPP_MIN_LOG_LEVEL": "3"}


def passed_environment() -> dict[str, str]:
    """Return the variables of this environment that the libraries read: addresses, credentials, the cache.

    They may hold passwords: they are sent to workers, and neither printed nor kept in a file.
    """
    return {
        name: value for name, value in os.environ.items() if name.startswith(_PASSED) and name not in _NOT_INHERITED
    }


def package_root() -> Path:
    """Return the folder that is to be on ``PYTHONPATH`` so that a worker imports this code."""
    return Path(__file__).parents[2]


def prepare(parent: int | None = None) -> None:
    """Prepare this process for jobs; it ends with the process ``parent``, if that is given."""
    if parent is not None:
        leave_with(parent)
    for name in _NOT_INHERITED:
        os.environ.pop(name, None)
    leave_temporary_files()
    # As in an entry point: a run that is told to end is KILLED on the server.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def enter(folder: str, environment: Mapping[str, str]) -> None:
    """Take on the caller's environment, and its working folder where there is one of that name."""
    os.environ.update(environment)
    if os.path.isdir(folder):
        os.chdir(folder)


def done(work: Callable[[Job], Result], job: Job, log: Path | None) -> Result:
    """Return the result of a job; what is printed meanwhile, by native code too, goes to the file ``log``."""
    if log is None:
        return work(job)
    with _printed_to(log):
        return work(job)


@contextmanager
def _printed_to(file: Path) -> Iterator[None]:
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    with open(file, "ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        try:
            yield
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for place, number in enumerate(kept, start=1):
                os.dup2(number, place)
                os.close(number)

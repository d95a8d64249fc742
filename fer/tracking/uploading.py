"""Upload artifacts to a run, with a clear error if the disk is full."""

from collections.abc import Iterator
from contextlib import contextmanager

import mlflow
from mlflow.exceptions import MlflowException

from fer.errors import InputError
from fer.storage.working_folders import temporary_root
from fer.tracking.active import active_run
from fer.tracking.faults import fault_of, first_line


@contextmanager
def uploading() -> Iterator[None]:
    """Run a block that logs artifacts.

    Raises InputError if artifacts cannot be written here or the server does not accept them: they are first written to
    a temporary folder and then uploaded, so either disk may be full.
    """
    try:
        yield
    except (OSError, MlflowException) as error:  # A failed request is an OSError too.
        run_id, fault = active_run().info.run_id, fault_of(error)
        if fault is not None:
            raise type(fault)(f"artifacts of run {run_id} could not be logged: {fault}") from error
        raise InputError(
            f"artifacts of run {run_id} could not be logged ({first_line(error)}); make sure that {temporary_root()} "
            f"(the environment variable TMPDIR) and the disk of {mlflow.get_tracking_uri()} have room, and start again."
        ) from error

"""Upload artifacts to a run, with a clear error if the disk is full."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import mlflow
from mlflow.exceptions import MlflowException

from fer.errors import InputError
from fer.tracking.active import active_run


@contextmanager
def uploading() -> Iterator[None]:
    """Run a block that logs artifacts.

    Raises InputError if artifacts cannot be written here or the server does not accept them: they are first written to
    a temporary folder and then uploaded, so either disk may be full.
    """
    try:
        yield
    except (OSError, MlflowException) as error:  # A failed request is an OSError too.
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise InputError(
            f"artifacts of run {active_run().info.run_id} could not be logged ({reason}); make sure that "
            f"{tempfile.gettempdir()} (the environment variable TMPDIR) and the disk of {mlflow.get_tracking_uri()} "
            "have room, and start again."
        ) from error

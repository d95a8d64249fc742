"""Artifacts on their way to a run: one sentence where they find no room."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import mlflow
from mlflow.exceptions import MlflowException

from fer.errors import InputError
from fer.tracking.active import active_run


@contextmanager
def uploading() -> Iterator[None]:
    """Run a block that logs artifacts; InputError if they cannot be written here or are not taken by the server.

    Artifacts are written to a temporary folder and then uploaded: that folder's disk or the server's may be full.
    """
    try:
        yield
    except (OSError, MlflowException) as error:  # A failed request is an OSError too.
        told = (str(error) or type(error).__name__).splitlines()[0]
        raise InputError(
            f"artifacts of run {active_run().info.run_id} could not be logged ({told}); see that "
            f"{tempfile.gettempdir()} (the environment variable TMPDIR) and the disk of {mlflow.get_tracking_uri()} "
            "have room, and start again."
        ) from error

"""Reach the tracking server, or say within seconds that it does not answer."""

import logging
import os
import warnings

import mlflow
import requests

from fer.errors import InputError

_SECONDS = 5.0


def connect() -> str:
    """Return the tracking server's address after it has answered.

    The address is MLflow's own choice: ``MLFLOW_TRACKING_URI``, else an SQLite file ``mlflow.db`` in the
    current folder. Raises InputError if an HTTP server does not answer within 5 seconds; MLflow itself
    would try for minutes, and first after the training.
    """
    # Its progress bars and hints about other products are noise between our lines.
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", message="Hint: Inferred schema contains integer column")
    address = mlflow.get_tracking_uri()
    if address.startswith(("http://", "https://")):
        try:
            answer = requests.get(f"{address.rstrip('/')}/health", timeout=_SECONDS)
            answer.raise_for_status()
        except requests.RequestException as error:
            raise InputError(
                f"the tracking server {address} does not answer ({type(error).__name__}); start it "
                "(make server) or set MLFLOW_TRACKING_URI."
            ) from error
    return address

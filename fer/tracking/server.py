"""Reach the tracking server, or say within seconds that it does not answer."""

import logging
import os
import warnings

import mlflow
import requests
from mlflow.exceptions import MlflowException
from mlflow.utils.credentials import get_default_host_creds
from mlflow.utils.rest_utils import http_request

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
    remedy = "start it (make server) or set MLFLOW_TRACKING_URI"
    if is_remote(address):
        try:
            check_health(address)
        except (requests.RequestException, MlflowException) as error:
            raise InputError(
                f"the tracking server {address} does not answer ({type(error).__name__}); {remedy}."
            ) from error
    else:
        try:
            mlflow.search_experiments(max_results=1)
        except Exception as error:  # Each kind of store raises errors of its own.
            raise InputError(
                f"the tracking store {address} cannot be opened ({type(error).__name__}); {remedy}."
            ) from error
    return address


def is_remote(address: str) -> bool:
    """Return whether a tracking address is that of a server, and not of a local store."""
    return address.startswith(("http://", "https://"))


def check_health(address: str) -> None:
    """Ask a server, once, whether it is well; requests.RequestException or MlflowException within 5 seconds if not."""
    # MLflow's own request: it knows the credentials and certificates that are set for this server.
    answer = http_request(get_default_host_creds(address), "/health", "GET", timeout=_SECONDS, max_retries=0)
    answer.raise_for_status()

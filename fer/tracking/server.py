"""Connect to the tracking server, or fail within seconds if it does not answer."""

import contextvars
import logging
import os
import re
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

import mlflow
import requests
from mlflow.exceptions import MlflowException
from mlflow.utils.credentials import get_default_host_creds
from mlflow.utils.rest_utils import http_request

from fer.errors import InputError

_SECONDS = 5.0
_SECONDS_BETWEEN_LOOKS = 3.0
_SQLITE = "sqlite:///"

Answer = TypeVar("Answer")


class NoAnswer(InputError):
    """Raised if the tracking server does not answer, or no longer answers."""


def connect() -> str:
    """Return the tracking server's address once it has answered.

    The address is MLflow's own choice: ``MLFLOW_TRACKING_URI``, else an SQLite file ``mlflow.db`` in the
    current folder. Raises NoAnswer, an InputError, if an HTTP server does not answer within 5 seconds or a local store
    cannot be opened; MLflow itself would retry for minutes, and only after the training.
    """
    # MLflow's progress bars and product hints would be mixed with our own output.
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
            raise NoAnswer(
                f"the tracking server {address} does not answer ({type(error).__name__}); {remedy}."
            ) from error
    else:
        try:
            mlflow.search_experiments(max_results=1)
        except Exception as error:  # Each kind of store raises its own errors.
            raise NoAnswer(
                f"the tracking store {address} cannot be opened ({type(error).__name__}); {remedy}."
            ) from error
    return address


def is_remote(address: str) -> bool:
    """Return whether a tracking address is that of a server rather than of a local store."""
    return address.startswith(("http://", "https://"))


def check_health(address: str) -> None:
    """Send one health request to a server.

    Raises requests.RequestException or MlflowException, within 5 seconds, if the server is not healthy.
    """
    # MLflow's own request function uses the credentials and certificates configured for this server.
    answer = http_request(get_default_host_creds(address), "/health", "GET", timeout=_SECONDS, max_retries=0)
    answer.raise_for_status()


def answering(request: Callable[[], Answer]) -> Answer:
    """Return the result of ``request``, a function that reads from the server.

    Raises NoAnswer within 13 seconds if the server stops answering, where MLflow itself would retry for minutes, and if
    the server refuses the request. A server that is slow but healthy is waited for. Other exceptions of ``request`` are
    re-raised.
    """
    address = mlflow.get_tracking_uri()
    future: Future[Answer] = Future()

    def fulfil() -> None:
        try:
            future.set_result(request())
        except BaseException as error:
            future.set_exception(error)

    # A daemon thread, as it may hang in a dead connection and must not keep the process alive.
    threading.Thread(target=contextvars.copy_context().run, args=(fulfil,), daemon=True).start()
    while not future.done():
        try:
            future.exception(timeout=_SECONDS_BETWEEN_LOOKS)
        except TimeoutError:
            _connect_at_second_try()
    try:
        return future.result()
    except MlflowException as error:
        raise NoAnswer(f"the tracking server {address} did not answer a request ({_first_line(error)}).") from error


def _connect_at_second_try() -> None:
    """Connect, with one retry: a busy server may miss a request, or may just have closed a kept-alive connection."""
    try:
        connect()
    except NoAnswer:
        connect()


def server_name() -> str:
    """Return a name for the tracking server: its address without credentials, or a local store's absolute path."""
    address = re.sub(r"://[^/@]*@", "://", mlflow.get_tracking_uri()).rstrip("/")
    if address.startswith(_SQLITE):
        return f"{_SQLITE}{Path(address.removeprefix(_SQLITE)).resolve()}"
    if address.startswith("file:") or "://" not in address:
        return str(Path(address.removeprefix("file://").removeprefix("file:")).resolve())
    return address


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].removesuffix(".")

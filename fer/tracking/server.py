"""Reach the tracking server, or say within seconds that it does not answer."""

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
    """The tracking server does not answer, or not any more."""


def connect() -> str:
    """Return the tracking server's address after it has answered.

    The address is MLflow's own choice: ``MLFLOW_TRACKING_URI``, else an SQLite file ``mlflow.db`` in the
    current folder. Raises NoAnswer, an InputError, if an HTTP server does not answer within 5 seconds; MLflow
    itself would try for minutes, and first after the training.
    """
    # Its progress bars and hints about other products are noise between our lines.
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", message="Hint: Inferred schema contains integer column")
    address = mlflow.get_tracking_uri()
    remedy = "start it (make server) or set MLFLOW_TRACKING_URI"
    if address.startswith(("http://", "https://")):
        try:
            # MLflow's own request: it knows the credentials and certificates that are set for this server.
            answer = http_request(get_default_host_creds(address), "/health", "GET", timeout=_SECONDS, max_retries=0)
            answer.raise_for_status()
        except (requests.RequestException, MlflowException) as error:
            raise NoAnswer(
                f"the tracking server {address} does not answer ({type(error).__name__}); {remedy}."
            ) from error
    else:
        try:
            mlflow.search_experiments(max_results=1)
        except Exception as error:  # Each kind of store raises errors of its own.
            raise NoAnswer(
                f"the tracking store {address} cannot be opened ({type(error).__name__}); {remedy}."
            ) from error
    return address


def answering(request: Callable[[], Answer]) -> Answer:
    """Return what ``request`` gives, which reads from the server; NoAnswer if that stops answering meanwhile.

    A server that is gone is noticed within 13 seconds, where MLflow itself would try for minutes; one that is
    slow, but says that it is well, is waited for. What ``request`` raises goes on to the caller, as NoAnswer if the
    server refused it.
    """
    address = mlflow.get_tracking_uri()
    future: Future[Answer] = Future()

    def fulfil() -> None:
        try:
            future.set_result(request())
        except BaseException as error:
            future.set_exception(error)

    # A thread that does not hold the process at its end: it may hang in a dead connection.
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
    """Connect; a busy server may miss one look, and a connection kept open may be one that it has just closed."""
    try:
        connect()
    except NoAnswer:
        connect()


def server_name() -> str:
    """Return the tracking server's address as its name: without credentials, a local store by its absolute path."""
    address = re.sub(r"://[^/@]*@", "://", mlflow.get_tracking_uri()).rstrip("/")
    if address.startswith(_SQLITE):
        return f"{_SQLITE}{Path(address.removeprefix(_SQLITE)).resolve()}"
    if address.startswith("file:") or "://" not in address:
        return str(Path(address.removeprefix("file://").removeprefix("file:")).resolve())
    return address


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].removesuffix(".")

"""Connect to the tracking server, or fail within seconds if it does not answer."""

import contextvars
import hashlib
import logging
import os
import re
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import mlflow
import requests
import sqlalchemy
from mlflow.exceptions import InvalidUrlException, MlflowException
from mlflow.store.db.db_types import DATABASE_ENGINES
from mlflow.utils.credentials import get_default_host_creds
from mlflow.utils.rest_utils import http_request

from fer.storage.folders import cache_folder, locked
from fer.tracking.faults import NoAnswer as NoAnswer
from fer.tracking.faults import fault_of, first_line, refusal_of
from fer.tracking.patience import announce_retries

_SECONDS = 5.0
_SERVER_ERRORS = 500
_SECONDS_BETWEEN_LOOKS = 3.0
_SQLITE = "sqlite:///"

_API = "/api/2.0/mlflow/experiments/search"
# A server that is just starting may answer its API with an error.
_LOOKS, _SECONDS_BETWEEN = 3, 1.0
_REMEDY = "start it (make server) or set MLFLOW_TRACKING_URI"

# The addresses that this process has found to be those of a server or a store.
_known: set[str] = set()

Answer = TypeVar("Answer")


def connect() -> str:
    """Return the tracking server's address once it has answered.

    The address is MLflow's own choice: ``MLFLOW_TRACKING_URI``, else an SQLite file ``mlflow.db`` in the
    current folder. Raises NoAnswer, an InputError, within seconds: if an HTTP server does not answer, refuses access,
    answers its API with errors or is none of MLflow's, and if a local store cannot be opened. MLflow itself would
    retry for minutes, and only after the training.
    """
    # MLflow's progress bars and product hints would be mixed with our own output.
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    # It prints the traceback of an error that we report.
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", message="Hint: Inferred schema contains integer column")
    announce_retries()
    address = mlflow.get_tracking_uri()
    if is_remote(address):
        _look()
        if address not in _known:
            _check_api(address)
    else:
        try:
            with _alone_with(address):
                if address not in _known:
                    _check_database(address)
                mlflow.search_experiments(max_results=1)
        except ModuleNotFoundError as error:
            raise NoAnswer(
                f"the database {address} needs a Python package that is not installed ({error}); install it with pip."
            ) from error
        except Exception as error:  # Each kind of store raises its own errors.
            raise fault_of(error) or NoAnswer(
                f"the tracking store {address} cannot be opened ({first_line(error)}); check MLFLOW_TRACKING_URI, or "
                "start its database."
            ) from error
    _known.add(address)
    return address


@contextmanager
def _alone_with(address: str) -> Iterator[None]:
    """Keep other processes of this machine waiting: MLflow's own lock lets two make the tables of a new database."""
    file = cache_folder() / "stores" / f"{hashlib.sha256(address.encode()).hexdigest()[:24]}.lock"
    with ExitStack() as held:
        with suppress(OSError):  # Without a writable cache there is no lock.
            held.enter_context(locked(file, lambda: None))
        yield


def _look() -> None:
    """Raise NoAnswer if the server does not answer a health request."""
    address = mlflow.get_tracking_uri()
    if not is_remote(address):
        return
    try:
        check_health(address)
    except (requests.RequestException, MlflowException) as error:
        if isinstance(error, InvalidUrlException):
            raise refusal_of(error) from error
        response = getattr(error, "response", None)
        if response is not None and response.status_code < _SERVER_ERRORS:
            raise _refused(address, response) from error
        raise NoAnswer(f"the tracking server {address} does not answer ({type(error).__name__}); {_REMEDY}.") from error


def _check_api(address: str) -> None:
    """Raise NoAnswer if the server, which is healthy, answers a request to its API otherwise than MLflow does.

    One that is slow is let through, as every request waits for it.
    """
    for look in range(_LOOKS):
        try:
            response = http_request(
                get_default_host_creds(address), _API, "POST", json={"max_results": 1}, timeout=_SECONDS,
                max_retries=0, raise_on_status=False,
            )  # fmt: skip
        except MlflowException:
            return
        if response.status_code < _SERVER_ERRORS:
            if response.status_code != requests.codes.ok or not _is_json(response):
                raise _refused(address, response)
            return
        if look == _LOOKS - 1:
            raise NoAnswer(
                f"the tracking server {address} answers requests with an error ({response.status_code} "
                f"{response.reason}); see its log and start it again (make server)."
            )
        time.sleep(_SECONDS_BETWEEN)


def _refused(address: str, response: requests.Response) -> NoAnswer:
    if response.status_code in (requests.codes.unauthorized, requests.codes.forbidden):
        return NoAnswer(
            f"the tracking server {address} refuses access ({response.status_code} {response.reason}); set "
            "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN."
        )
    kind = response.headers.get("content-type", "nothing").split(";")[0]
    return NoAnswer(
        f"{address} is no tracking server of MLflow: it answers with {kind} ({response.status_code} "
        f"{response.reason}); check MLFLOW_TRACKING_URI."
    )


def _is_json(response: requests.Response) -> bool:
    try:
        return isinstance(response.json(), dict)
    except ValueError:
        return False


def _check_database(address: str) -> None:
    """Open a database once, and raise its own error if that fails: MLflow would try for 100 seconds."""
    if not address.startswith(tuple(f"{kind}{sign}" for kind in DATABASE_ENGINES for sign in (":", "+"))):
        return
    if address.startswith(_SQLITE) and not address.startswith(f"{_SQLITE}file:"):
        # As MLflow does.
        Path(address.removeprefix(_SQLITE)).parent.mkdir(parents=True, exist_ok=True)
    engine = sqlalchemy.create_engine(address, poolclass=sqlalchemy.NullPool)
    try:
        sqlalchemy.inspect(engine).get_table_names()
    finally:
        engine.dispose()


def tracking_address() -> str:
    """Return the tracking server's address, without asking whether it answers; it may hold a password."""
    return str(mlflow.get_tracking_uri())


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

    Raises NoAnswer within 13 seconds if the server stops answering, within about a minute if it answers this request
    with errors, where MLflow itself would retry for minutes, and if it refuses the request. A server that is slow but
    healthy is waited for. Other exceptions of ``request`` are re-raised.
    """
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
            _look_twice()
    try:
        return future.result()
    except MlflowException as error:
        fault = fault_of(error)
        if isinstance(fault, NoAnswer):
            raise fault from error
        raise NoAnswer(
            f"the tracking server {mlflow.get_tracking_uri()} did not answer a request ({first_line(error)})."
        ) from error


def _look_twice() -> None:
    """Look at the server, with one retry: it may be busy, or may just have closed a kept-alive connection."""
    try:
        _look()
    except NoAnswer:
        _look()


def server_name() -> str:
    """Return a name for the tracking server: its address without credentials, or a local store's absolute path."""
    address = re.sub(r"://[^/@]*@", "://", mlflow.get_tracking_uri()).rstrip("/")
    if address.startswith(_SQLITE):
        return f"{_SQLITE}{Path(address.removeprefix(_SQLITE)).resolve()}"
    if address.startswith("file:") or "://" not in address:
        return str(Path(address.removeprefix("file://").removeprefix("file:")).resolve())
    return address

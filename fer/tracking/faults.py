"""Faults of the tracking server, of its database and of the connection to it, as one sentence for users."""

import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import mlflow
import requests
from mlflow.exceptions import MlflowException
from sqlalchemy.exc import SQLAlchemyError

from fer.errors import InputError
from fer.storage.system_faults import shortened, system_fault

REQUEST_ERRORS = (MlflowException, requests.RequestException, SQLAlchemyError)

Answer = TypeVar("Answer")

# Seconds to wait, at most, before what another process has just written is tried again.
_PAUSES = (0.1, 0.3, 1.0, 3.0)


class NoAnswer(InputError):
    """Raised if the tracking server does not answer, or no longer answers."""


# By a pattern of the error's text: the kind of error, and the sentence.
_KINDS: tuple[tuple[str, type[InputError], str], ...] = (
    (
        r"InvalidUrl|unsupported URI",
        NoAnswer,
        "{address} is not the address of a tracking server or store; set MLFLOW_TRACKING_URI to one such as "
        "http://localhost:5000 or sqlite:///mlflow.db.",
    ),
    (
        r"filesystem tracking backend",
        NoAnswer,
        "MLflow no longer takes a folder such as {address} as its tracking store; set MLFLOW_TRACKING_URI to a "
        "database such as sqlite:///mlflow.db.",
    ),
    (
        r"out-of-date database schema",
        NoAnswer,
        "the database {address} was made by another version of MLflow; back it up, then run `mlflow db upgrade "
        "{address}`.",
    ),
    (
        r"Can't locate revision",
        NoAnswer,
        "the database {address} was made by a newer version of MLflow than this one, {version}; install that version, "
        "or set MLFLOW_TRACKING_URI to another store.",
    ),
    (
        r"database or disk is full",
        InputError,
        "the disk of {address} is full; free space on it and start again.",
    ),
    (
        r"readonly database",
        InputError,
        "the database {address} can only be read; make it and its folder writable, or set MLFLOW_TRACKING_URI to "
        "another store.",
    ),
    (
        r"database is locked",
        InputError,
        "the database {address} is busy with other processes; start again, and let several processes use one "
        "server (make server) instead of the file.",
    ),
    (
        r"unable to open database file|file is not a database|disk image is malformed",
        NoAnswer,
        "the database {address} cannot be opened ({reason}); check the path in MLFLOW_TRACKING_URI.",
    ),
    (
        r"IntegrityError",
        InputError,
        "another process has written the same to {address} at the same time; start again: finished work is reused.",
    ),
    (
        r"error code 40[13]\b|\b40[13] Client Error|PERMISSION_DENIED|UNAUTHENTICATED|CUSTOMER_UNAUTHORIZED",
        NoAnswer,
        "the tracking server {address} refuses access; set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or "
        "MLFLOW_TRACKING_TOKEN, to those of a user who may write there.",
    ),
    (
        r"not in a valid JSON format|JSONDecodeError",
        NoAnswer,
        "{address} is no tracking server, as it answers with a page; check MLFLOW_TRACKING_URI.",
    ),
    (
        r"Max retries exceeded|Connection ?Error|Connection refused|Connection aborted|RemoteDisconnected|"
        r"timeout exception|too many 5\d\d|error code 5\d\d|\b5\d\d Server Error|NewConnectionError|Connection broken",
        NoAnswer,
        "the tracking server {address} did not answer a request, also when it was repeated; see its log, start it "
        "again (make server), and give the same command again.",
    ),
)


def fault_of(error: BaseException) -> InputError | None:
    """Return a fault of the server, its database, the connection or this machine as an error for users.

    None if the error is none of these; then it may say that something is not there.
    """
    if isinstance(error, InputError):
        return error
    text = "\n".join(f"{type(one).__name__}: {one}" for one in _chain(error))
    address = mlflow.get_tracking_uri()
    if _is_newer(text):
        text = "Can't locate revision"
    for pattern, kind, sentence in _KINDS:
        if re.search(pattern, text):
            return kind(sentence.format(address=address, version=mlflow.__version__, reason=first_line(error)))
    system = system_fault(error)
    return None if system is None else InputError(system)


def _is_newer(text: str) -> bool:
    """Return whether a database's schema is one that this MLflow does not know, so that it cannot upgrade it."""
    found = re.search(r"out-of-date database schema \(found version (\w+)", text)
    known = Path(mlflow.__file__).parent / "store" / "db_migrations" / "versions"
    return found is not None and known.is_dir() and not any(known.glob(f"{found[1]}*"))


def refusal_of(error: BaseException) -> InputError:
    """Return any error of a request as an error for users."""
    return fault_of(error) or InputError(
        f"the tracking server {mlflow.get_tracking_uri()} refused a request ({first_line(error)}); see the server's "
        "log, or check what was asked of it."
    )


@contextmanager
def one_sentence() -> Iterator[None]:
    """Turn errors of requests in the block, which have pages of text, into an InputError of one sentence."""
    try:
        yield
    except REQUEST_ERRORS as error:
        raise refusal_of(error) from error


def repeated(request: Callable[[], Answer]) -> Answer:
    """Return the result of a request that writes what another process may be writing at the same time.

    MLflow looks whether a row is there and then adds it; the database refuses the second of two that do so at once.
    The request is repeated up to four times, within seconds.
    """
    for pause in _PAUSES:
        try:
            return request()
        except MlflowException as error:
            if "IntegrityError" not in str(error):
                raise
            time.sleep(pause * random.uniform(0.5, 1))
    return request()


def first_line(error: BaseException) -> str:
    """Return the first line of an error's text, or the name of its type."""
    return shortened((str(error) or type(error).__name__).splitlines()[0].removesuffix("."))


def _chain(error: BaseException) -> Iterator[BaseException]:
    one: BaseException | None = error
    while one is not None:
        yield one
        one = one.__cause__ or one.__context__

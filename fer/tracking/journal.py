"""The journal: what a tracking server that cannot be reached would have got, kept on this machine for `sync`.

A journal is an SQLite store of MLflow's and a folder of artifacts, so that the same code writes to it as to the server
and nothing has to be invented for parameters, metrics, figures, models or datasets. A server has one journal for runs
that were started offline (:func:`work_offline`) and one for each process that lost it half-way (:func:`divert`). In the
latter the open runs have the ids that the server gave them. :mod:`fer.tracking.syncing` copies journals to the server.
"""

import hashlib
import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import mlflow
import sqlalchemy
from mlflow.entities import Run, RunInfo
from mlflow.tracking._tracking_service import utils as tracking_utils
from sqlalchemy import Select

from fer.errors import InputError
from fer.progress import say
from fer.storage.folders import is_journal, journal_folder, locked
from fer.tracking import names
from fer.tracking.faults import REQUEST_ERRORS, NoAnswer, fault_of
from fer.tracking.server import is_remote, server_name

OFFLINE = "offline"
# Status of a run in a journal that is held for tags which its run on the server lacks, and for nothing else.
TAGS_ONLY = "SCHEDULED"
_STORE, _ARTIFACTS, _FACTS, _LOCK = "mlflow.db", "artifacts", "server.json", "lock"
_SQLITE = "sqlite:///"

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Journal:
    """One store of results that are to be copied to a server.

    Attributes:
        folder: where it is.
        server: the server's address, without credentials.

    """

    folder: Path
    server: str

    @property
    def uri(self) -> str:
        """The address of its store, as MLflow takes it."""
        return f"{_SQLITE}{self.folder / _STORE}"

    @property
    def was_offline(self) -> bool:
        """Whether its runs were started offline; otherwise they were begun on the server."""
        return self.folder.name == OFFLINE

    @contextmanager
    def in_use(self) -> Iterator[bool]:
        """Hold the journal, and yield whether no other process does."""
        with locked(self.folder / _LOCK, None) as is_ours:
            yield is_ours

    def remove(self) -> None:
        """Remove it, after its content was copied."""
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass
class _State:
    """What this process writes to: the runs that it has open, and the journal that it was diverted to."""

    runs: list[Run] = field(default_factory=list)
    experiments: dict[str, str] = field(default_factory=dict)
    journal: Journal | None = None
    server: str = ""
    held_runs: set[str] = field(default_factory=set)
    held: ExitStack = field(default_factory=ExitStack)
    lock: threading.RLock = field(default_factory=threading.RLock)


_state = _State()


def journals(server: str) -> list[Journal]:
    """Return the journals of a server (:func:`fer.tracking.server.server_name`), the oldest first."""
    folder = _folder(server)
    return [Journal(place, server) for place in sorted(folder.glob("*/")) if (place / _STORE).is_file()]


def servers_with_journals() -> list[str]:
    """Return the addresses of the servers that this machine has journals of, without credentials."""
    found = []
    for facts in sorted(journal_folder().glob(f"*/{_FACTS}")):
        with suppress(OSError, ValueError, KeyError, TypeError):
            server = json.loads(facts.read_text(encoding="utf-8"))["server"]
            found += [server] if journals(server) else []
    return found


def artifact_location() -> str | None:
    """Return where a new experiment of the current store keeps its files; None if the store decides that itself."""
    address = mlflow.get_tracking_uri()
    if not is_journal(address):
        return None
    return str(Path(address.removeprefix(_SQLITE)).parent / _ARTIFACTS)


def work_offline() -> None:
    """Let this process, and those that it starts, log to the journal of the server that it would have used.

    Raises InputError if that is no server but a store on this machine, which is always there.
    """
    address = mlflow.get_tracking_uri()
    if is_journal(address):
        return
    if not is_remote(address):
        raise InputError(
            f"offline=true is for a tracking server, and {address} is none; leave it out, or set MLFLOW_TRACKING_URI "
            "to the server that the runs are for."
        )
    mlflow.set_tracking_uri(_new(server_name(), OFFLINE).uri)


@contextmanager
def open_in_process(run: Run) -> Iterator[None]:
    """Register a run as open during the block: if the server is lost, the journal takes it over."""
    _state.runs.append(run)
    try:
        yield
    finally:
        _state.runs.remove(run)


def name_experiment(experiment_id: str, name: str) -> None:
    """Remember the name of an experiment, which a journal cannot ask the server for."""
    _state.experiments[experiment_id] = name


def hold_tags(run_id: str) -> None:
    """Make place for tags of a finished run of the server in the journal, if this process was diverted to one."""
    with _state.lock:
        journal = _state.journal
        if journal is not None and run_id not in _state.held_runs:
            info = _state.runs[0].info
            _mirror(
                journal, RunInfo(run_id, info.experiment_id, info.user_id, TAGS_ONLY, info.start_time, None, "active")
            )
            _state.held_runs.add(run_id)


def journaled(request: Callable[[], Answer]) -> Answer:
    """Return the result of a request that writes to an open run; without an answer, it is made to the journal.

    A request may have been carried out before its answer was lost: it must be one that can be made twice.
    """
    try:
        return request()
    except (*REQUEST_ERRORS, OSError, InputError) as error:
        if not divert(error):
            raise
        return request()


def divert(error: BaseException) -> bool:
    """Let this process write to a journal from now on, if ``error`` is that the server cannot take what it is sent.

    Returns False for another error, without an open run, if the process writes to a journal already, and if the
    journal cannot be written either.
    """
    with _state.lock:
        address = mlflow.get_tracking_uri()
        if _state.journal is not None or not _state.runs or not is_remote(address):
            return False
        fault = fault_of(error)
        if not isinstance(fault, NoAnswer) and "disk" not in str(fault):
            return False
        try:
            journal = _new(server_name(), f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{os.getpid()}")
            for run in _state.runs:
                _mirror(journal, run.info)
            _state.held.enter_context(journal.in_use())
        except (OSError, InputError, *REQUEST_ERRORS):
            return False
        _state.journal, _state.server = journal, address
        _state.held_runs = {run.info.run_id for run in _state.runs}
        use(journal.uri)
    say(
        f"warning: {str(fault).removesuffix('.').split(';')[0]}: what follows is kept in {journal.folder}, and is "
        "copied to the server when it is back."
    )
    return True


def give_back() -> tuple[Journal, str] | None:
    """End the diversion, at the end of the outermost run; return the journal and the server's address.

    None if this process was not diverted. The journal is free then, for :mod:`fer.tracking.syncing`.
    """
    with _state.lock:
        journal, server = _state.journal, _state.server
        if journal is None:
            return None
        _state.journal = None
        _state.held.close()
        use(server)
        return journal, server


def use(address: str) -> None:
    """Make an address that of this process's tracking server.

    MLflow remembers by run id where artifacts go, and a run has the same id on a server and in a journal.
    """
    tracking_utils._artifact_repos_cache.clear()
    mlflow.set_tracking_uri(address)


def _folder(server: str) -> Path:
    return journal_folder() / hashlib.sha256(server.encode()).hexdigest()[:16]


def _new(server: str, name: str) -> Journal:
    """Return a journal of this name of a server; make it if it is not there."""
    folder = _folder(server) / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder.parent / _FACTS).write_text(json.dumps({"server": server}), encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{folder} cannot be written ({error.strerror}); set the environment variable FER_JOURNAL to another one."
        ) from error
    return Journal(folder, server)


def _mirror(journal: Journal, info: RunInfo) -> None:
    """Add a run of the server to a journal, with the server's ids of it and of its experiment."""
    from mlflow.store.tracking.dbmodels.models import SqlExperiment, SqlExperimentTag, SqlRun, SqlTag
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore  # It takes a second to load.

    artifacts, experiment = journal.folder / _ARTIFACTS, int(info.experiment_id)
    root = artifacts / info.experiment_id
    name = _state.experiments.get(info.experiment_id, f"experiment {experiment}")
    store = SqlAlchemyStore(journal.uri, str(artifacts))
    place = {"experiment_id": experiment}
    kept_there = {"name": name, "artifact_location": str(root)}
    with store.engine.begin() as base:
        known: Select = sqlalchemy.select(SqlExperiment.experiment_id).filter_by(**place)
        if base.execute(known).first() is None:
            base.execute(sqlalchemy.insert(SqlExperiment).values(**place, **kept_there))
        else:  # "Default", which every store has.
            base.execute(sqlalchemy.update(SqlExperiment).filter_by(**place).values(**kept_there))
        tagged: Select = sqlalchemy.select(SqlExperimentTag.key).filter_by(**place, key=names.MIRRORS)
        if base.execute(tagged).first() is None:
            tag = {"key": names.MIRRORS, "value": info.experiment_id}
            base.execute(sqlalchemy.insert(SqlExperimentTag).values(**place, **tag))
        base.execute(
            sqlalchemy.insert(SqlRun).values(
                run_uuid=info.run_id, name=info.run_name, user_id=info.user_id, start_time=info.start_time,
                status=info.status, artifact_uri=str(root / info.run_id / "artifacts"), **place,
            )
        )  # fmt: skip
        tags = {names.MIRRORS: info.run_id} | ({"mlflow.runName": info.run_name} if info.run_name else {})
        base.execute(
            sqlalchemy.insert(SqlTag),
            [{"run_uuid": info.run_id, "key": key, "value": value} for key, value in tags.items()],
        )
    store.engine.dispose()

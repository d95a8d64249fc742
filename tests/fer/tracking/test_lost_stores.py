"""Stores and servers that cannot be used: one sentence with its own remedy, within seconds."""

import sqlite3
import threading
import time
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import mlflow
import pytest
from mlflow.exceptions import MlflowException

from fer.storage.folders import locked
from fer.tracking import patience, server
from fer.tracking.faults import NoAnswer, fault_of, refusal_of, repeated
from fer.tracking.runs import open_run
from fer.tracking.server import answering, connect


@contextmanager
def serving(answers):
    """A server that is healthy, and answers anything else with what ``answers`` gives: a status, a type, a text."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            health = self.path == "/health" and "/health" not in answers
            status, kind, text = (200, "text/plain", "OK") if health else answers.get(self.path, answers["*"])
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST

        def log_message(self, *given):
            pass

    found = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=found.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{found.server_port}"
    finally:
        found.shutdown()
        found.server_close()


PAGE = "<html><body>Welcome</body></html>"


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"*": (403, "text/html", PAGE)}, ["refuses access", "403", "MLFLOW_TRACKING_USERNAME"]),
        ({"*": (401, "text/html", PAGE), "/health": (401, "text/html", PAGE)}, ["refuses access", "MLFLOW_TRACKING"]),
        ({"*": (200, "text/html", PAGE)}, ["is no tracking server", "text/html", "MLFLOW_TRACKING_URI"]),
        ({"*": (404, "text/html", PAGE), "/health": (404, "text/html", PAGE)}, ["is no tracking server"]),
        ({"*": (500, "application/json", "{}")}, ["answers requests with an error", "500", "make server"]),
        ({"*": (200, "text/html", PAGE), "/health": (503, "text/html", PAGE)}, ["does not answer", "make server"]),
    ],
)
def test_a_server_that_cannot_be_used_is_named_with_its_own_remedy(at, refused, monkeypatch, answers, words):
    monkeypatch.setattr(server, "_SECONDS_BETWEEN", 0.01)
    with serving(answers) as address:
        at(address)
        began = time.monotonic()
        with refused(address, *words):
            connect()
        with refused(address, *words), open_run("note", "unused"):
            pytest.fail("the block must not run")
        assert time.monotonic() - began < 10


def test_requests_that_fail_are_repeated_with_a_line_and_end_with_a_sentence(at, refused, monkeypatch, capsys):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_JITTER", "0")
    monkeypatch.setattr(patience, "_SECONDS_OF_SILENCE", 60.0)
    patience.announce_retries()
    with serving({"*": (500, "application/json", "{}")}) as address:
        at(address)
        with refused(address, "did not answer", "same command again"):
            answering(lambda: mlflow.get_run("0" * 32))
    (line,) = capsys.readouterr().err.splitlines()
    assert line == "warning: the tracking server does not answer a request; it is repeated for about a minute."


def test_a_request_is_repeated_for_a_minute_unless_the_user_says_otherwise(monkeypatch):
    monkeypatch.delenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", raising=False)
    patience.announce_retries()
    assert mlflow.environment_variables.MLFLOW_HTTP_REQUEST_MAX_RETRIES.get() == 5
    assert sum(2 * 2**number for number in range(1, 5)) == 60  # The pauses of urllib3; the first is none.
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    patience.announce_retries()
    with patience.retries(0):
        assert mlflow.environment_variables.MLFLOW_HTTP_REQUEST_MAX_RETRIES.get() == 0
    assert mlflow.environment_variables.MLFLOW_HTTP_REQUEST_MAX_RETRIES.get() == 1


def test_a_store_whose_path_cannot_be_opened_is_named_within_seconds(at, refused, tmp_path):
    began = time.monotonic()
    for path in (tmp_path, "/proc/nowhere/mlflow.db"):
        at(f"sqlite:///{path}")
        with refused(str(path)):
            connect()
    (tmp_path / "noise.db").write_bytes(b"no database" * 500)
    at(f"sqlite:///{tmp_path}/noise.db")
    with refused("noise.db", "cannot be opened", "MLFLOW_TRACKING_URI"):
        connect()
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("foo://bar", ["not the address", "sqlite:///mlflow.db"]),
        ("http://[bad", ["not the address", "sqlite:///mlflow.db"]),
        ("http://127.0.0.1:99999", ["not the address"]),
        ("postgresql+nothing://127.0.0.1:1/x", ["check MLFLOW_TRACKING_URI"]),
        ("mssql+pymssql://127.0.0.1:1/x", ["needs a Python package", "'pymssql'", "pip"]),
    ],
)
def test_what_is_no_address_is_told(at, refused, address, words):
    at(address)
    with refused(address, *words):
        connect()


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("451aebb31d03", ["another version of MLflow", "mlflow db upgrade sqlite:///"]),
        ("ffffffffffff", ["a newer version of MLflow", mlflow.__version__, "install"]),
    ],
)
def test_a_store_of_another_version_names_the_upgrade(store, refused, version, words):
    with closing(sqlite3.connect(store)) as database:
        database.execute("update alembic_version set version_num = ?", (version,))
        database.commit()
    at_once = time.monotonic()
    with refused("mlflow.db", *words):
        connect()
    assert time.monotonic() - at_once < 10


def test_a_store_that_can_only_be_read_is_named_without_a_traceback(store, at, refused, capfd):
    at(f"sqlite:///file:{store}?mode=ro&uri=true")
    with refused("can only be read", "writable"), open_run("note", "unused"):
        pytest.fail("the block must not run")
    assert "Traceback" not in capfd.readouterr().err


def test_an_experiment_that_was_deleted_or_cannot_be_named_so_is_refused_with_the_remedy(store, refused):
    number = mlflow.create_experiment("gone")
    mlflow.delete_experiment(number)
    with (
        refused("'gone'", f"mlflow experiments restore --experiment-id {number}"),
        open_run("a", "b", experiment="gone"),
    ):
        pytest.fail("the block must not run")
    with refused("600 characters", "1 to 500"), open_run("a", "b", experiment="e" * 600):
        pytest.fail("the block must not run")


def _lost_race(times):
    calls = []

    def request():
        calls.append(1)
        if len(calls) <= times:
            raise MlflowException("(sqlite3.IntegrityError) UNIQUE constraint failed: datasets.name\n[SQL: INSERT ...]")
        return len(calls)

    return request


def test_what_another_process_wrote_at_the_same_time_is_written_again(store, refused, monkeypatch):
    monkeypatch.setattr("fer.tracking.faults._PAUSES", (0.001,) * 4)
    assert repeated(_lost_race(4)) == 5
    with pytest.raises(MlflowException):
        repeated(_lost_race(5))
    with refused("another process", "start again"), open_run("note", "unused"):
        _lost_race(9)()
    run = mlflow.search_runs(search_all_experiments=True, output_format="list")[0]
    assert run.data.tags["fer.failure"].startswith("InputError: another process")
    with pytest.raises(MlflowException, match="other"):
        repeated(lambda: (_ for _ in ()).throw(MlflowException("other")))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("(sqlite3.OperationalError) database is locked", ["busy", "make server"]),
        ("(sqlite3.OperationalError) database or disk is full", ["full", "free space"]),
        ("API request to endpoint /x failed with error code 403 != 200. Response body: ''", ["refuses access"]),
        ("failures: OSError(24, '[Errno 24] Too many open files')", ["ulimit -n"]),
        ("failures: [Errno 28] No space left on device", ["disk is full", "TMPDIR"]),
    ],
)
def test_a_known_fault_has_a_remedy_of_its_own(store, text, words):
    sentence = str(fault_of(MlflowException(text)))
    assert all(word in sentence for word in words) and sentence.endswith(".")


def test_an_unknown_refusal_is_one_short_line_and_no_fault(store):
    error = MlflowException("Run with id=1 not found\n" + "x" * 1000)
    assert fault_of(error) is None
    assert "Run with id=1 not found" in str(refusal_of(error)) and "\n" not in str(refusal_of(error))
    assert isinstance(fault_of(MlflowException("x: Max retries exceeded with url")), NoAnswer)


def test_a_database_is_opened_by_one_process_at_a_time(store, monkeypatch, cache):
    search, held = mlflow.search_experiments, []

    def look(**given):
        for file in cache.glob("stores/*.lock"):
            with locked(file, None) as is_ours:
                held.append(not is_ours)
        return search(**given)

    monkeypatch.setattr(mlflow, "search_experiments", look)
    connect()
    assert held == [True]

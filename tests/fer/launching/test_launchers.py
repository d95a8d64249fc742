"""Launchers: the registry, and processes that run side by side, report, are killed and are replaced."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from importlib import import_module

import pytest

from fer.launching import LAUNCHERS, open_launcher
from fer.launching.worker import passed_environment, prepare, thread_variables
from fer.storage.working_folders import temporary_files


def _ignored(_):
    pass


def _unlost(job, reason):
    raise AssertionError(f"{job} was lost: {reason}")


def _square(job):
    sys.stdout.write(f"squaring {job}\n")
    return job * job, os.getpid(), os.environ["TF_NUM_INTRAOP_THREADS"], os.environ.get("MLFLOW_RUN_ID")


def _dies_first(folder):
    """Die by the signal of a system out of memory, but for the third time."""
    tries = len(list(folder.iterdir()))
    (folder / str(tries)).touch()
    if tries < 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return tries


def _dies(job):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("name", LAUNCHERS)
def test_every_launcher_declares_its_options(name, refused):
    module = import_module(LAUNCHERS[name].module)
    assert module.Options() and callable(module.open)
    with refused(f"launcher {name}", "partitions"):
        open_launcher(name, {"partitions": "gpu"})


def test_unknown_launchers_and_workers_are_refused(refused):
    with refused("unknown launcher 'dask'", "inline, processes, ray, slurm"):
        open_launcher("dask")
    with refused("workers 0", "2"):
        open_launcher("processes", {}, 0)
    with refused("one worker", "launcher=processes"):
        open_launcher("inline", {}, 2)


def test_processes_share_the_work_and_its_results_come_in_order(cache, monkeypatch):
    monkeypatch.setenv("MLFLOW_RUN_ID", "0" * 32)
    began, ended = [], []
    launch = open_launcher("processes", {"threads": 1}, 2)
    found = launch([3, 1, 2, 4], _square, began.append, ended.append, _unlost)
    assert [square for square, *_ in found] == [9, 1, 4, 16]
    assert {threads for *_, threads, _ in found} == {"1"} and {run for *_, run in found} == {None}
    assert len({process for _, process, *_ in found}) == 2 and os.getpid() not in {process for _, process, *_ in found}
    assert sorted(began) == [1, 2, 3, 4] and sorted(ended) == sorted(found)
    logs = {path.read_text() for path in cache.glob("launching/*/*.log")}
    assert logs == {f"squaring {job}\n" for job in (1, 2, 3, 4)}


def test_a_job_whose_worker_is_killed_is_repeated_and_in_the_end_lost(tmp_path):
    place = tmp_path / "tries"
    place.mkdir()
    launch = open_launcher("processes", {}, 1)
    assert launch([place], _dies_first, _ignored, _ignored, _unlost) == [2]
    launch, ended = open_launcher("processes", {"retries": 0}, 1), []
    assert launch([7], _dies, _ignored, ended.append, lambda job, reason: (job, "killed 1 times" in reason)) == [
        (7, True)
    ]
    assert ended == [(7, True)]


def test_an_error_of_the_work_reaches_the_caller():
    with pytest.raises(ZeroDivisionError):
        open_launcher("processes", {}, 1)([0], lambda job: 1 / job, _ignored, _ignored, _unlost)


def test_workers_end_with_the_process_that_started_them(tmp_path):
    script = (
        "import os, sys, time; from fer.launching import open_launcher\n"
        "def work(file): open(file, 'w').write(str(os.getpid())); time.sleep(60)\n"
        "tell = lambda _: None\n"
        "open_launcher('processes', {}, 1)([sys.argv[1]], work, tell, tell, lambda job, reason: None)\n"
    )
    file = tmp_path / "pid"
    with subprocess.Popen([sys.executable, "-c", script, str(file)], stderr=subprocess.DEVNULL) as driver:
        deadline = time.monotonic() + 30
        while not (file.exists() and file.read_text()) and time.monotonic() < deadline:
            time.sleep(0.1)
        driver.kill()
    worker = int(file.read_text())
    while os.path.exists(f"/proc/{worker}") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not os.path.exists(f"/proc/{worker}")


def test_a_worker_gets_the_environment_that_the_libraries_read(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://server")
    monkeypatch.setenv("MLFLOW_RUN_ID", "0" * 32)
    monkeypatch.setenv("HOME_OF_MINE", "here")
    passed = passed_environment()
    assert passed["MLFLOW_TRACKING_URI"] == "http://server" and not {"MLFLOW_RUN_ID", "HOME_OF_MINE"} & set(passed)
    assert set(thread_variables(3).values()) >= {"3"}
    before = signal.getsignal(signal.SIGTERM)
    prepare()
    assert "MLFLOW_RUN_ID" not in os.environ and signal.getsignal(signal.SIGTERM) is signal.default_int_handler
    signal.signal(signal.SIGTERM, before)


def _temporary(_):
    return tempfile.gettempdir(), os.environ["TMPDIR"]


def test_a_worker_does_not_put_its_files_into_the_folder_of_the_process_that_started_it(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    with temporary_files():
        found = open_launcher("processes", {}, 1)([1], _temporary, _ignored, _ignored, _unlost)
    assert found == [(str(tmp_path), str(tmp_path))]

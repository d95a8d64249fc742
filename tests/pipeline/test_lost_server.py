"""A server that stops in the middle, or is replaced at the same address: a clear error, never the other's runs."""

import os
import signal
import time

import mlflow
import pandas as pd
import pytest
from tracking_servers import free_port, tracking_server

from analysis import load_runs
from fer.tracking import run_search, server
from fer.tracking.runs import open_run


@pytest.fixture
def own_place(monkeypatch):
    """A port for servers of the test's own."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    mlflow.set_tracking_uri(address)
    return port


def _log(count, seed=0):
    for number in range(count):
        with open_run("cell", f"run {number}", {"seed": seed + number}, experiment="lost"):
            pass


def _stop_after_first_page(monkeypatch, group, how):
    search = mlflow.MlflowClient.search_runs
    pages = []

    def page(client, *arguments, **options):
        pages.append(search(client, *arguments, **options))
        if len(pages) == 1:
            os.killpg(group, how)
        return pages[-1]

    monkeypatch.setattr(mlflow.MlflowClient, "search_runs", page)


def test_a_server_that_stops_half_way_and_another_in_its_place(own_place, tmp_path, cache, monkeypatch, refused):
    monkeypatch.setattr(run_search, "RUNS_A_PAGE", 2)
    (tmp_path / "one").mkdir()
    with tracking_server(tmp_path / "one", own_place) as (address, group):
        _log(5)
        with monkeypatch.context() as patch:
            patch.setattr(server, "_SECONDS", 1.0)
            _stop_after_first_page(patch, group, signal.SIGSTOP)
            began = time.monotonic()
            with refused(address, "does not answer", "make server"):
                load_runs("lost")
            assert time.monotonic() - began < 100  # MLflow itself tries for 246 s.
            assert not list(cache.rglob("*.parquet"))
        os.killpg(group, signal.SIGCONT)
        whole = load_runs("lost")
        assert len(whole) == 5
        _stop_after_first_page(monkeypatch, group, signal.SIGKILL)
        began = time.monotonic()
        with refused(address, "does not answer", "make server", " UTC", "offline=True"):
            load_runs("lost", refresh=True)
        assert time.monotonic() - began < 100  # MLflow itself tries for 246 s.
    monkeypatch.undo()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    with pytest.warns(UserWarning, match="not asked"):
        pd.testing.assert_frame_equal(load_runs("lost", offline=True), whole)

    (tmp_path / "two").mkdir()
    with tracking_server(tmp_path / "two", own_place):
        _log(2, seed=10)
        assert set(load_runs("lost")["params.seed"]) == {"10", "11"}

"""Addresses of the pages of runs, for a report's links."""

from types import SimpleNamespace

import mlflow
import pandas as pd
import pytest

from analysis.fetch.runs import run_pages

RUNS = pd.DataFrame({"run_id": ["a", "b"], "experiment_name": ["eila", "age"]})


@pytest.fixture
def server(monkeypatch):
    """Return a function that makes an address the tracking address; it has the experiments eila (3) and age (4)."""
    ids = {"eila": "3", "age": "4"}
    known = {name: SimpleNamespace(name=name, experiment_id=number) for name, number in ids.items()}
    monkeypatch.setattr(mlflow, "get_experiment_by_name", known.get)
    return lambda address: monkeypatch.setattr(mlflow, "get_tracking_uri", lambda: address)


def test_runs_on_a_server_have_pages_without_its_password(server):
    server("https://ann:secret@mlflow.example.org/")
    assert run_pages(RUNS) == {
        run: f"https://mlflow.example.org/#/experiments/{experiment}/runs/{run}?workflowType=machine_learning"
        for run, experiment in (("a", "3"), ("b", "4"))
    }
    server("https://ann:sec/ret@mlflow.example.org")
    assert "sec/ret" not in str(run_pages(RUNS))


def test_a_local_store_has_no_pages(server):
    server("sqlite:////data/mlflow.db")
    assert run_pages(RUNS) == {}

"""A local SQLite store of the test's own."""

import shutil

import mlflow
import pytest


@pytest.fixture
def at(monkeypatch, tmp_path):
    """Return a function that sets the tracking address; the working folder is the test's own."""
    before = mlflow.get_tracking_uri()
    monkeypatch.chdir(tmp_path)
    for left_over in ("MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.delenv(left_over, raising=False)
    yield mlflow.set_tracking_uri
    while mlflow.active_run() is not None:
        mlflow.end_run("FAILED")
    mlflow.set_tracking_uri(before)


@pytest.fixture
def store(at, tmp_path, empty_store):
    """Make a fresh SQLite store the tracking store; return its file. Artifacts lie in ``mlruns`` beside it."""
    place = tmp_path / "mlflow.db"
    shutil.copy(empty_store, place)
    at(f"sqlite:///{place}")
    return place

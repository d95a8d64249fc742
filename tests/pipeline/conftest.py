"""A real tracking server over HTTP, and a small drawn dataset on it."""

import mlflow
import pytest
from tracking_servers import free_port, tracking_server


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> str:
    """Address of `mlflow server` on a fresh SQLite file, artifacts through it."""
    with tracking_server(tmp_path_factory.mktemp("server"), free_port()) as (address, _):
        yield address


@pytest.fixture
def tracking(server, monkeypatch, tmp_path) -> str:
    """The server as this process's tracking server, with a cache and a working folder of the test's own."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))
    for left_over in ("MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID"):
        monkeypatch.delenv(left_over, raising=False)
    mlflow.set_tracking_uri(server)
    yield server
    while mlflow.active_run() is not None:
        mlflow.end_run("FAILED")

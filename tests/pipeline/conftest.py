"""A real tracking server over HTTP, for a whole module and for one test."""

import tempfile

import mlflow
import pytest
from tracking_servers import free_port, tracking_server


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> str:
    """Address of `mlflow server` on a fresh SQLite file, artifacts through it."""
    with tracking_server(tmp_path_factory.mktemp("server"), free_port()) as (address, _):
        yield address


@pytest.fixture(autouse=True, scope="module")
def same_store_afterwards():
    """Leave MLflow the store that it had: a server that is gone would be waited for by others."""
    before = mlflow.get_tracking_uri()
    yield
    mlflow.set_tracking_uri(before)


@pytest.fixture(scope="module")
def module_tracking(server, tmp_path_factory):
    """Make the server the tracking server of a module's fixtures and tests; return a folder of the module's."""
    folder = tmp_path_factory.mktemp("module")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", server)
        patch.setenv("FER_CACHE", str(folder / "cache"))
        mlflow.set_tracking_uri(server)
        yield folder


@pytest.fixture(scope="module")
def nothing_left(tmp_path_factory):
    """Give a module's commands a folder of temporary files of their own, which must be empty at the end."""
    place = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(place))
        patch.setattr(tempfile, "tempdir", None)
        yield place
    assert not [path.name for path in place.iterdir()]


@pytest.fixture
def tracking(server, monkeypatch) -> str:
    """Make the server this process's tracking server; return its address."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    for left_over in ("MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID"):
        monkeypatch.delenv(left_over, raising=False)
    mlflow.set_tracking_uri(server)
    yield server
    while mlflow.active_run() is not None:
        mlflow.end_run("FAILED")

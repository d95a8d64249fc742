"""Addresses of MLflow's pages, the command that starts them for a local store, and where files of a run are."""

from types import SimpleNamespace

import mlflow
import pytest

from fer.tracking.pages import experiment_page, file_place, run_page, ui_command, version_page


@pytest.fixture
def stored(monkeypatch):
    """Return a function that makes an address the tracking address."""

    def at(address):
        monkeypatch.setattr(mlflow, "get_tracking_uri", lambda: address)

    return at


def test_a_server_has_pages_that_open_in_the_view_of_models(stored):
    stored("https://ann:secret@host:8080/mlflow/")
    assert ui_command() is None
    assert experiment_page("3") == "https://host:8080/mlflow/#/experiments/3?workflowType=machine_learning"
    assert run_page("3", "ab") == "https://host:8080/mlflow/#/experiments/3/runs/ab?workflowType=machine_learning"
    assert version_page("o'neil", "2") == (
        "https://host:8080/mlflow/#/models/o%27neil/versions/2?workflowType=machine_learning"
    )


def test_a_local_store_has_them_after_a_command(stored, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stored("sqlite:///my runs.db")
    assert ui_command() == f"mlflow ui --port 5000 --backend-store-uri 'sqlite:///{tmp_path}/my runs.db'"
    assert run_page("3", "ab").startswith("http://127.0.0.1:5000/#/experiments/3/runs/ab?")


def test_a_password_of_a_store_is_not_shown_and_the_command_works_all_the_same(stored):
    stored("postgresql://ann:secret@host/runs")
    assert ui_command() == 'mlflow ui --port 5000 --backend-store-uri "$MLFLOW_TRACKING_URI"'


@pytest.mark.parametrize(
    ("root", "place"),
    [
        ("/runs/a b/artifacts", "/runs/a b/artifacts/report/report.html"),
        ("file:///runs/a%20b/artifacts", "/runs/a b/artifacts/report/report.html"),
        (
            "mlflow-artifacts:/1/ab/artifacts",
            "fetch it by `mlflow artifacts download --run-id ab --artifact-path report/report.html --dst-path .`",
        ),
    ],
)
def test_a_file_is_named_by_its_path_here_or_the_command_that_fetches_it(root, place):
    run = SimpleNamespace(info=SimpleNamespace(artifact_uri=root, run_id="ab"))
    assert file_place(run, "report/report.html") == place

"""A team's server, as deploy/ describes it: PostgreSQL, authentication, artifacts in S3. Skipped where they lack."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import mlflow
import pandas as pd
import pytest
import requests
from mlflow.entities import Metric
from swift_servers import has_swift, stored, swift
from team_servers import Team, postgres

from analysis import load_runs
from fer.record import Record
from fer.tracking.dataset_logging import log_dataset
from fer.tracking.datasets import open_dataset
from fer.tracking.run_contents import log_record
from fer.tracking.runs import open_run

WRITERS, CALLS, POINTS = 20, 5, 20


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    with postgres(tmp_path_factory.mktemp("team") / "postgres") as found:
        yield found


@pytest.fixture(scope="module")
def bucket(tmp_path_factory):
    """The environment in which boto3 reaches a bucket of OpenStack Swift; None where that is not installed."""
    if not has_swift():
        yield None
        return
    with swift(tmp_path_factory.mktemp("swift")) as environment:
        yield environment


@pytest.fixture(scope="module")
def served(database, bucket, tmp_path_factory):
    """The server of deploy/, started by its scripts; its artifacts are in a folder where there is no Swift."""
    team = Team(database, tmp_path_factory.mktemp("served"), bucket)
    with team.served():
        yield team


@pytest.fixture
def team(served, monkeypatch):
    """Make it this process's server; return its address."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", served.address)
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "admin")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", served.secrets["mlflow_admin_password"])
    mlflow.set_tracking_uri(served.address)
    return served.address


def _history(run_id, name):
    return sorted((point.step, point.value) for point in mlflow.MlflowClient().get_metric_history(run_id, name))


@pytest.mark.parametrize("given", [None, ("admin", "wrong"), ("nobody", "")])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/2.0/mlflow/runs/search"),
        ("POST", "/api/2.0/mlflow/runs/create"),
        ("GET", "/api/2.0/mlflow-artifacts/artifacts"),
        ("GET", "/ajax-api/2.0/mlflow/experiments/search"),
        ("GET", "/api/2.0/mlflow/users/get?username=admin"),
        ("GET", "/"),
    ],
)
def test_without_the_password_there_is_nothing(served, given, method, path):
    answer = requests.request(method, f"{served.address}{path}", json={}, auth=given, timeout=20)
    assert answer.status_code == 401 and "experiment" not in answer.text.replace("mlflow/experiments", "")


def test_a_wrong_password_is_one_sentence(team, monkeypatch, refused):
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "Zq7WRONG")
    with refused("refuses access", "MLFLOW_TRACKING_PASSWORD"), open_run("train", "none", experiment="team"):
        pass


def test_a_user_of_the_team_logs_all_and_no_secret_is_left(team, served, database, pack, monkeypatch, tmp_path, capfd):
    pack()
    user = {"username": "ann", "password": "Zq7-of-ann-Zq7"}
    made = requests.post(
        f"{team}/api/2.0/mlflow/users/create",
        json=user,
        auth=("admin", served.secrets["mlflow_admin_password"]),
        timeout=20,
    )
    assert made.status_code in (200, 201), made.text
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ann")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "Zq7-of-ann-Zq7")
    with open_run("preprocess", "made", {"store": served.database("mlflow")}, experiment="team") as run:
        address = log_dataset(tmp_path / "tiny")
        log_record(Record(metrics={"data/faces": 56}, texts={"said.txt": "all"}, tags={"fer.data_digest": "d"}))
    assert open_dataset(address).digest == open_dataset(tmp_path / "tiny").digest
    assert mlflow.get_run(run.info.run_id).data.params["store"].startswith("postgresql+psycopg2://mlflow:***@")

    secrets = [database.password, "Zq7-of-ann-Zq7", *served.secrets.values()]
    database.dump("mlflow", tmp_path / "mlflow.sql")
    database.dump("users", tmp_path / "users.sql")
    places = {
        path: path.read_bytes() for root in (served.folder, tmp_path) for path in root.rglob("*") if path.is_file()
    }
    places |= {path: _read(path) for path in Path("/proc").glob("[0-9]*/cmdline")}
    shown = "".join(capfd.readouterr()).encode()
    places = {path: held for path, held in places.items() if path.parent.name != "secrets"}
    for secret in secrets:
        assert not [path for path, held in places.items() if secret.encode() in held]
        assert secret.encode() not in shown


def _read(path):
    try:
        return path.read_bytes()
    except OSError:  # The process has ended.
        return b""


def test_what_many_write_at_once_is_all_there(team):
    client = mlflow.MlflowClient()
    experiment = client.create_experiment("crowd")

    def write(writer):
        run = client.create_run(experiment).info.run_id
        for call in range(CALLS):
            now = int(time.time() * 1000)
            points = [Metric("loss", writer + step / 7, now, call * POINTS + step) for step in range(POINTS)]
            client.log_batch(run, metrics=points)
        client.set_terminated(run)
        return run

    with ThreadPoolExecutor(WRITERS) as pool:
        runs = list(pool.map(write, range(WRITERS)))
    assert len(client.search_runs([experiment])) == WRITERS
    for run in (runs[0], runs[-1]):
        assert [step for step, _ in _history(run, "loss")] == list(range(CALLS * POINTS))


def test_a_run_outlives_the_database_and_a_backup_has_it(team, database, monkeypatch, tmp_path):
    """The database is killed in the middle and comes back; then it is restored into an empty one."""
    with open_run("cell", "long", {"seed": 1}, {"fer.study": "s"}, experiment="outlived") as run:
        log_record(Record(history={"train/loss": {1: 0.5}}))
        database.kill()
        back = threading.Timer(3, database.start)
        back.start()
        log_record(Record(history={"train/loss": {2: 0.25}}, metrics={"test/accuracy": 0.5}))
        back.join()
    assert _history(run.info.run_id, "train/loss") == [(1, 0.5), (2, 0.25)]

    whole = load_runs("outlived")
    assert list(whole["metrics.test/accuracy"]) == [0.5]
    database.dump("mlflow", tmp_path / "mlflow.sql")
    restored = database.create("restored")
    database.restore("restored", tmp_path / "mlflow.sql")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", restored)
    mlflow.set_tracking_uri(restored)
    pd.testing.assert_frame_equal(load_runs("outlived"), whole)


def test_artifacts_are_in_the_bucket_and_only_the_server_has_its_keys(team, bucket, tmp_path, pack):
    if bucket is None:
        pytest.skip("OpenStack Swift is not installed, whose proxy speaks S3")
    pack()
    with open_run("preprocess", "made", experiment="bucket") as run:
        address = log_dataset(tmp_path / "tiny")
    assert run.info.artifact_uri.startswith("mlflow-artifacts:/")
    assert open_dataset(address).digest == open_dataset(tmp_path / "tiny").digest
    held = stored(bucket)
    assert any(name.endswith(f"{run.info.run_id}/artifacts/dataset/faces.npy") for name in held)
    assert "AWS_SECRET_ACCESS_KEY" not in os.environ

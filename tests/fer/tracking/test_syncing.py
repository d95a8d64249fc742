"""Runs of a store without a server are copied to another, whole and once, also when the copy is interrupted."""

import json
import shutil

import matplotlib.pyplot as plt
import mlflow
import pandas as pd
import pytest

from fer.record import DatasetInput, Record
from fer.tracking import names, syncing
from fer.tracking.dataset_logging import log_dataset
from fer.tracking.datasets import open_dataset
from fer.tracking.journal import journals, work_offline
from fer.tracking.run_contents import log_record
from fer.tracking.runs import open_run
from fer.tracking.server import server_name
from fer.tracking.syncing import Synced, sync_journal, sync_store


@pytest.fixture
def stores(tmp_path, monkeypatch, empty_store):
    """Two empty SQLite stores, one of them the current."""
    before = mlflow.get_tracking_uri()
    monkeypatch.chdir(tmp_path)
    for name in ("away", "server"):
        shutil.copy(empty_store, tmp_path / f"{name}.db")
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/server.db")
    yield f"sqlite:///{tmp_path}/away.db", f"sqlite:///{tmp_path}/server.db"
    mlflow.set_tracking_uri(before)


def _log_all(faces):
    """Log what a study logs; return the ids of its runs."""
    figure, axes = plt.subplots(figsize=(1, 1))
    axes.plot([1, 2])
    with open_run("study", "outer", {"seed": 3}, experiment="apart") as outer:
        with open_run("integrate", "made") as made:
            address = log_dataset(faces)
        read = open_dataset(address)
        with open_run("train", "trained", {"dataset": address}) as trained:
            log_record(
                Record(
                    metrics={"best/epoch": 2.0, "unknown": float("nan")},
                    history={"train/loss": {step: 1 / step for step in range(1, 900)}},
                    parameters={"resolved/of": made.info.run_id},
                    tags={"fer.started_from": made.info.run_id},
                    tables={"runs.csv": pd.DataFrame({"run": [made.info.run_id], "count": [1]})},
                    figures={"curve.png": figure},
                    images={"curve": figure},
                    inputs=[DatasetInput(read, address, "training")],
                    description=f"of runs:/{made.info.run_id}/dataset",
                )
            )
            model = mlflow.pyfunc.log_model(name="model", python_model=_model, pip_requirements=["mlflow"])
            mlflow.register_model(model.model_uri, "faces")
    plt.close(figure)
    return outer.info.run_id, made.info.run_id, trained.info.run_id


def _model(model_input: list[str]) -> list[str]:
    return model_input


def _copies():
    client = mlflow.MlflowClient()
    experiment = client.get_experiment_by_name("apart").experiment_id
    return {run.data.tags[names.SYNCED_FROM]: run for run in client.search_runs([experiment])}


@pytest.mark.filterwarnings("ignore:.*(type hint|Decorate your function).*:UserWarning")
def test_all_that_a_study_logs_arrives_once_and_points_to_itself(stores, tiny_faces, monkeypatch, tmp_path):
    away, server = stores
    mlflow.set_tracking_uri(away)
    old = dict(zip(("outer", "made", "trained"), _log_all(tmp_path / "tiny"), strict=True))
    source = mlflow.MlflowClient(away)
    before = {name: source.get_run(run) for name, run in old.items()}
    mlflow.set_tracking_uri(server)

    copy, begun = syncing._copy, []

    def stopped(*given):
        begun.append(given)
        if len(begun) == 2:
            copy(*given)
            raise KeyboardInterrupt
        copy(*given)

    monkeypatch.setattr(syncing, "_copy", stopped)
    with pytest.raises(KeyboardInterrupt):
        sync_store(away)
    assert {run.info.status for run in _copies().values()} == {"FINISHED", "RUNNING"}
    monkeypatch.undo()
    assert sync_store(away) == Synced(1, 2, 0)
    assert sync_store(away) == Synced(0, 3, 0)

    client, copies = mlflow.MlflowClient(), _copies()
    assert len(copies) == 3
    new = {name: copies[run] for name, run in old.items()}
    for name, run in new.items():
        was = before[name]
        assert (run.info.status, run.info.start_time, run.info.end_time, run.info.run_name) == (
            "FINISHED", was.info.start_time, was.info.end_time, was.info.run_name
        )  # fmt: skip
        assert set(was.data.tags) | {names.SYNCED_FROM} == set(run.data.tags)
        assert run.data.metrics.keys() == was.data.metrics.keys()
        for metric in was.data.metrics:
            points = [client.get_metric_history(run.info.run_id, metric), source.get_metric_history(old[name], metric)]
            assert len({str([(p.step, p.timestamp, p.value) for p in one]) for one in points}) == 1
    trained, made = new["trained"], new["made"].info.run_id
    assert trained.data.params == {"dataset": f"runs:/{made}/dataset", "resolved/of": made}
    assert trained.data.tags[names.PARENT] == new["outer"].info.run_id
    assert trained.data.tags[names.NOTE] == f"of runs:/{made}/dataset"
    assert trained.data.tags["fer.started_from"] == made
    [entry] = trained.inputs.dataset_inputs
    assert json.loads(entry.dataset.source)["address"] == f"runs:/{made}/dataset"
    files = {path.path for path in client.list_artifacts(trained.info.run_id)}
    assert files == {"runs.csv", "curve.png", "images"}
    assert len(client.list_artifacts(trained.info.run_id, "images")) == 2
    table = mlflow.artifacts.load_text(f"runs:/{trained.info.run_id}/runs.csv")
    assert made in table and old["made"] not in table
    assert open_dataset(f"runs:/{made}/dataset").digest == open_dataset(tmp_path / "tiny").digest
    [output] = trained.outputs.model_outputs
    model = client.get_logged_model(output.model_id)
    assert (model.source_run_id, str(model.status), model.name) == (trained.info.run_id, "READY", "model")
    [was] = before["trained"].outputs.model_outputs
    logged = source.get_logged_model(was.model_id).metrics
    assert [(one.key, one.timestamp) for one in model.metrics] == [(one.key, one.timestamp) for one in logged]
    assert mlflow.pyfunc.load_model(f"runs:/{trained.info.run_id}/model").metadata.run_id == trained.info.run_id
    [version] = client.search_model_versions("name = 'faces'")
    assert (version.run_id, version.source) == (trained.info.run_id, f"models:/{model.model_id}")
    assert mlflow.pyfunc.load_model("models:/faces/1").metadata.run_id == trained.info.run_id


def test_offline_runs_wait_in_the_journal_of_their_server(stores, monkeypatch, refused):
    _, server = stores
    with refused("offline=true", "MLFLOW_TRACKING_URI"):
        work_offline()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://ann:secret@127.0.0.1:9")
    mlflow.set_tracking_uri("http://ann:secret@127.0.0.1:9")
    name = server_name()
    work_offline()
    with open_run("train", "alone", experiment="apart"):
        log_record(Record(texts={"said.txt": "all"}))
    [journal] = journals(name)
    assert journal.was_offline and "secret" not in (journal.folder.parent / "server.json").read_text()
    assert list(journal.folder.rglob("said.txt"))
    mlflow.set_tracking_uri(server)
    assert sync_journal(journal) == Synced(1, 0, 0)
    [run] = _copies().values()
    assert mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/said.txt") == "all"
    assert sync_journal(journal) == Synced(0, 1, 0)


def test_a_run_that_goes_on_is_left_for_later_with_what_is_below_it(stores):
    away, server = stores
    mlflow.set_tracking_uri(away)
    with open_run("train", "done", experiment="apart"):
        pass
    with open_run("study", "outer", experiment="apart"):
        with open_run("cell", "inner"):
            pass
        mlflow.set_tracking_uri(server)
        assert sync_store(away) == Synced(1, 0, 2)
        mlflow.set_tracking_uri(away)
    mlflow.set_tracking_uri(server)
    assert sync_store(away) == Synced(2, 1, 0)


def test_a_store_that_is_not_there_is_refused(stores, tmp_path, refused):
    with refused("there is no store", "none.db"):
        sync_store(f"sqlite:///{tmp_path}/none.db")
    with refused("is the tracking server itself"):
        sync_store(stores[1])

"""Artifacts in a local store are read in place; nothing is left in the folder of temporary files."""

import tempfile

import mlflow
import pandas as pd
import pytest

from fer.record import Record
from fer.tracking import artifacts, datasets, names
from fer.tracking.artifacts import artifact, model_files, run_of_model
from fer.tracking.dataset_logging import log_dataset
from fer.tracking.datasets import open_dataset
from fer.tracking.predictions import predictions_table
from fer.tracking.reading import read_json, read_table
from fer.tracking.run_contents import log_record
from fer.tracking.run_search import condition, search_runs
from fer.tracking.runs import open_run


@pytest.fixture
def run_id(store, pack, monkeypatch, tmp_path):
    """Return a run with a dataset, predictions, a table and a JSON file; count temporary files from here on."""
    pack("p", folder=tmp_path / "p")
    tables = {names.PREDICTIONS_ARTIFACT: pd.DataFrame({"sample_id": ["a"]}), "a.csv": pd.DataFrame({"b": [1]})}
    with open_run("note", "note") as run:
        log_dataset(tmp_path / "p")
        log_record(Record(tables=tables, texts={"best.json": '{"a": 1}', "bad.json": "[1"}))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return run.info.run_id


def test_nothing_is_copied(run_id, tmp_path):
    dataset = open_dataset(f"runs:/{run_id}")
    assert str(tmp_path / "mlruns") in str(dataset.parts["p"].array.filename)
    assert predictions_table(run_id)["sample_id"].tolist() == ["a"]
    assert read_table(run_id, "a.csv")["b"].tolist() == [1]
    assert read_json(run_id, "best.json", "again") == {"a": 1}
    with artifact(run_id, "best.json") as place:
        assert tmp_path / "mlruns" in place.parents
    assert not list((tmp_path / "temporary").iterdir())


def test_what_is_downloaded_is_removed(run_id, tmp_path, monkeypatch, cache):
    monkeypatch.setattr(artifacts, "_here", lambda address, path: None)
    assert len(open_dataset(f"runs:/{run_id}")) == 56 and (cache / "artifacts" / run_id / "dataset").is_dir()
    assert predictions_table(run_id)["sample_id"].tolist() == ["a"]
    assert read_table(run_id, "a.csv")["b"].tolist() == [1]
    assert read_json(run_id, "best.json", "again") == {"a": 1}
    assert not list((tmp_path / "temporary").iterdir()) and not list(cache.rglob(".*partial*"))


def test_an_artifact_that_is_gone_or_damaged_is_named(run_id, tmp_path, refused):
    with refused("bad.json", "damaged", "again"):
        read_json(run_id, "bad.json", "again")
    with refused("none.json", "again"):
        read_json(run_id, "none.json", "again")
    with refused("none.csv", run_id):
        read_table(run_id, "none.csv")
    (folder,) = tmp_path.glob(f"mlruns/*/{run_id}/artifacts/dataset")
    folder.rename(tmp_path / "elsewhere")
    with refused(run_id, "no dataset", "put it back"):
        open_dataset(f"runs:/{run_id}")
    with refused("0" * 32, "check the run id"):
        open_dataset("runs:/" + "0" * 32)


@pytest.fixture
def model(store, tmp_path):
    """Return the address of a logged model of some other kind, of one file, and its run's id."""
    (tmp_path / "model.txt").write_text("weights")
    with open_run("train", "train") as run:
        made = mlflow.MlflowClient().create_logged_model(run.info.experiment_id, names.MODEL_NAME, run.info.run_id)
        mlflow.MlflowClient().log_model_artifact(made.model_id, str(tmp_path / "model.txt"))
        output = mlflow.entities.LoggedModelOutput(made.model_id, step=0)
        mlflow.MlflowClient().log_outputs(run.info.run_id, [output])
    mlflow.MlflowClient().finalize_logged_model(made.model_id, "READY")
    return f"models:/{made.model_id}", run.info.run_id


def test_a_model_is_read_in_place_under_all_its_addresses(model, tmp_path):
    address, run_id = model
    client = mlflow.MlflowClient()
    client.create_registered_model("o'neil")
    version = client.create_model_version("o'neil", address, run_id, model_id=address.removeprefix("models:/"))
    client.set_registered_model_alias("o'neil", "best", version.version)
    for named in (address, f"runs:/{run_id}/model", "models:/o'neil/1", "models:/o'neil@best"):
        with model_files(named) as folder:
            assert (folder / "model.txt").read_text() == "weights" and tmp_path / "mlruns" in folder.parents
        assert run_of_model(named) == run_id


@pytest.mark.parametrize("name", ["models:/o'neil/1", 'models:/6"/1', "models:/a b%_/1"])
def test_runs_are_found_by_a_name_with_a_quote(store, name):
    with open_run("evaluate", "one", tags={names.MODEL: name}) as run, open_run("evaluate", "two"):
        pass
    found = search_runs([run.info.experiment_id], condition({names.MODEL: name}, status="FINISHED"))
    assert [one.info.run_id for one in found] == [run.info.run_id]


def test_a_name_with_both_kinds_of_quotes_is_refused(refused):
    with refused("both kinds of quotes"):
        condition({names.MODEL: "a'b\"c"})


def test_a_run_whose_end_the_server_did_not_hear_is_marked_at_the_next_start(store, cache, monkeypatch, refused):
    def lost(*given):
        raise mlflow.exceptions.MlflowException("Connection refused")

    with monkeypatch.context() as broken, refused("did not answer"), open_run("note", "lost") as run:
        broken.setattr(mlflow.MlflowClient, "set_terminated", lost)
        raise mlflow.exceptions.MlflowException("Max retries exceeded")
    assert mlflow.get_run(run.info.run_id).info.status == "RUNNING" and mlflow.active_run() is None
    with open_run("note", "next"):
        pass
    assert mlflow.get_run(run.info.run_id).info.status == "KILLED"
    assert not list(cache.glob("runs/*/*"))
    assert datasets.recorded_digest(f"runs:/{run.info.run_id}") is None

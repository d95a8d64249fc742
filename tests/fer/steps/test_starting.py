"""A training that starts from a trained model: what it takes over, logs and refuses, and what it is known by."""

import shutil

import mlflow
import pytest

from fer.models import build_model
from fer.record import DatasetInput, Record
from fer.steps.starting import digests_of, start_of
from fer.steps.training import train_step, training_key
from fer.tracking import names
from fer.tracking.models import log_model
from fer.tracking.run_contents import log_record
from fer.tracking.runs import open_run
from fer.tracking.training_data import training_datasets
from fer.training.plan import TrainingPlan


@pytest.fixture
def earlier(pack, tmp_path, empty_store, monkeypatch):
    """Return the run of a model that is known as trained on the dataset `old`, registered as faces, alias best."""
    place = tmp_path / "mlflow.db"
    shutil.copy(empty_store, place)
    monkeypatch.chdir(tmp_path)
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(f"sqlite:///{place}")
    dataset = pack("old", folder=tmp_path / "old")
    with open_run("train", "earlier", {}) as run:
        log_record(Record(inputs=[DatasetInput(dataset, str(tmp_path / "old"), names.TRAINING_CONTEXT)]))
        network = build_model("assistive1", dataset.face_shape, len(dataset.emotions), 0.1)
        log_model(network, dataset.emotions, dataset.faces(slice(0, 2)), "faces")
    mlflow.MlflowClient().set_registered_model_alias("faces", "best", "1")
    yield run.info.run_id
    while mlflow.active_run() is not None:
        mlflow.end_run("FAILED")
    mlflow.set_tracking_uri(before)


def plan(weights: str, **given: str) -> TrainingPlan:
    return TrainingPlan(**{"backbone": "assistive1", "weights": weights, "epochs": "1", "augmentation": "none"} | given)


def test_a_training_starts_from_a_model_and_an_evaluation_knows_the_data_of_both(earlier, pack, tmp_path):
    new = pack("new", seed=1, folder=tmp_path / "new")
    given = plan("models:/faces@best", learning_rate="1e-9")
    with open_run("train", "later", {}) as run:
        address = train_step(str(tmp_path / "new"), given)
    logged = mlflow.get_run(run.info.run_id).data
    assert logged.tags[names.STARTED_FROM] == earlier
    assert logged.params["resolved/weights_digest"] == digests_of(given)["weights"]
    assert logged.params["resolved/head_weights"] == "kept"
    assert "It started from models:/faces@best, with its head." in logged.tags[names.NOTE]
    start, again = (start_of(plan(one), given.resolve()[0]) for one in ("runs:/" + earlier, address))
    assert abs(start.network.get_weights()[0] - again.network.get_weights()[0]).max() < 1e-6
    assert [dataset.name for dataset in training_datasets(run.info.run_id)] == ["new", "old"]
    assert new.emotions == again.emotions


def test_the_model_behind_an_address_is_part_of_a_training_s_key(earlier, pack, tmp_path):
    dataset = pack("old", folder=tmp_path / "again")
    by_alias, key = plan("models:/faces@best"), lambda given: training_key(str(tmp_path / "again"), {}, given)
    first = key(by_alias)
    assert first == key(plan(f"runs:/{earlier}")) == key(plan("models:/faces/1"))
    assert first != key(plan("none"))
    with open_run("train", "another", {}):
        network = build_model("assistive1", dataset.face_shape, len(dataset.emotions), 0.1)
        log_model(network, dataset.emotions, dataset.faces(slice(0, 2)), "faces")
    mlflow.MlflowClient().set_registered_model_alias("faces", "best", "2")
    assert key(by_alias) != first


def test_what_no_training_can_start_from_is_refused_before_data_are_read(earlier, refused):
    with refused(f"runs:/{earlier} is a assistive1, not a cnn"):
        train_step("nowhere", plan(f"runs:/{earlier}", backbone="cnn"))
    with refused("there is no model models:/nobody/1"):
        train_step("nowhere", plan("models:/nobody/1"))

"""The data that a model was trained on are known by their digest, wherever they are now."""

import shutil

import mlflow
import pytest

from fer.data.dataset import load_dataset
from fer.record import DatasetInput, Record
from fer.tracking import names
from fer.tracking.run_contents import log_record
from fer.tracking.runs import open_run
from fer.tracking.training_data import training_datasets


@pytest.fixture
def train(store):
    """Return a function that logs a training on the dataset in a folder, without one; it returns the run's id."""

    def log(folder, experiment="fer", **parameters):
        with open_run("train", "train", parameters, experiment=experiment) as run:
            dataset = load_dataset(folder)
            log_record(Record(inputs=[DatasetInput(dataset, str(folder), names.TRAINING_CONTEXT)]))
            return run.info.run_id

    return log


def test_a_renamed_folder_is_found_where_the_training_found_it(train, pack, tmp_path):
    pack("p", folder=tmp_path / "p1")
    train(tmp_path / "p1")
    (tmp_path / "p1").rename(tmp_path / "p2")
    again = train(tmp_path / "p2")
    (found,) = training_datasets(again)
    assert found.parts["p"].address == str(tmp_path / "p2")


def test_a_dataset_that_is_at_hand_is_recognised_by_its_digest(train, pack, tmp_path, refused):
    pack("p", folder=tmp_path / "p1")
    run = train(tmp_path / "p1")
    (tmp_path / "p1").rename(tmp_path / "p2")
    with refused(str(tmp_path / "p1"), "there is no dataset"):
        training_datasets(run)
    here = load_dataset(tmp_path / "p2")
    assert training_datasets(run, [here]) == [here]
    other = pack("q", seed=3, folder=tmp_path / "p1")
    with refused(str(tmp_path / "p1"), "not the one", "restore the original"):
        training_datasets(run, [other])
    assert training_datasets(run, [other, here]) == [here]


def test_a_run_of_an_earlier_version_has_only_the_servers_address_and_its_parameter(train, pack, tmp_path, monkeypatch):
    monkeypatch.setattr("fer.tracking.run_contents._TAG_LENGTH", 0)
    pack("p", folder=tmp_path / "p1")
    first = train(tmp_path / "p1")
    assert len(training_datasets(first)) == 1
    shutil.move(tmp_path / "p1", tmp_path / "p2")
    again = train(tmp_path / "p2", dataset=f"'{tmp_path / 'p2'}'")
    assert not any(tag.key == names.ADDRESS for tag in mlflow.get_run(again).inputs.dataset_inputs[0].tags)
    (found,) = training_datasets(again)
    assert found.parts["p"].address == str(tmp_path / "p2")


def test_the_data_of_an_ensemble_are_those_of_its_members(train, pack, tmp_path):
    pack("p", folder=tmp_path / "p1")
    pack("q", seed=1, folder=tmp_path / "q1")
    members = [train(tmp_path / "p1"), train(tmp_path / "q1"), train(tmp_path / "p1")]
    with open_run("ensemble", "ensemble", {"members": ", ".join(members)}) as run:
        pass
    assert [dataset.name for dataset in training_datasets(run.info.run_id)] == ["p", "q"]


def test_a_model_that_is_not_there_is_named_with_the_remedy(store, refused):
    for address in ("0" * 32, "models:/m-0", "models:/nobody/1", "models:/nobody@best"):
        with refused(address, "cannot be read", "train run"):
            training_datasets(address)

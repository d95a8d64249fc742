"""What would fail at the end of a long work is found out before it: no experiment is asked for, no face is read."""

import importlib

import mlflow
import pytest
import yaml
from click.testing import CliRunner

from fer.steps.ensembling import ensemble_step
from fer.steps.study import study_step
from fer.steps.training import train_step
from fer.study.reading import read_study
from fer.training.plan import TrainingPlan


@pytest.fixture
def store(tmp_path, monkeypatch):
    """An SQLite store that is not there yet, and stays so until something is logged."""
    before = mlflow.get_tracking_uri()
    monkeypatch.chdir(tmp_path)
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/mlflow.db")
    yield tmp_path / "mlflow.db"
    mlflow.set_tracking_uri(before)


def call(name, *arguments):
    return CliRunner().invoke(importlib.import_module(f"entrypoints.{name}").main, list(arguments))


@pytest.mark.parametrize(
    ("name", "arguments"), [("report", ["--experiment", "x"]), ("compare", ["--first", "x", "--second", "y"])]
)
def test_an_unknown_format(store, name, arguments):
    result = call(name, *arguments, "--format", "pdf")
    assert result.exit_code == 2 and "'pdf'" in result.output and not store.exists()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "either model= (with dataset=), a trained model, or predictions="),
        ({"model": "ab", "predictions": "a.csv", "dataset": "d"}, "give one of them"),
        ({"model": "ab"}, "evaluate needs dataset="),
        ({"predictions": "a.csv", "robustness": "blur"}, "robustness= needs the model itself"),
        ({"predictions": "a.csv", "test_time_augmentation": "flip"}, "test_time_augmentation= needs the model itself"),
        ({"model": "ab", "dataset": "d", "columns": "{label: truth}"}, "columns= is of a table of predictions"),
        ({"model": "ab", "dataset": "d", "labels": "{joy: happy}"}, "labels= is of a table of predictions"),
    ],
)
def test_an_evaluation_of_nothing_or_of_two_things(store, given, words):
    result = call(
        "evaluate", *(word for name, value in given.items() for word in (f"--{name.replace('_', '-')}", value))
    )
    [line] = [line for line in result.output.splitlines() if line.startswith("error: ")]
    assert result.exit_code == 2 and words in line and not store.exists()


def test_options_of_a_launcher_without_one(store):
    result = call("preprocess", "--launcher-options", "{gpus: 1}")
    assert result.exit_code == 2 and "launcher_options are for a launcher" in result.output and not store.exists()


def test_a_launcher_for_a_source_without_videos(store):
    result = call("preprocess", "--launcher", "slurm")
    assert result.exit_code == 2 and "source synthetic has no videos" in result.output and not store.exists()


def test_published_results_that_are_missing(store, tmp_path):
    content = {
        "name": "s",
        "about": "s",
        "datasets": {"one": {"source": "synthetic", "title": "one"}},
        "mixtures": [{"base": "one"}],
        "training": {"backbone": "cnn"},
        "test": {"dataset": "one", "attributes": []},
        "seeds": [0],
        "published": "nowhere.yaml",
    }
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(content))
    result = call("study", "--config", str(tmp_path / "study.yaml"))
    assert result.exit_code == 2 and "nowhere.yaml" in result.output and not store.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"options": {"tests": 30}}, ["no key 'tests' in source synthetic", "write test"]),
        ({"source": "synthetik"}, ["'synthetik'"]),
        ({"split_rule": "persons"}, ["'persons'"]),
    ],
)
def test_a_mistake_in_the_last_dataset_of_a_study_is_found_before_the_first_is_made(
    store, tmp_path, refused, change, words
):
    content = {
        "name": "s",
        "about": "s",
        "datasets": {
            "one": {"source": "synthetic", "title": "one"},
            "two": {"source": "synthetic", "title": "two", **change},
        },
        "mixtures": [{"base": "one"}],
        "training": {"backbone": "cnn"},
        "test": {"dataset": "two", "attributes": []},
    }
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(content))
    with refused(*words):
        study_step(read_study(tmp_path / "study.yaml"), None)
    assert not store.exists()


@pytest.mark.parametrize("name", ["", " ", "a/b", "a:b", "..", "a\nb", ".", "..a", "x" * 257])
def test_a_name_that_the_registry_refuses(refused, name):
    with refused("register_as", repr(name)[:80]):
        train_step("nowhere", TrainingPlan(backbone="cnn"), name)
    with refused("register_as", repr(name)[:80]):
        ensemble_step(["a", "b"], "nowhere", "average", name)

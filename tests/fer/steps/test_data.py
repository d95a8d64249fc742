"""A run that fails while it logs: its output is kept, and faces are not detected again."""

import pytest

from fer.data.dataset import load_dataset
from fer.preprocessing.pipeline import Recipe
from fer.steps import datasets as data
from fer.steps.datasets import preprocess_step


@pytest.fixture
def recipe(tmp_path, png_tree):
    png_tree(tmp_path / "raw", {f"train/{word}": [f"{n}.png" for n in range(4)] for word in ("happy", "sad")})
    return Recipe("tree", tmp_path / "raw", detector="haar")


@pytest.fixture
def unreachable(monkeypatch):
    """Let the tracking server be out of reach; return the folders that were to be logged."""
    asked = []

    def refuse(folder):
        asked.append(folder)
        raise ConnectionError("the server does not answer")

    monkeypatch.setattr(data, "log_dataset", refuse)
    return asked


@pytest.fixture
def reachable(monkeypatch):
    """Log nowhere; return the records that were to be logged."""
    logged = []
    monkeypatch.setattr(data, "log_record", lambda record, folder: logged.append(record))
    monkeypatch.setattr(data, "log_dataset", lambda folder: "runs:/0/dataset")
    return logged


def kept(cache):
    return [path for path in cache.glob("preprocess/*") if path.is_dir()]


def test_logging_that_fails_leaves_the_output_whole_and_the_faces_found(
    recipe, cache, tmp_path, searched, bright, unreachable
):
    with pytest.raises(ConnectionError):
        preprocess_step(recipe, tmp_path / "out")
    assert unreachable == [tmp_path / "out"]
    assert len(load_dataset(tmp_path / "out")) == 8
    assert {path.name for path in tmp_path.iterdir()} == {"raw", "out", "cache"}
    assert len(kept(cache)) == 1
    with pytest.raises(ConnectionError):
        preprocess_step(recipe, tmp_path / "again")
    assert searched == ["unit_00000"]
    assert load_dataset(tmp_path / "again").digest == load_dataset(tmp_path / "out").digest


def test_without_an_output_the_faces_found_are_kept_too(recipe, cache, tmp_path, searched, bright, unreachable):
    for _ in range(2):
        with pytest.raises(ConnectionError):
            preprocess_step(recipe)
    assert searched == ["unit_00000"]
    assert len(kept(cache)) == 1
    assert not any(folder.exists() for folder in unreachable)


def test_once_logged_what_was_found_is_forgotten(recipe, cache, tmp_path, searched, bright, reachable):
    assert preprocess_step(recipe, tmp_path / "out") == "runs:/0/dataset"
    [record] = reachable
    assert record.metrics["data/faces/train"] == 8 and "rejected.csv" in record.tables
    assert kept(cache) == []
    assert len(load_dataset(tmp_path / "out")) == 8


def test_an_existing_output_is_refused_before_the_search(recipe, tmp_path, searched, bright, refused):
    (tmp_path / "out").mkdir()
    with refused(str(tmp_path / "out"), "already exists"):
        preprocess_step(recipe, tmp_path / "out")
    assert searched == []

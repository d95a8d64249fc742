"""The datasets of a study file as recipes: places of the data, labels by number, and what may be set."""

from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from fer.preprocessing.pipeline import Recipe, preprocess
from fer.study.reading import read_study, recipes
from fer.study.schema import DatasetEntry

DATA = Path("/data")


@pytest.fixture
def recipe(tmp_path):
    """Return a maker of the recipe of a study's only dataset: ``recipe(data, entry=value, ...)``, or of YAML lines."""

    def make(data, lines="", **entries):
        entries = {"source": "tree", "title": "One", "raw": "{data}/one", **entries, **(yaml.safe_load(lines) or {})}
        content = {
            "name": "small", "about": "one set", "datasets": {"one": entries}, "mixtures": [{"base": "one"}],
            "test": {"dataset": "one"},
        }  # fmt: skip
        (tmp_path / "study.yaml").write_text(yaml.safe_dump(content))
        return recipes(read_study(tmp_path / "study.yaml"), data)["one"]

    return make


def test_the_place_of_the_data_is_known_in_raw_and_in_options(recipe):
    made = recipe(
        DATA,
        source="table",
        options={"file": "{data}/tables/{data}.csv", "columns": {"ethnicity": "race"}},
        detector="yunet",
        detector_options={"weights": "{data}/weights/yunet.onnx", "longest_side": 640},
    )
    assert made.raw == Path("/data/one")
    assert made.options == {"file": "/data/tables//data.csv", "columns": {"ethnicity": "race"}}
    assert made.detector_options == {"weights": "/data/weights/yunet.onnx", "longest_side": 640}


@pytest.mark.parametrize(
    "entries",
    [
        {},
        {"raw": "/raw", "options": {"file": "{data}/a.csv"}},
        {"raw": None, "detector_options": {"weights": "{data}/w.onnx"}},
    ],
    ids=["raw", "options", "detector options"],
)
def test_a_place_without_data_is_refused(recipe, refused, entries):
    with refused("small", "one", "data=<folder>"):
        recipe(None, **entries)


def test_without_a_place_no_data_is_needed(recipe):
    assert recipe(None, raw="/raw").raw == Path("/raw")
    assert recipe(None, raw=None, source="synthetic").raw is None


@pytest.mark.parametrize("raw", ["{dat}/one", "{data}/{name}", "{data/one", "one{}"])
def test_an_unknown_place_in_raw_is_refused(recipe, refused, raw):
    with refused("small", "one", raw, "unknown placeholder", "{data}"):
        recipe(DATA, raw=raw)


def test_the_folder_of_the_data_may_have_any_name(recipe):
    assert recipe(Path("/odd {name}")).raw == Path("/odd {name}/one")


def test_braces_in_other_options_are_left_alone(recipe):
    assert recipe(DATA, options={"pattern": "{3}"}).options == {"pattern": "{3}"}


def test_labels_may_be_numbers(recipe):
    made = recipe(DATA, "labels: {7: drop, 0: sad, '1': happy, Contempt: drop}")
    assert made.labels == {"7": "drop", "0": "sad", "1": "happy", "Contempt": "drop"}


def test_labels_that_are_no_mapping_are_named(recipe, refused):
    with refused("study.yaml", "datasets.one.labels"):
        recipe(DATA, labels=["contempt"])


def test_an_entry_has_a_recipe_s_fields_and_defaults(recipe):
    assert recipe(DATA) == Recipe("tree", DATA / "one", "one")
    assert set(DatasetEntry.model_fields) == {one.name for one in fields(Recipe)} - {"name"} | {"title"}


def test_damage_and_workers_may_be_set(recipe):
    made = recipe(DATA, max_rejected=0.2, workers=3)
    assert (made.max_rejected, made.workers) == (0.2, 3)
    plain = recipe(DATA)
    assert (plain.max_rejected, plain.workers) == (0.01, None)


@pytest.mark.parametrize(("entry", "value"), [("max_rejected", "much"), ("workers", 1.5), ("worker", 2)])
def test_what_cannot_be_set_is_named(recipe, refused, entry, value):
    with refused("study.yaml", f"datasets.one.{entry}"):
        recipe(DATA, **{entry: value})


def test_a_study_of_numbered_words_can_be_preprocessed(recipe, tmp_path, png_tree):
    png_tree(tmp_path / "one", {f"train/{word}": ["a.png", "b.png"] for word in ("7", "happy", "sad")})
    (tmp_path / "one" / "train" / "sad" / "a.png").write_bytes(b"")
    made = preprocess(recipe(tmp_path, "labels: {7: drop}", max_rejected=0.25), tmp_path / "out")
    assert sorted(made.dataset.samples["label"]) == ["happy", "happy", "sad"]
    assert made.dataset.lost["reason"].value_counts().to_dict() == {"label 7 dropped": 2, "unreadable": 1}

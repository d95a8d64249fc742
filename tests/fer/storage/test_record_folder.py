"""A record as a folder: everything is in it, complete or absent, and warnings are issued."""

import json
from dataclasses import replace

import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

from fer.errors import FerWarning
from fer.record import DatasetInput, Record
from fer.storage.record_folder import write_record


@pytest.fixture
def record(tiny_faces, tmp_path):
    copied = tmp_path / "made.bin"
    copied.write_bytes(b"made")
    figure = Figure(figsize=(2, 1))
    named = pd.DataFrame({"accuracy": [0.5]}, index=pd.Index(["a"], name="group"))
    return Record(
        metrics={"test/accuracy": 0.5},
        history={"test/robustness/blur": {0: 0.5, 5: 0.1}},
        parameters={"resolved/epochs": 3},
        tags={"fer.dataset": "tiny"},
        tables={"groups/race.csv": named, "plain.csv": named.reset_index(), "predictions.parquet": named.reset_index()},
        figures={"groups/race.png": figure},
        images={"groups_race": figure, "alone": Figure(figsize=(1, 1))},
        texts={"texts/note.txt": "a note"},
        files={"files/copied.bin": copied},
        warnings=["few faces.", "few clips."],
        description="# Tiny",
        inputs=[DatasetInput(tiny_faces, "runs:/1", "test")],
    )


def test_everything_is_written_at_its_place(record, tmp_path, tiny_faces):
    with pytest.warns(FerWarning, match="few"):
        write_record(record, tmp_path / "out")
    files = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert files == {
        "metrics.json", "history.json", "parameters.json", "tags.json", "inputs.json", "description.md", "warnings.csv",
        "groups/race.csv", "plain.csv", "predictions.parquet", "groups/race.png", "images/alone.png", "texts/note.txt",
        "files/copied.bin",
    }  # fmt: skip

    def read(name):
        return json.loads((tmp_path / "out" / name).read_text())

    assert read("metrics.json") == {"test/accuracy": 0.5, "test/robustness/blur": 0.1}
    assert read("history.json") == {"test/robustness/blur": {"0": 0.5, "5": 0.1}}
    assert (read("parameters.json"), read("tags.json")) == ({"resolved/epochs": 3}, {"fer.dataset": "tiny"})
    assert read("inputs.json") == [
        {"name": "tiny", "digest": tiny_faces.digest, "address": "runs:/1", "context": "test"}
    ]
    assert (tmp_path / "out" / "description.md").read_text() == "# Tiny\n"
    assert pd.read_csv(tmp_path / "out" / "warnings.csv")["warning"].tolist() == list(record.warnings)
    for table in ("groups/race.csv", "plain.csv"):
        assert pd.read_csv(tmp_path / "out" / table).to_dict("list") == {"group": ["a"], "accuracy": [0.5]}
    assert pd.read_parquet(tmp_path / "out" / "predictions.parquet").to_dict("list")["group"] == ["a"]
    assert (tmp_path / "out" / "files" / "copied.bin").read_bytes() == b"made"
    with Image.open(tmp_path / "out" / "groups" / "race.png") as drawn:
        assert drawn.size == (300, 150)


def test_what_is_not_there_has_no_file(tmp_path):
    write_record(Record(), tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["metrics.json"]
    assert json.loads((tmp_path / "out" / "metrics.json").read_text()) == {}


def test_a_folder_that_exists_is_refused_and_stays(record, tmp_path, refused):
    (tmp_path / "out").mkdir()
    with refused(str(tmp_path / "out"), "already exists"):
        write_record(record, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_record_that_cannot_be_written_leaves_nothing(record, tmp_path):
    clash = replace(record, texts={"metrics.json": "{}"})
    with pytest.raises(ValueError, match=r"two files of a record are to stand at metrics\.json"):
        write_record(clash, tmp_path / "out")
    assert not (tmp_path / "out").exists() and not list(tmp_path.glob(".out*"))


def test_warnings_can_be_left_to_the_caller(record, tmp_path, recwarn):
    write_record(record, tmp_path / "out", aloud=False)
    assert not [warning for warning in recwarn if "few" in str(warning.message)]

"""A command that is given again takes over what it has written already, and refuses anything else."""

import json
from dataclasses import replace

import pytest

from fer.preprocessing.pipeline import Recipe, preprocess
from fer.steps import balancing, datasets
from fer.steps.balancing import balance_step
from fer.steps.datasets import integrate_step, preprocess_step


@pytest.fixture
def recipe(tmp_path, png_tree):
    """Return the recipe of twelve images, one of which is damaged."""
    png_tree(tmp_path / "raw", {f"train/{word}": [f"{n}.png" for n in range(6)] for word in ("happy", "sad")})
    (tmp_path / "raw" / "train" / "sad" / "3.png").write_bytes(b"")
    return Recipe("tree", tmp_path / "raw", max_rejected=0.5)


@pytest.fixture
def logged(monkeypatch):
    """Log nowhere, or fail as long as ``broken`` is in the list; return the list of what was logged."""
    records = []

    def log(record, folder=None):
        if "broken" in records:
            raise KeyboardInterrupt
        records.append(record)

    for module in (datasets, balancing):
        monkeypatch.setattr(module, "log_record", log)
        monkeypatch.setattr(module, "log_dataset", lambda folder, artifact="dataset": f"runs:/0/{artifact}")
    return records


def content(folder):
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_preprocess_takes_over_its_own_dataset_with_all_that_it_reports(recipe, tmp_path, logged, capsys):
    output, first = tmp_path / "out", preprocess(recipe, tmp_path / "out")
    (tmp_path / ".out.reading-77").mkdir()
    before = content(output)
    assert preprocess_step(recipe, output) == "runs:/0/dataset"
    assert content(output) == before and not list(tmp_path.glob(".out*"))
    assert first.dataset.digest[:12] in capsys.readouterr().err
    again = preprocess(recipe, output)
    assert again.dataset.digest == first.dataset.digest and again.remarks == first.remarks
    assert again.rejected.equals(first.rejected) and len(again.rejected) == 1
    assert logged[0].metrics["data/rejected"] == 1


def test_preprocess_refuses_another_recipe_changed_raw_data_and_a_damaged_folder(recipe, tmp_path, refused):
    output = tmp_path / "out"
    preprocess(recipe, output)
    for other in (replace(recipe, size=32), replace(recipe, seed=5), replace(recipe, name="other")):
        with refused(str(output), "already exists", "not what this command makes"):
            preprocess(other, output)
    (tmp_path / "raw" / "train" / "sad" / "5.png").unlink()
    with refused(str(output), "already exists"):
        preprocess(recipe, output)
    (output / "dataset.json").write_text("{}")
    with refused(str(output), "already exists"):
        preprocess(recipe, output)


def test_a_folder_of_reading_that_a_killed_process_left_is_removed(recipe, tmp_path):
    left = tmp_path / ".out.reading-4194305-0badcafe"
    left.mkdir()
    (left / "faces.npy").write_bytes(b"half")
    preprocess(recipe, tmp_path / "out")
    assert not list(tmp_path.glob(".out*"))


@pytest.mark.parametrize("step", ["integrate", "balance"])
def test_a_mixture_is_taken_over_if_it_is_the_same(step, pack, tmp_path, logged, refused, capsys):
    pack("a", folder=tmp_path / "a")
    pack("b", seed=1, folder=tmp_path / "b")
    output = tmp_path / "out"

    def make(seed):
        if step == "balance":
            return balance_step(str(tmp_path / "a"), "undersample", "2", seed, {}, output)
        return integrate_step(str(tmp_path / "a"), str(tmp_path / "b"), "0.5", seed, output=output)

    make(0)
    before, count = content(output), len(logged)
    assert make(0) == "runs:/0/dataset" and len(logged) == 2 * count
    assert content(output) == before and "taken over" in capsys.readouterr().err
    with refused(str(output), "not what this command makes"):
        make(1)
    assert content(output) == before and len(logged) == 2 * count
    about = json.loads((output / "dataset.json").read_text())
    (output / "dataset.json").write_text(json.dumps({**about, "digest": 5}))
    with refused(str(output), "already exists"):
        make(0)


def test_an_output_that_cannot_be_written_is_refused_before_the_work(tmp_path, logged, refused, recipe):
    long = tmp_path / ("a" * 300)
    with refused("cannot be written", "too long"):
        integrate_step("nowhere", "none", "0", 0, output=long)
    with refused("cannot be written", "too long"):
        preprocess_step(recipe, long)

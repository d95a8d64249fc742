"""Which parameters determine a dataset, and what a preprocessing recipe's seed affects."""

import os
import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from tiny_onnx import constant_yolo

from fer.identity import files_fingerprint, identity
from fer.preprocessing import recipe as module
from fer.preprocessing.pipeline import Recipe, preprocess


@pytest.fixture
def table(tmp_path, png_tree):
    """Return the recipe of a table of four images, of which the last is not there."""
    png_tree(tmp_path / "raw", {"faces": ["a.png", "b.png", "c.png"]})
    lines = [f"faces/{name}.png,{word},train" for name, word in zip("abcd", ("happy", "sad") * 2, strict=True)]
    (tmp_path / "raw" / "faces.csv").write_text("\n".join(["file,label,split", *lines]))
    return Recipe("table", tmp_path / "raw" / "faces.csv", detector="haar", max_rejected=0.5)


def work(recipe, folder):
    """Return where the work on a recipe is kept, made now."""
    return preprocess(recipe, folder, keep=True).work


def draw(path, value=90):
    Image.fromarray(np.full((48, 48), value, np.uint8)).save(path)


def test_an_image_beside_a_table_that_appears_or_changes_is_other_work(table, tmp_path, searched, bright):
    first = work(table, tmp_path / "one")
    assert work(table, tmp_path / "two") == first
    draw(tmp_path / "raw" / "faces" / "a.png")
    changed = work(table, tmp_path / "three")
    draw(tmp_path / "raw" / "faces" / "d.png")
    appeared = work(table, tmp_path / "four")
    assert len({first, changed, appeared}) == 3


def test_other_rows_are_other_work_whatever_the_files_seem_to_be(table, tmp_path, searched, bright, monkeypatch):
    monkeypatch.setattr(module, "files_fingerprint", lambda path: "the same")
    first = work(table, tmp_path / "one")
    draw(tmp_path / "raw" / "faces" / "d.png")
    assert work(table, tmp_path / "two") != first


def test_an_image_added_to_a_linked_folder_is_another_dataset(tmp_path, png_tree):
    png_tree(tmp_path, {"raw/happy": ["a.png"], "elsewhere/sad": ["b.png"]})
    (tmp_path / "raw" / "sad").symlink_to(tmp_path / "elsewhere" / "sad")
    (tmp_path / "elsewhere" / "sad" / "round").symlink_to(tmp_path / "raw")
    facts = Recipe("tree", tmp_path / "raw").facts()
    assert Recipe("tree", tmp_path / "raw").facts() == facts
    draw(tmp_path / "elsewhere" / "sad" / "c.png")
    assert Recipe("tree", tmp_path / "raw").facts() != facts


@pytest.mark.parametrize("written", ["plain", "~/", "file://"])
def test_other_weights_under_one_name_are_another_dataset(table, tmp_path, monkeypatch, written):
    monkeypatch.setenv("HOME", str(tmp_path))
    file = tmp_path / "face model.onnx"
    file.write_bytes(constant_yolo(64, (32, 32, 20, 30), score=0.9))
    address = {"plain": str(file), "~/": "~/face model.onnx", "file://": file.as_uri()}[written]
    recipe = replace(table, detector="yolo", detector_options={"weights": address, "image_size": 64})
    facts, stat = recipe.facts(), file.stat()
    file.write_bytes(constant_yolo(64, (32, 32, 30, 20), score=0.9))
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert recipe.facts() != facts
    file.write_bytes(constant_yolo(64, (32, 32, 20, 30), score=0.9))
    moved = file.rename(tmp_path / "moved.onnx")
    assert replace(recipe, detector_options={"weights": str(moved), "image_size": 64}).facts() == facts


@pytest.mark.parametrize("change", [{"max_rejected": 0.9}, {"workers": 1}], ids=str)
def test_what_decides_no_face_is_the_same_dataset(table, tmp_path, searched, bright, change):
    other = replace(table, **change)
    assert other.facts() == table.facts()
    assert identity(other.facts(), {}) == identity(table.facts(), {})
    assert work(other, tmp_path / "two") == work(table, tmp_path / "one")
    assert searched == ["unit_00000"]


@pytest.mark.parametrize(
    "change", [{"confidence": 0.7}, {"seed": 1}, {"size": 24}, {"align": True}, {"limit": 2}], ids=str
)
def test_what_decides_faces_is_another_dataset(tmp_path, table, change):
    weights = tmp_path / "yunet.onnx"
    weights.write_bytes(b"any")
    recipe = replace(table, detector="yunet", detector_options={"weights": str(weights)})
    assert replace(recipe, **change).facts() != recipe.facts()


def test_moved_videos_are_the_same_work(clips, tmp_path, searched):
    raw = shutil.copytree(clips, tmp_path / "raw")
    recipe = Recipe("eila_videos", raw, detector="none")
    first, facts = work(recipe, tmp_path / "one"), recipe.facts()
    moved = replace(recipe, raw=raw.rename(tmp_path / "moved"))
    assert moved.facts() == facts
    assert work(moved, tmp_path / "two") == first
    assert len(searched) == 3


def test_a_files_name_that_is_no_text_has_a_fingerprint(tmp_path):
    before = files_fingerprint(tmp_path)
    (tmp_path / os.fsdecode(b"caf\xe9.png")).touch()
    assert files_fingerprint(tmp_path) != before


def splits(recipe):
    source, options = recipe.check()
    return source.read(recipe.raw, options).samples["split"].tolist()


def test_the_seed_reaches_the_grouped_draw(clips):
    recipe = Recipe("eila_videos", clips, detector="none", options={"splits": "grouped"})
    assert splits(recipe) == splits(recipe)
    assert splits(replace(recipe, seed=5)) != splits(recipe)
    own = replace(recipe, seed=5, options={"splits": "grouped", "seed": 0})
    assert splits(own) == splits(recipe)
    assert replace(recipe, seed=5).facts()["options"]["seed"] == 5


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_out_of_range_is_refused(table, tmp_path, refused, seed):
    with refused(f"seed {seed}", "0..4294967295"):
        preprocess(replace(table, seed=seed), tmp_path / "out")
    replace(table, seed=2**32 - 1).check()


def test_labels_may_be_given_by_number(clips, tmp_path, searched):
    labels = {7: "drop", "Happy": "drop"}
    recipe = Recipe("eila_videos", clips, detector="none", labels=labels)
    assert "happy" not in set(preprocess(recipe, tmp_path / "out").dataset.samples["label"])
    assert recipe.facts() == replace(recipe, labels={"7": "drop", "Happy": "drop"}).facts()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"limit": 0}, ["limit 0"]),
        ({"split_ratios": (0.9, 0.9, 0.9)}, ["0.9", "add up to 1"]),
        ({"emotions": ("joyful",)}, ["'joyful'"]),
        ({"emotions": ("happy", "happy")}, ["happy is given twice"]),
        ({"labels": {"happy": "glad"}}, ["'glad'"]),
        ({"name": ""}, ["the dataset's name", "is empty"]),
        ({"seed": -1}, ["seed -1"]),
    ],
)
def test_what_no_data_can_mend_is_refused_before_it_is_read(given, words, refused):
    with refused(*words):
        Recipe("synthetic", **given).check()

"""Every row of the raw data is kept or listed as lost with its cause; and remarks on shared faces."""

import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fer.data.lost import without_answer
from fer.preprocessing.pipeline import LIMITED, Recipe, preprocess
from fer.sources.eila_videos import Options, read

WORDS = ("happy", "sad", "contempt")


@pytest.fixture
def table(tmp_path, png_tree):
    """Return the recipe of a table of 60 images: a third contempt, two black, one damaged, one not there."""
    names = {f"train/{word}": [f"{number:02d}.png" for number in range(20)] for word in WORDS}
    png_tree(tmp_path / "raw", names)
    raw = tmp_path / "raw"
    for name in ("train/happy/04.png", "train/sad/05.png"):
        Image.fromarray(np.zeros((48, 48), np.uint8)).save(raw / name)
    (raw / "train/happy/07.png").write_bytes(b"")
    lines = [f"{place}/{file},{place[6:]},train,{place[6:]}" for place, files in names.items() for file in files]
    (raw / "faces.csv").write_text("\n".join(["file,label,split,race", *lines]))
    (raw / "train/sad/09.png").unlink()
    return Recipe("table", raw / "faces.csv", labels={"contempt": "drop"}, detector="haar", max_rejected=0.1)


def test_kept_and_lost_are_all_rows_and_each_once(table, searched, bright, tmp_path):
    dataset = preprocess(replace(table, limit=30), tmp_path / "out").dataset
    reasons = dataset.lost["reason"].value_counts().to_dict()
    searched_for = len(dataset) + reasons.get("no face", 0) + reasons.get("unreadable", 0)
    assert searched_for == 30
    assert reasons[LIMITED] == 39 - 30
    assert LIMITED == "left out by limit"
    assert reasons["label contempt dropped"] == 20
    assert reasons["file missing"] == 1
    everyone = [*dataset.samples["sample_id"], *dataset.lost["sample_id"]]
    paths = [f"table/train/{word}/{number:02d}.png" for word in WORDS for number in range(20)]
    assert sorted(everyone) == sorted(paths)
    limited = dataset.lost[dataset.lost["reason"] == LIMITED]
    assert set(limited["label"]) <= {"happy", "sad"} and set(limited["split"]) == {"train"}
    assert (limited["race"] == limited["label"]).all()


def test_without_a_limit_each_reason_has_its_rows(table, searched, bright, tmp_path):
    dataset = preprocess(table, tmp_path / "out").dataset
    assert dataset.lost["reason"].value_counts().to_dict() == {
        "label contempt dropped": 20, "no face": 2, "unreadable": 1, "file missing": 1,
    }  # fmt: skip
    assert len(dataset) == 60 - 24
    # What a user would have waited for in vain, not what was left out on purpose.
    assert without_answer(dataset.lost)["reason"].value_counts().to_dict() == {
        "no face": 2, "unreadable": 1, "file missing": 1,
    }  # fmt: skip
    emotions = preprocess(replace(table, limit=10, emotions=("happy",)), tmp_path / "few").dataset
    assert set(without_answer(emotions.lost)["reason"]) <= {"no face", "unreadable", "file missing"}


def test_a_limit_over_images_that_are_faces_is_accounted_for_too(table, tmp_path):
    dataset = preprocess(replace(table, detector="none", limit=10), tmp_path / "out").dataset
    assert len(dataset) + len(dataset.lost) == 60
    assert (dataset.lost["reason"] == LIMITED).sum() == 39 - 10


def test_what_a_limit_leaves_out_is_no_damage(table, searched, bright, tmp_path):
    made = preprocess(replace(table, limit=30), tmp_path / "out")
    assert not set(made.rejected["kind"]) - {"file missing", "unreadable"}
    assert list(pd.read_csv(tmp_path / "out" / "rejected.csv")) == ["file", "kind", "reason"]


@pytest.mark.parametrize("detector", ["none", "haar"])
def test_damage_met_while_listing_and_while_reading_is_one_share(
    detector, searched, bright, tmp_path, png_tree, refused
):
    raw = tmp_path / "raw"
    png_tree(raw, {f"train/{word}": [f"Training_{n}.png" for n in range(10)] for word in ("happy", "sad")})
    png_tree(raw, {f"test/{word}": [f"PublicTest_{n}.png" for n in range(10)] for word in ("happy", "sad")})
    for number in range(2):
        (raw / f"train/happy/Training_{number}.png").rename(raw / f"train/happy/Odd_{number}.png")
        (raw / f"test/sad/PublicTest_{number}.png").write_bytes(b"")
    recipe = Recipe("fer2013", raw, detector=detector, max_rejected=0.09)
    with refused("4 of 40", "10.0%", "max_rejected=9.0%"):
        preprocess(recipe, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    made = preprocess(replace(recipe, max_rejected=0.1), tmp_path / "out")
    assert len(made.rejected) == 4 and len(made.dataset) == 36


def test_damage_is_a_share_of_what_was_looked_at_too(table, tmp_path, refused):
    for number in range(16):  # Of ten drawn, at least six: above a fifth of those, below a fifth of all.
        (tmp_path / "raw" / f"train/happy/{number:02d}.png").write_bytes(b"")
    few = replace(table, detector="none", limit=20, max_rejected=0.2)
    with refused("of 20", "max_rejected=20.0%"):
        preprocess(few, tmp_path / "out")


def test_boxes_of_images_with_equal_numbers_are_not_one_face(tmp_path, png_tree, searched, bright):
    png_tree(tmp_path / "raw", {".": ["a.png", "b.png", "c.png"]})
    lines = [f"{name}.png,{word},train,film,7" for name, word in zip("abc", ("sad", "happy", "sad"), strict=True)]
    (tmp_path / "raw" / "faces.csv").write_text("\n".join(["file,label,split,video,frame", *lines]))
    made = preprocess(Recipe("table", tmp_path / "raw", detector="haar"), tmp_path / "out")
    assert made.dataset.samples["face_width"].tolist() == [48] * 3
    assert made.shared.empty


def test_boxes_of_one_frame_of_a_video_that_are_one_face_are_reported(clips, tmp_path, searched):
    raw = shutil.copytree(clips, tmp_path / "raw")
    table = pd.read_csv(raw / "annotations.csv", dtype="str", keep_default_na=False)
    beside = table.iloc[[4]].assign(Width=(table["Width"].astype(float)[4:5] + 0.3).astype(str))
    pd.concat([table, beside]).to_csv(raw / "annotations.csv", index=False)
    made = preprocess(Recipe("eila_videos", raw, detector="none"), tmp_path / "out")
    ids = read(raw, Options()).samples["sample_id"]
    assert made.shared["sample_id"].tolist() == [ids[4], ids[60]]

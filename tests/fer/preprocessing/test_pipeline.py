"""Raw files to a dataset: what is read, what is counted and named, and what is refused."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fer.data.balancing import make_balanced
from fer.data.dataset import load_dataset
from fer.data.mixing import integrate
from fer.preprocessing.pipeline import Recipe, preprocess

FILES = {f"{part}/{emotion}": 10 for part in ("train", "test") for emotion in ("happy", "sad")}


@pytest.fixture
def raw(tmp_path, png_tree):
    """Return the folder of a small FER2013 in folders: 20 training and 20 test faces."""
    usage = {"train": "Training", "test": "PublicTest"}
    png_tree(
        tmp_path / "raw",
        {place: [f"{usage[place.split('/')[0]]}_{n}.png" for n in range(count)] for place, count in FILES.items()},
    )
    return tmp_path / "raw"


@pytest.fixture
def recipe(raw):
    return Recipe("fer2013", raw)


def test_the_dataset_stands_in_its_folder_with_an_empty_list_of_rejected_files(recipe, tmp_path):
    made = preprocess(recipe, tmp_path / "out")
    dataset, rejected = made.dataset, made.rejected
    assert len(dataset) == 40
    assert dataset.name == "fer2013"
    assert rejected.empty
    assert list(pd.read_csv(tmp_path / "out" / "rejected.csv")) == ["file", "kind", "reason"]
    assert load_dataset(tmp_path / "out").digest == dataset.digest
    assert dataset.provenance["options"] == {"splits": "paper"}
    assert dataset.provenance["rejected"] == 0


def test_pixels_are_those_of_the_files(recipe, raw, tmp_path):
    dataset = preprocess(recipe, tmp_path / "out").dataset
    row = int(np.flatnonzero(dataset.samples["sample_id"] == "fer2013/sad/Training_7")[0])
    assert np.array_equal(dataset.faces()[row, :, :, 0], np.asarray(Image.open(raw / "train/sad/Training_7.png")))


def test_the_same_files_give_the_same_digest_and_a_name_of_ones_own(recipe, tmp_path):
    first, again, named = (
        preprocess(made, tmp_path / folder).dataset
        for folder, made in (("a", recipe), ("b", recipe), ("c", replace(recipe, name="mine")))
    )
    assert first.digest == again.digest
    assert named.samples["source"].unique().tolist() == ["mine"]
    assert named.samples["sample_id"].iloc[0].startswith("mine/")


def damage(raw):
    """Cut one file, replace one with text, empty one; return their ids."""
    whole = (raw / "train/happy/Training_3.png").read_bytes()
    (raw / "train/happy/Training_3.png").write_bytes(whole[: len(whole) // 2])
    (raw / "train/sad/Training_4.png").write_text("no image")
    (raw / "test/sad/PublicTest_5.png").write_bytes(b"")
    return ["happy/Training_3", "sad/Training_4", "sad/PublicTest_5"]


def test_unreadable_files_are_counted_and_named_and_the_rest_goes_on(recipe, raw, tmp_path):
    intact = preprocess(recipe, tmp_path / "intact").dataset
    bad = damage(raw)
    made = preprocess(replace(recipe, max_rejected=0.08), tmp_path / "out")
    dataset, rejected = made.dataset, made.rejected
    assert sorted(rejected["file"]) == sorted(bad)
    assert rejected["reason"].str.startswith("unreadable image: ").all()
    assert pd.read_csv(tmp_path / "out" / "rejected.csv").equals(rejected.astype("str"))
    assert dataset.provenance["rejected"] == 3
    left = ~intact.samples["sample_id"].isin([f"fer2013/{name}" for name in bad]).to_numpy()
    assert dataset.samples["sample_id"].tolist() == intact.samples.loc[left, "sample_id"].tolist()
    assert np.array_equal(dataset.faces(), intact.faces()[left])


def test_more_damage_than_the_stated_share_is_refused_and_leaves_nothing(recipe, raw, tmp_path, refused):
    damage(raw)
    with refused("fer2013", "3 of 40", "7.5%", "max_rejected=7.0%", "raise max_rejected"):
        preprocess(replace(recipe, max_rejected=0.07), tmp_path / "out")
    assert {path.name for path in tmp_path.iterdir()} == {"raw"}


def test_nothing_but_damage_is_refused_whatever_the_share(recipe, raw, tmp_path, refused):
    for file in raw.rglob("*.png"):
        file.write_bytes(b"")
    with refused("40 of 40"):
        preprocess(replace(recipe, max_rejected=1.0), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_limit_does_not_make_a_rare_bad_file_look_like_damage(recipe, raw, tmp_path):
    (raw / "train/happy/Training_0.png").rename(raw / "train/happy/Nameless_0.png")
    made = preprocess(replace(recipe, max_rejected=0.03, limit=4), tmp_path / "out")
    dataset, rejected = made.dataset, made.rejected
    assert rejected["file"].tolist() == ["train/happy/Nameless_0.png"]
    assert (dataset.samples["split"] == "train").sum() == 4


def test_a_limit_caps_the_training_split(recipe, tmp_path):
    dataset = preprocess(replace(recipe, limit=10), tmp_path / "out").dataset
    assert dataset.samples.groupby(["split", "label"]).size().tolist() == [5, 5, 5, 5]
    whole = preprocess(recipe, tmp_path / "whole").dataset
    positions = whole.samples.reset_index().set_index("sample_id").loc[dataset.samples["sample_id"], "index"]
    assert np.array_equal(dataset.faces(), whole.faces(positions.to_numpy()))


@pytest.mark.parametrize(("size", "channels"), [(48, 1), (48, 3), (24, 1), (96, 3), (8, 1)])
def test_sizes_and_channels(recipe, tmp_path, size, channels):
    dataset = preprocess(replace(recipe, size=size, channels=channels), tmp_path / "out").dataset
    assert dataset.face_shape == (size, size, channels)
    assert dataset.faces().shape == (40, size, size, channels)


def test_interpolations_differ_and_nearest_invents_no_value(recipe, raw, tmp_path):
    for file in raw.rglob("*.png"):
        Image.fromarray(np.where(np.asarray(Image.open(file)) > 127, 255, 0).astype(np.uint8)).save(file)
    faces = {
        name: preprocess(replace(recipe, size=20, interpolation=name), tmp_path / name).dataset.faces()
        for name in ("nearest", "bilinear", "bicubic", "area")
    }
    assert set(np.unique(faces["nearest"])) == {0, 255}
    assert len(np.unique(faces["bilinear"])) > 100
    digests = {name: value.tobytes() for name, value in faces.items()}
    assert len(set(digests.values())) == 4


def test_a_source_that_draws_its_faces_draws_them_at_the_size_wanted(tmp_path):
    options = {"train": 12, "validation": 4, "test": 4}
    made = preprocess(Recipe("synthetic", options=options, size=24, channels=3), tmp_path / "out")
    dataset, rejected = made.dataset, made.rejected
    assert dataset.face_shape == (24, 24, 3)
    assert len(dataset) == 20
    assert rejected.empty


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"source": "nowhere"}, ("'nowhere'", "fer2013, ferplus, sfew, eila")),
        ({"channels": 2}, ("channels 2", "1 (gray)", "3 (RGB)")),
        ({"size": 7}, ("size 7", "8..1024")),
        ({"size": 1025}, ("size 1025", "8..1024")),
        ({"interpolation": "cubic"}, ("'cubic'", "nearest, bilinear, bicubic, area")),
        ({"options": {"split": "paper"}}, ("'split'", "splits")),
        ({"options": {"splits": "mine"}}, ("'splits'", "paper")),
        ({"raw": None}, ("fer2013", "raw=")),
        ({"limit": 0}, ("limit 0", "at least 1")),
        ({"max_rejected": 1.5}, ("max_rejected", "1.5")),
        ({"max_rejected": -0.1}, ("max_rejected", "-0.1")),
    ],
)
def test_a_recipe_that_cannot_be_is_refused(recipe, tmp_path, change, words, refused):
    with refused(*words):
        preprocess(replace(recipe, **change), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_missing_and_empty_raw_folders_are_named(recipe, tmp_path, refused):
    with refused("fer2013", str(tmp_path / "absent"), "raw="):
        preprocess(replace(recipe, raw=tmp_path / "absent"), tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with refused(str(tmp_path / "empty"), "empty"):
        preprocess(replace(recipe, raw=tmp_path / "empty"), tmp_path / "out")


def test_folders_without_any_image_are_refused(recipe, raw, tmp_path, refused):
    for file in raw.rglob("*.png"):
        file.unlink()
    with refused("no faces found", str(raw)):
        preprocess(recipe, tmp_path / "out")


def test_a_standing_output_is_not_overwritten(recipe, tmp_path, refused):
    (tmp_path / "out").mkdir()
    with refused(str(tmp_path / "out"), "already exists"):
        preprocess(recipe, tmp_path / "out")


def test_what_auto_stands_for_is_in_the_provenance(recipe, tmp_path):
    made = preprocess(recipe, tmp_path / "out").dataset
    assert made.provenance["resolved"] == {"detector": "none", "split_rule": "given"}


def test_drawn_faces_are_known_as_such_also_in_a_mixture_and_when_more_are_made_from_them(recipe, tmp_path):
    options = {"train": 70, "validation": 35, "test": 35}
    drawn, other = (
        preprocess(Recipe("synthetic", name=name, options=options, size=24), tmp_path / name).dataset
        for name in ("one", "two")
    )
    assert drawn.drawn and integrate(drawn, other, Decimal("0.5"), 0).drawn
    assert make_balanced(drawn, tmp_path / "made", "augment", "20").drawn
    read = preprocess(replace(recipe, size=24), tmp_path / "out").dataset
    assert not read.drawn and not integrate(drawn, read, Decimal("0.5"), 0).drawn

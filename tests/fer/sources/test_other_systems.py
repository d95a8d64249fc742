"""Files as other systems leave them: names that are no UTF-8, byte order marks, links to folders."""

import os
import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fer.preprocessing.pipeline import Recipe, preprocess
from fer.sources import SOURCES, parse_options
from fer.sources.layouts import image_paths

# By source: a good image, and one whose name is Latin-1.
NAMES = {
    "tree": (b"train/angry/a.png", b"train/angry/caf\xe9.png"),
    "ckplus": (b"anger/S010_004_00000017.png", b"anger/S010_004_0000001\xe9.png"),
    "by_dataset": (b"CK_Angry/a.png", b"CK_Angry/caf\xe9.png"),
    "affectnet": (b"anger/a.png", b"anger/caf\xe9.png"),
    "rafdb": (b"train/1/a.png", b"train/1/caf\xe9.png"),
    "fer2013": (b"train/angry/Training_1.png", b"train/angry/Training_\xe9.png"),
    "sfew": (b"Train_Aligned_Faces/Angry/film_1_2.png", b"Train_Aligned_Faces/Angry/caf\xe9_1_2.png"),
}
BESIDE = {"fer2013": ["test/sad/PublicTest_1.png"], "sfew": ["Val_Aligned_Faces_new/Sad/film_9_2.png"]}


def draw(folder, name):
    """Write an image of noise under a name in bytes."""
    path = os.path.join(os.fsencode(folder), os.fsencode(name))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    pixels = np.random.default_rng(len(name)).integers(0, 256, (48, 48), dtype=np.uint8)
    with open(path, "wb") as file:
        Image.fromarray(pixels).save(file, format="PNG")


@pytest.mark.parametrize("source", NAMES)
def test_a_name_that_is_no_text_is_rejected_and_named_and_the_rest_goes_on(source, tmp_path):
    for name in (*NAMES[source], *BESIDE.get(source, [])):
        draw(tmp_path / "raw", name)
    listing = SOURCES[source].read(tmp_path / "raw", parse_options(source, {}))
    assert len(listing.samples) == 1 + len(BESIDE.get(source, []))
    [row] = listing.rejected.to_dict("records")
    assert row["file"] == NAMES[source][1].decode("utf-8", "surrogateescape").encode(
        "utf-8", "backslashreplace"
    ).decode()  # fmt: skip
    assert row["reason"]
    made = preprocess(Recipe(source, tmp_path / "raw", max_rejected=0.5, split_rule="stratified",
                             split_ratios=(1, 0, 0)), tmp_path / "out")  # fmt: skip
    assert len(made.dataset) == len(listing.samples)
    assert pd.read_csv(tmp_path / "out" / "rejected.csv")["file"].tolist() == [row["file"]]
    assert len(made.dataset.lost) == 1


@pytest.mark.parametrize("name", [b"ang\xe9/a.png", b"angry/x/y/\xe9.png", b"\xe9.png", b"\xe9/x/\xff.png"])
def test_so_is_a_folder_and_a_path_of_another_kind(name, tmp_path):
    draw(tmp_path, b"angry/a.png")
    draw(tmp_path, name)
    listing = SOURCES["tree"].read(tmp_path, parse_options("tree", {}))
    assert listing.samples["sample_id"].tolist() == ["angry/a.png"]
    assert len(listing.rejected) == 1


def test_so_is_an_image_that_a_table_does_not_name(tmp_path):
    draw(tmp_path, b"anger/a.png")
    draw(tmp_path, b"anger/caf\xe9.png")
    (tmp_path / "labels.csv").write_text("pth,label\nanger/a.png,anger\n")
    listing = SOURCES["affectnet"].read(tmp_path, parse_options("affectnet", {"labels_from": "table"}))
    assert listing.rejected["file"].tolist() == ["anger/caf\\udce9.png"]


def test_names_in_other_scripts_are_names(tmp_path):
    draw(tmp_path, "angry/é顔\U0001f600.png")
    listing = SOURCES["tree"].read(tmp_path, parse_options("tree", {}))
    assert listing.samples["sample_id"].tolist() == ["angry/é顔\U0001f600.png"]
    assert listing.rejected.empty


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_rafdbs_labels_may_begin_with_a_byte_order_mark(encoding, tmp_path):
    for number in (1, 2):
        draw(tmp_path, f"Image/aligned/train_0000{number}_aligned.jpg")
    (tmp_path / "EmoLabel").mkdir()
    lines = "train_00001.jpg 5\ntrain_00002.jpg 4\n"
    (tmp_path / "EmoLabel" / "list_patition_label.txt").write_text(lines, encoding=encoding)
    listing = SOURCES["rafdb"].read(tmp_path, parse_options("rafdb", {}))
    assert listing.samples["label"].tolist() == ["5", "4"]
    assert listing.rejected.empty


@pytest.mark.parametrize("header", ["emotion,pixels,Usage", "Usage,emotion,pixels"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_fer2013s_table_may_begin_with_a_byte_order_mark(encoding, header, tmp_path):
    fields = {"emotion": "3", "pixels": " ".join(["7"] * 48 * 48), "Usage": "Training"}
    lines = [header, ",".join(fields[name] for name in header.split(","))]
    (tmp_path / "fer2013.csv").write_text("\n".join(lines), encoding=encoding)
    listing = SOURCES["fer2013"].read(tmp_path, parse_options("fer2013", {}))
    assert listing.samples["label"].tolist() == ["happy"]
    assert listing.read(0).mean() == 7


def test_links_beside_one_another_to_one_folder_are_read_once(tmp_path):
    draw(tmp_path / "elsewhere", b"a.png")
    (tmp_path / "raw").mkdir()
    for name in ("happy", "sad", "angry"):
        (tmp_path / "raw" / name).symlink_to(tmp_path / "elsewhere")
    assert image_paths(tmp_path / "raw") == ["angry/a.png"]


def test_a_link_round_to_the_folder_itself_ends(tmp_path):
    draw(tmp_path / "raw", b"happy/a.png")
    (tmp_path / "raw" / "happy" / "round").symlink_to(tmp_path / "raw")
    (tmp_path / "raw" / "aside").symlink_to(tmp_path / "raw" / "happy")
    assert len(image_paths(tmp_path / "raw")) == 1
    shutil.rmtree(tmp_path / "raw" / "happy")
    assert image_paths(tmp_path / "raw") == []

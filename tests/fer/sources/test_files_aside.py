"""Nothing in a raw folder is passed over without a word: it is read, rejected, or counted and named."""

import numpy as np
import pytest
from PIL import Image

from fer.sources import SOURCES, parse_options
from fer.sources.images import IMAGE_SUFFIXES

# By source: two good images and a folder in which faces are looked for.
GOOD = {
    "tree": (["angry/a.png"], "angry"),
    "ckplus": (["anger/S010_004_00000017.png"], "anger"),
    "jaffe": (["KA.AN1.39.tiff"], "."),
    "by_dataset": (["CK_Angry/S010_004_00000017.png"], "CK_Angry"),
    "affectnet": (["anger/a.png"], "anger"),
    "rafdb": (["train/1/train_1_aligned.png"], "train/1"),
    "fer2013": (["train/angry/Training_1.png", "test/sad/PublicTest_1.png"], "test/sad"),
    "sfew": (
        ["Train_Aligned_Faces/Angry/f_1_2.png", "Val_Aligned_Faces_new/Sad/f_9_2.png"],
        "Val_Aligned_Faces_new/Sad",
    ),
}


def draw(path, **how):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (48, 48), dtype=np.uint8)).save(path, **how)


@pytest.fixture
def listed(tmp_path):
    def make(source, files=(), **options):
        for file in (*GOOD[source][0], *files):
            draw(tmp_path / file, format="PNG")
        return SOURCES[source].read(tmp_path, parse_options(source, options))

    return make


@pytest.mark.parametrize("source", GOOD)
def test_pictures_that_are_not_read_are_rejected_and_other_files_named(listed, source, tmp_path):
    files, folder = GOOD[source]
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    for name in ("photo.heic", "PHOTO2.HEIC", "notes.txt", "list", "Thumbs.db", ".hidden.txt"):
        (tmp_path / folder / name).write_bytes(b"x")
    listing = listed(source)
    assert len(listing.samples) == len(files)
    assert sorted(name.rpartition("/")[2] for name in listing.rejected["file"]) == ["PHOTO2.HEIC", "photo.heic"]
    assert listing.rejected["kind"].unique().tolist() == ["unread format"]
    found = [remark for remark in listing.remarks if "not read" in remark]
    assert len(found) == 1
    assert found[0].startswith("2 files are of a kind that is not read")
    assert "notes.txt" in found[0] and "1 without suffix" in found[0]


@pytest.mark.parametrize("source", ["sfew", "fer2013"])
def test_pictures_outside_the_folders_that_are_read_are_counted(listed, source):
    listing = listed(source, ["Other/a.png", "loose.jpg"])
    assert listing.rejected.empty
    assert listing.remarks == (
        "2 pictures are outside the folders that are read: 1 .png, 1 .jpg (Other/a.png, loose.jpg).",
    )


@pytest.mark.parametrize("source", ["tree", "sfew", "fer2013", "ckplus", "jaffe", "by_dataset", "affectnet"])
def test_a_folder_without_anything_else_gives_no_remark(listed, source):
    assert listed(source).remarks == ()


@pytest.mark.parametrize("suffix", [".jfif", ".jpe", ".pgm", ".jp2", ".avif", ".JPG", ".dib", ".tga", ".pnm", ".apng"])
def test_what_pillow_reads_is_read(tmp_path, suffix):
    assert suffix.lower() in IMAGE_SUFFIXES
    draw(tmp_path / "angry" / f"a{suffix}")
    listing = SOURCES["tree"].read(tmp_path, parse_options("tree", {}))
    assert listing.samples["sample_id"].tolist() == [f"angry/a{suffix}"]
    assert listing.read(0).shape[:2] == (48, 48)


CONTRADICTIONS = {
    "rafdb": ("train/1/test_0001_aligned.jpg", "test", "train"),
    "fer2013": ("train/angry/PublicTest_7.png", "PublicTest", "train"),
    "by_dataset": ("FACES_Happy/004_o_m_a_a.jpg", "angry (a)", "Happy"),
}


@pytest.mark.parametrize("source", CONTRADICTIONS)
def test_a_name_that_contradicts_its_folder_is_rejected_and_says_so(listed, source):
    file, name, folder = CONTRADICTIONS[source]
    listing = listed(source, [file])
    assert listing.rejected["file"].tolist() == [file]
    assert f"its name says {name}, its folder {folder}" in listing.rejected["reason"][0]
    assert len(listing.samples) == len(GOOD[source][0])


@pytest.mark.parametrize(
    ("file", "accepted"),
    [("JAFFE_Happy/KA.AN1.39.tiff", False),
     ("JAFFE_Anger/KA.AN1.39.tiff", True), ("MUG_Sad/004_su_001_0110.jpg", False),
     ("MUG_Sad/004_sa_001_0110.jpg", True), ("FACES_Contempt/004_o_m_a_a.jpg", True), ("DEFSS_Sad/happy_1.jpg", True)],
)  # fmt: skip
def test_codes_in_names_are_known_by_dataset(listed, file, accepted):
    assert (file in listed("by_dataset", [file]).samples["sample_id"].tolist()) == accepted


@pytest.mark.parametrize("name", ["CK+48", "CK+", "CKPLUS", "CK-Plus", "ck", "CKplus48", "CK48"])
def test_ck_is_known_by_all_of_its_names(tmp_path, name):
    draw(tmp_path / f"{name}_anger" / "S010_004_00000017.png")
    listing = SOURCES["by_dataset"].read(tmp_path, parse_options("by_dataset", {}))
    [row] = listing.samples.to_dict("records")
    low = name.lower()
    assert (row["dataset"], row["age_group"]) == (low, "adults")
    assert (row["person"], row["clip"]) == (f"{low}/S010", f"{low}/S010_004")
    assert listing.remarks == ()


def test_a_dataset_that_is_not_known_and_names_without_metadata_are_remarked_on(tmp_path):
    for file in ("Ours_Angry/a.png", "CK_Angry/img_1.png", "CK_Angry/S010_004_00000017.png"):
        draw(tmp_path / file)
    remarks = SOURCES["by_dataset"].read(tmp_path, parse_options("by_dataset", {})).remarks
    assert any("1 of 2 file names of ck do not name the person" in remark for remark in remarks)
    assert any("knows no dataset ours" in remark for remark in remarks)
    options = parse_options("by_dataset", {"age_groups": {"ours": "children"}})
    assert not any("ours" in remark for remark in SOURCES["by_dataset"].read(tmp_path, options).remarks)


@pytest.mark.parametrize("source", ["rafdb", "affectnet"])
def test_the_run_says_how_numbers_were_read(listed, source):
    folder = "train/6" if source == "rafdb" else "6"
    [remark] = [text for text in listed(source, [f"{folder}/train_9.png"]).remarks if "by number" in text]
    assert "6 angry" in remark and "labels" in remark


def test_words_say_nothing_of_numbers(listed):
    assert listed("affectnet").remarks == ()

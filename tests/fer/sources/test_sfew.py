"""SFEW: film, time and frame from the name; missing parts refused."""

import shutil

import numpy as np
import pytest

from fer.sources.sfew import Options, read

STILLS = ["Harry_Potter_001405440_00000011.png", "Hangover_002.5_000123_00000007.png", "Odd-name.png"]


@pytest.fixture
def raw(tmp_path, png_tree):
    folders = {f"{part}/{emotion}": STILLS for part in ("Train_Aligned_Faces", "Val_Aligned_Faces_new")
               for emotion in ("Angry", "Surprise")}  # fmt: skip
    return tmp_path, png_tree(tmp_path, folders, size=(181, 143, 3))


def test_every_still_is_listed_with_its_film(raw):
    listing = read(raw[0], Options())
    assert len(listing.samples) == 12
    assert listing.samples["sample_id"].is_unique
    assert listing.rejected.empty
    row = listing.samples.set_index("sample_id").loc["train/angry/Harry_Potter_001405440_00000011"]
    assert row.tolist() == ["angry", "train", "Harry_Potter", "Harry_Potter_001405440", 11]
    films = set(listing.samples["video"].dropna())
    assert films == {"Harry_Potter", "Hangover_002.5"}


def test_a_name_of_another_kind_has_no_film_but_stays(raw):
    samples = read(raw[0], Options()).samples.set_index("sample_id")
    assert samples.loc["validation/surprise/Odd-name", ["video", "clip", "frame"]].isna().all()


@pytest.mark.parametrize("name", ["OceansThirteen-010619400_00000087", "IAmSam_013827920__00000055"])
def test_the_releases_irregular_names_keep_their_film(raw, name):
    """Four training files of SFEW 2.0 are named so."""
    (raw[0] / "Train_Aligned_Faces" / "Angry" / f"{name}.png").touch()
    row = read(raw[0], Options()).samples.set_index("sample_id").loc[f"train/angry/{name}"]
    assert row["video"] in ("OceansThirteen", "IAmSam")
    assert row["frame"] in (87, 55)
    assert row["clip"] in ("OceansThirteen_010619400", "IAmSam_013827920")


def test_pixels_are_those_of_the_file(raw):
    folder, drawn = raw
    listing = read(folder, Options())
    at = listing.samples.index[listing.samples["sample_id"] == "validation/surprise/Odd-name"].item()
    assert np.array_equal(listing.read(at), drawn["Val_Aligned_Faces_new/Surprise/Odd-name.png"])


def test_missing_parts_and_unknown_emotions_are_refused(raw, refused):
    folder = raw[0]
    with refused("sfew", str(folder / "absent"), "Train_Aligned_Faces"):
        read(folder / "absent", Options())
    (folder / "Train_Aligned_Faces" / "Bored").mkdir()
    with refused("'Bored'", "Train_Aligned_Faces"):
        read(folder, Options())
    shutil.rmtree(folder / "Val_Aligned_Faces_new")
    (folder / "Train_Aligned_Faces" / "Bored").rmdir()
    with refused(str(folder / "Val_Aligned_Faces_new")):
        read(folder, Options())
    (folder / "Val_Aligned_Faces_new").mkdir()
    with refused(str(folder / "Val_Aligned_Faces_new"), "empty"):
        read(folder, Options())
    (folder / "Val_Aligned_Faces_new" / "loose.png").write_bytes(b"")
    with refused(str(folder / "Val_Aligned_Faces_new"), "emotion folders"):
        read(folder, Options())

"""EiLA's release: each face is compared with its annotation, and rejected with a reason where they disagree."""

import csv
import shutil

import numpy as np
import pytest
from PIL import Image

from fer.preprocessing.pipeline import Recipe, preprocess
from fer.sources.eila import Options, read

NO = "No annotation"
# Row: clip, person, votes.
ANNOTATED = [
    (1, 0, [["Happy"], NO, NO]),
    (1, 1, [NO, ["Anger"], ["Sad"]]),
    (1, 0, [["Sad"], ["Fear"], ["Fear"]]),
    (2, 0, [["Surprise"], ["Fear"], ["Neutral"]]),
    (2, 4, [NO, NO, ["Disgust"]]),
    (2, 4, [NO, NO, NO]),
]
VIDEO = "x_clip_9-Z"
FACES = {
    0: ("train", "Happy", 3),
    1: ("validation", "Angry", 0),
    2: ("test", "Fear", 2),
    3: ("test", "Surprise", 6),
    4: ("train", "Disgust", 1),
}
NAMES = {row: f"{row}_label_{FACES[row][2]}_video_{VIDEO}_clip_{ANNOTATED[row][0]}_person_{ANNOTATED[row][1]}"
         for row in FACES}  # fmt: skip
PLACES = {row: f"EiLA_{split}/{emotion}/{NAMES[row]}.jpg" for row, (split, emotion, _) in FACES.items()}


def write_csv(path, header, rows):
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


@pytest.fixture
def release(tmp_path):
    """Write a release of five faces of noise, PNG under the name .jpg as released; person 4 is not described."""
    folder = tmp_path / "eila"
    for row, place in PLACES.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(row).integers(0, 256, (48, 48), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / place, format="PNG")
    header = ["Video Tag", "Clip Id", "Labels", "Frame Number", "X", "Y", "Width", "Height", "Person Id"]
    rows = [[VIDEO, clip, str(votes), 10 * row, 0, 0, 9, 9, who] for row, (clip, who, votes) in enumerate(ANNOTATED)]
    write_csv(folder / "annotations.csv", header, rows)
    people = [[VIDEO, 1, 0, "7", "W", "F", "#aabbcc"], [VIDEO, 2, 0, "7", "W", "F", "#aabbcd"],
              [VIDEO, 1, 1, "8", "B", "M", "#112233"]]  # fmt: skip
    header = ["Video Tag", "Clip Id", "Person Id", "Person Global Id", "Perceived Race", "Perceived Gender"]
    write_csv(folder / "demographics.csv", [*header, "Skin Color"], people)
    return folder


def test_faces_have_label_split_votes_and_demographics(release):
    listing = read(release, Options())
    assert listing.rejected.empty
    samples = listing.samples.set_index("sample_id")
    assert samples[["label", "split"]].T.to_dict("list") == {
        NAMES[row]: [emotion.lower(), split] for row, (split, emotion, _) in FACES.items()
    }
    fear = samples.loc[NAMES[2]]
    assert (fear["race"], fear["gender"], fear["person"], fear["skin_color"]) == ("white", "female", "7", "#aabbcc")
    assert (fear["video"], fear["clip"], fear["frame"]) == (VIDEO, f"{VIDEO}/1", 20)
    votes = samples.filter(like="votes_")
    assert votes.sum(axis=1).loc[[NAMES[row] for row in range(5)]].tolist() == [1, 2, 3, 3, 1]
    assert (fear["votes_fear"], fear["votes_sad"], fear["votes_happy"]) == (2, 1, 0)


def test_one_person_across_clips_is_one(release):
    samples = read(release, Options()).samples.set_index("sample_id")
    assert samples.loc[NAMES[2], "person"] == samples.loc[NAMES[3], "person"]
    assert samples.loc[NAMES[2], "clip"] != samples.loc[NAMES[3], "clip"]


def test_a_person_nobody_described_has_no_groups(release):
    row = read(release, Options()).samples.set_index("sample_id").loc[NAMES[4]]
    assert row[["race", "gender", "person", "skin_color"]].isna().all()


def test_pixels_are_those_of_the_face(release):
    listing = read(release, Options())
    for at, name in enumerate(listing.samples["sample_id"]):
        expected = np.random.default_rng(int(name.split("_")[0])).integers(0, 256, (48, 48), dtype=np.uint8)
        assert np.array_equal(listing.read(at), expected)


MOVES = {
    "another emotion's folder": ("EiLA_test/Sad/" + NAMES[2], ("folder sad", "label_2", "votes (fear)")),
    "another label in the name": ("EiLA_test/Fear/" + NAMES[2].replace("label_2", "label_5"), ("label_5", "fear")),
    "another split": ("EiLA_train/Fear/" + NAMES[2], ("is in train", "3 valid vote(s)", "test")),
    "another person": ("EiLA_test/Fear/" + NAMES[2].replace("person_0", "person_3"), ("its name says", "row 2")),
    "another clip": ("EiLA_test/Fear/" + NAMES[2].replace("clip_1_", "clip_2_"), ("its name says", "row 2")),
    "another video": ("EiLA_test/Fear/" + NAMES[2].replace("video_x", "video_y"), ("its name says", "row 2")),
    "a row past the end": ("EiLA_test/Fear/" + NAMES[2].replace("2_label", "6_label", 1), ("no row 6",)),
    "a row without a vote": (f"EiLA_train/Disgust/5_label_1_video_{VIDEO}_clip_2_person_4", ("disagree",)),
    "a label past the emotions": ("EiLA_test/Fear/" + NAMES[2].replace("label_2", "label_7"), ("its name is not",)),
    "a name of another kind": ("EiLA_test/Fear/face", ("its name is not",)),
}


@pytest.mark.parametrize(("place", "words"), MOVES.values(), ids=MOVES)
def test_a_face_that_disagrees_is_rejected_with_the_reason(release, place, words):
    target = release / f"{place}.jpg"
    target.parent.mkdir(exist_ok=True)
    (release / PLACES[2]).rename(target)
    listing = read(release, Options())
    assert len(listing.samples) == 4
    assert listing.rejected["file"].tolist() == [f"{place}.jpg"]
    for word in words:
        assert word in listing.rejected["reason"][0]


def test_rejected_faces_are_listed_beside_the_dataset_up_to_the_stated_share(release, tmp_path, refused):
    (release / PLACES[2]).rename(release / "EiLA_test/Fear/face.jpg")
    with refused("1 of 5", "EiLA_test/Fear/face.jpg"):
        preprocess(Recipe("eila", release), tmp_path / "out")
    made = preprocess(Recipe("eila", release, max_rejected=0.2), tmp_path / "out")
    dataset, rejected = made.dataset, made.rejected
    assert (len(dataset), len(rejected)) == (4, 1)
    assert dataset.samples["skin_color"].notna().sum() == 3


@pytest.mark.parametrize("name", ["annotations.csv", "demographics.csv", "EiLA_test", "EiLA_train", "EiLA_validation"])
def test_a_missing_part_of_the_release_is_named(release, name, refused):
    path = release / name
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with refused("eila", str(path), "release"):
        read(release, Options())

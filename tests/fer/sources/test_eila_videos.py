"""EiLA from its videos: which rows are looked for, where, under which label and split, and which are refused."""

import shutil

import pandas as pd
import pytest

from fer.data.dataset import LOST_COLUMNS
from fer.data.emotions import EMOTIONS
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.sources import SOURCES
from fer.sources.eila_annotations import label_of, read_annotations
from fer.sources.eila_videos import Options, read
from fer.sources.video import frames


@pytest.fixture
def raw(clips, tmp_path):
    """Return a copy of the rendered videos that may be damaged."""
    return shutil.copytree(clips, tmp_path / "raw")


def change(raw, row, **values):
    """Change fields of one row of annotations.csv."""
    table = pd.read_csv(raw / "annotations.csv", dtype="str", keep_default_na=False)
    for column, value in values.items():
        table.loc[row, column.replace("_", " ")] = value
    table.to_csv(raw / "annotations.csv", index=False)


def made(raw, folder, **changes):
    recipe = {"detector": "none", "max_rejected": 0.5, "workers": 1, **changes}
    return preprocess(Recipe("eila_videos", raw, **recipe), folder)


@pytest.fixture(scope="module")
def whole(clips, tmp_path_factory):
    """Return the dataset of the undamaged videos."""
    return made(clips, tmp_path_factory.mktemp("whole") / "out").dataset


def test_every_row_is_looked_for_with_its_label_split_votes_and_person(clips):
    listing = read(clips, Options())
    annotations = read_annotations(clips / "annotations.csv")
    assert len(listing.samples) == len(annotations) == 60
    assert listing.rejected.empty and listing.remarks == () and SOURCES["eila_videos"].videos
    counts = annotations["votes"].str.len()
    assert listing.samples["label"].tolist() == [label_of(votes) for votes in annotations["votes"]]
    assert listing.samples["split"].tolist() == counts.map({1: "train", 2: "validation", 3: "test"}).tolist()
    votes = listing.samples[[f"votes_{emotion}" for emotion in EMOTIONS]].sum(axis=1)
    assert votes.tolist() == counts.tolist()
    assert listing.samples[["race", "gender", "person", "skin_color"]].notna().all().all()
    first, row = listing.samples.iloc[0], annotations.iloc[0]
    code = EMOTIONS.index(first["label"])
    assert first["sample_id"] == f"0_label_{code}_video_drawn_00_clip_1_person_0"
    assert listing.regions.iloc[0, 1:].tolist() == [row[name] for name in ("frame", "x", "y", "width", "height")]


def test_the_papers_text_turns_train_and_test_round(clips):
    released, text = (read(clips, Options(splits=rule)).samples["split"] for rule in ("released", "paper-text"))
    assert text.tolist() == released.replace({"train": "test", "test": "train"}).tolist()


def test_no_person_is_in_two_splits_when_grouped(clips):
    samples = read(clips, Options(splits="grouped")).samples
    assert set(samples["split"]) == {"train", "validation", "test"}
    assert samples.groupby("person")["split"].nunique().max() == 1
    other = read(clips, Options(splits="grouped", seed=5)).samples
    assert other["split"].tolist() != samples["split"].tolist()


DAMAGE = {
    "a bad literal": ({"Labels": "[['Happy'"}, "bad annotation", "no Python list"),
    "an unknown word": ({"Labels": "[['Bored'], ['Bored'], ['Bored']]"}, "bad annotation", "'Bored'"),
    "a negative box": ({"Width": "-4"}, "bad annotation", "above 0"),
    "no vote": ({"Labels": "['No annotation', 'No annotation', 'No annotation']"}, "no vote", "none of its votes"),
    "no video": ({"Video_Tag": "nowhere"}, "video missing", "nowhere/Complete"),
    "a video outside": ({"Video_Tag": "../raw/drawn_00"}, "video missing", "there is no video"),
    "a frame too far": ({"Frame_Number": "9999"}, "frame missing", "no frame 9999"),
}


@pytest.mark.parametrize(("values", "kind", "words"), DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_row_is_named_and_the_others_stay(raw, whole, tmp_path, values, kind, words):
    change(raw, 7, **values)
    result = made(raw, tmp_path / "out")
    [row] = result.rejected.to_dict("records")
    assert row["kind"] == kind and words in row["reason"]
    assert "7" in row["file"]
    lost = result.dataset.lost
    assert len(result.dataset) + len(lost) == 60
    assert lost["reason"].value_counts()[kind] == 1
    assert set(LOST_COLUMNS) <= set(lost)
    left = ~whole.samples["sample_id"].str.match(r"eila_videos/7_")
    assert result.dataset.samples["sample_id"].tolist() == whole.samples.loc[left, "sample_id"].tolist()
    assert (result.dataset.faces() == whole.faces()[left.to_numpy()]).all()


def test_a_second_row_for_the_same_face_is_refused(raw, tmp_path):
    table = pd.read_csv(raw / "annotations.csv", dtype="str")
    pd.concat([table, table.iloc[[4]]]).to_csv(raw / "annotations.csv", index=False)
    result = made(raw, tmp_path / "out")
    assert result.rejected.to_dict("records") == [
        {"file": "annotations.csv row 60", "kind": "duplicate", "reason": "it marks the same face as row 4"}
    ]


def test_persons_nobody_described_have_no_groups_and_are_counted(raw, tmp_path):
    people = pd.read_csv(raw / "demographics.csv", dtype="str")
    people[people["Video Tag"] != "drawn_01"].to_csv(raw / "demographics.csv", index=False)
    listing = read(raw, Options())
    unknown = listing.samples["video"] == "drawn_01"
    assert listing.samples.loc[unknown, ["race", "gender", "person"]].isna().all().all()
    assert listing.samples.loc[~unknown, ["race", "gender", "person"]].notna().all().all()
    assert listing.remarks == ("20 rows show a person that demographics.csv does not describe.",)
    assert read(raw, Options(splits="grouped")).samples["split"].notna().all()


@pytest.mark.parametrize("damage", ["empty", "text", "missing", "short"])
def test_a_broken_video_costs_its_rows_and_no_others(raw, tmp_path, damage):
    video = raw / "drawn_01" / "Complete.mp4"
    if damage == "missing":
        video.unlink()
    elif damage == "short":  # A whole file of the first half: it can be opened and ends early.
        half = [frame for number, frame in frames(video, range(30))]
        rewrite(video, half)
    else:
        video.write_bytes(b"" if damage == "empty" else b"no video at all")
    result = made(raw, tmp_path / "out")
    kind = {"missing": "video missing", "short": "frame missing"}.get(damage, "video unreadable")
    assert set(result.rejected["kind"]) == {kind}
    assert len(result.rejected) == (10 if damage == "short" else 20)
    assert set(result.dataset.lost.loc[result.dataset.lost["reason"] == kind, "clip"].str[:8]) == {"drawn_01"}
    assert len(result.dataset) + len(result.dataset.lost) == 60


def rewrite(path, pictures):
    import cv2

    size = (pictures[0].shape[1], pictures[0].shape[0])
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*"mp4v"), 25, size)
    for picture in pictures:
        writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    writer.release()


def test_more_damage_than_the_stated_share_is_refused(raw, tmp_path, refused):
    (raw / "drawn_01" / "Complete.mp4").write_bytes(b"")
    with refused("20 of 60", "33.3%", "drawn_01", "max_rejected"):
        made(raw, tmp_path / "out", max_rejected=0.3)
    assert not (tmp_path / "out").exists()


def test_a_video_that_no_row_names_is_remarked_on(raw):
    (raw / "another.mp4").touch()
    assert read(raw, Options()).remarks == ("1 video is named by no row of annotations.csv: 1 .mp4 (another.mp4).",)

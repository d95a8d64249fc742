"""FER+: votes joined to both layouts of FER2013, labels by the majority, a reason for every face that is dropped."""

import pandas as pd
import pytest

from fer.data.labels import harmonise
from fer.data.samples import OTHER_VOTES, VOTES
from fer.preprocessing.pipeline import preprocess
from fer.preprocessing.recipe import Recipe
from fer.sources import SOURCES, parse_options

COLUMNS = ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "NF"]
# What each picture shows: its votes, in the order of the columns, and the label that follows.
FACES = {
    "train/angry/Training_1.jpg": ([0, 0, 0, 1, 9, 0, 0, 0, 0, 0], "angry"),
    "train/angry/Training_2.jpg": ([0, 0, 0, 5, 5, 0, 0, 0, 0, 0], "no majority"),
    "train/happy/Training_3.jpg": ([1, 5, 1, 1, 1, 0, 0, 1, 0, 0], "happy"),
    "train/happy/Training_4.jpg": ([0, 2, 0, 0, 0, 0, 0, 0, 8, 0], "unknown"),
    "train/sad/Training_5.jpg": ([0, 0, 0, 0, 0, 0, 0, 0, 0, 10], "not a face"),
    "train/sad/Training_6.jpg": (None, "no votes"),
    "test/neutral/PublicTest_7.jpg": ([3, 0, 0, 0, 0, 0, 0, 7, 0, 0], "contempt"),
    "test/fear/PrivateTest_8.jpg": ([0, 0, 4, 0, 0, 0, 6, 0, 0, 0], "fear"),
    "test/fear/PrivateTest_9.jpg": ([0, 0, 4, 3, 0, 0, 3, 0, 0, 0], "no majority"),
}


@pytest.fixture
def raw(tmp_path, png_tree):
    """FER2013's folders of the faces above, with the table of votes by file beside them."""
    folder = tmp_path / "fer2013"
    names = {}
    for file in FACES:
        names.setdefault(file.rpartition("/")[0], []).append(file.rpartition("/")[2])
    png_tree(folder, names)
    rows = [[file, *(["" for _ in COLUMNS] if votes is None else votes)] for file, (votes, _) in FACES.items()]
    pd.DataFrame(rows, columns=["file", *COLUMNS]).to_csv(folder / "kaggle_to_ferplus.csv", index=False)
    return folder


def listed(folder, **options):
    return SOURCES["ferplus"].read(folder, parse_options("ferplus", options))


def by_file(listing):
    """Return the samples under the names of their files."""
    places = ["train" if usage == "Training" else "test" for usage in listing.samples["usage"]]
    return listing.samples.set_index(pd.Index(places) + "/" + pd.Index(listing.samples["sample_id"]) + ".jpg")


def test_every_face_has_its_majority_or_the_reason_why_not(raw):
    listing = listed(raw)
    faces = by_file(listing)
    assert faces["label"].to_dict() == {file: label for file, (_, label) in FACES.items()}
    assert listing.remarks == () and listing.rejected.empty
    assert faces["fer2013_label"].to_dict() == {file: file.split("/")[1] for file in FACES}
    assert faces["split"].value_counts().to_dict() == {"train": 6, "validation": 1, "test": 2}
    votes = faces.loc["test/neutral/PublicTest_7.jpg", [*VOTES, *OTHER_VOTES]]
    assert votes[votes > 0].to_dict() == {"votes_neutral": 3, "votes_contempt": 7}
    assert faces.loc["train/happy/Training_4.jpg", "votes_unknown"] == 8
    assert faces.loc["train/sad/Training_5.jpg", "votes_not_a_face"] == 10
    assert faces.loc["train/sad/Training_6.jpg", list(VOTES)].isna().all()


def test_the_seven_are_kept_and_contempt_where_it_is_asked_for(raw):
    words = SOURCES["ferplus"].words
    kept = harmonise(listed(raw).samples, words)
    assert kept.labels == ["angry", "happy", "fear"]
    assert sorted(kept.dropped["reason"]) == [
        "label contempt dropped", "label no majority dropped", "label no majority dropped", "label no votes dropped",
        "label not a face dropped", "label unknown dropped",
    ]  # fmt: skip
    assert harmonise(listed(raw).samples, words, emotions=("all", "contempt")).labels.count("contempt") == 1


def test_undecided_training_faces_are_kept_if_their_votes_are_a_distribution(raw):
    faces = by_file(listed(raw, undecided="train"))
    # Of the two tied emotions, the one that FER2013 names.
    assert faces.loc["train/angry/Training_2.jpg", "label"] == "angry"
    assert faces.loc["test/fear/PrivateTest_9.jpg", "label"] == "no majority"
    assert faces.loc["train/happy/Training_4.jpg", "label"] == "unknown"


def test_the_labels_of_fer2013_keep_all_faces(raw):
    faces = by_file(listed(raw, labels_from="fer2013"))
    assert (faces["label"] == faces["fer2013_label"]).all() and len(faces) == len(FACES)


def test_microsofts_table_follows_the_rows_of_fer2013_csv(tmp_path, refused, raw):
    folder = tmp_path / "csv"
    folder.mkdir()
    usages = ["Training", "PublicTest", "PrivateTest"]
    pixels = " ".join(["7"] * 48 * 48)
    pd.DataFrame({"emotion": [0, 3, 4], "pixels": pixels, "Usage": usages}).to_csv(folder / "fer2013.csv", index=False)
    rows = [[0, 0, 0, 0, 9, 1, 0, 0, 0, 0], [0] * 9 + [10], [1, 0, 0, 8, 0, 0, 0, 0, 1, 0]]
    table = pd.DataFrame(rows, columns=COLUMNS)
    table.insert(0, "Usage", usages)
    table.insert(1, "Image name", ["fer0000000.png", None, "fer0000001.png"])
    table.to_csv(folder / "fer2013new.csv", index=False)
    listing = listed(folder)
    assert listing.samples["label"].tolist() == ["angry", "not a face", "sad"]
    assert listed(folder / "fer2013.csv").samples["label"].tolist() == ["angry", "not a face", "sad"]
    with refused("fer2013new.csv", "rows of fer2013.csv", "folder of images"):
        listed(raw, votes=str(folder / "fer2013new.csv"))
    table.assign(Usage="Test").to_csv(folder / "fer2013new.csv", index=False)
    with refused("votes for none of the 3 faces"):
        listed(folder)


def test_a_table_that_cannot_be_used_is_named_with_the_remedy(raw, tmp_path, refused):
    table = pd.read_csv(raw / "kaggle_to_ferplus.csv")
    elsewhere = tmp_path / "votes.csv"
    for changed, words in (
        (table.drop(columns="NF"), ["'nf'", "fer2013new.csv"]),
        (table.assign(file="Training_1.jpg"), ["line 2", "'Training_1.jpg'"]),
        (table.assign(fear=-1), ["line 2", "no counts"]),
        (table.assign(fear=0.5), ["line 2", "no counts"]),
    ):
        changed.to_csv(elsewhere, index=False)
        with refused(*words):
            listed(raw, votes=str(elsewhere))
    with refused("no table of votes", "missing.csv", "option votes"):
        listed(raw, votes=str(tmp_path / "missing.csv"))
    (raw / "kaggle_to_ferplus.csv").unlink()
    with refused("fer2013new.csv or kaggle_to_ferplus.csv", "options={votes: FILE}"):
        listed(raw)
    more = pd.concat([table, table.tail(1).assign(file="test/fear/PrivateTest_10.jpg")])
    more.to_csv(elsewhere, index=False)
    assert listed(raw, votes=str(elsewhere)).remarks == ("One row of votes.csv is of no face that was read.",)


def test_a_dataset_has_the_votes_and_counts_what_was_dropped(raw, tmp_path):
    votes = (raw / "kaggle_to_ferplus.csv").rename(tmp_path / "votes.csv")
    recipe = Recipe("ferplus", raw, options={"votes": str(votes)}, emotions=("all", "contempt"))
    dataset = preprocess(recipe, tmp_path / "made").dataset
    assert dataset.emotions[-1] == "contempt" and len(dataset) + len(dataset.lost) == len(FACES)
    assert dataset.samples["votes_contempt"].sum() == 8 and "fer2013_label" in dataset.samples
    before = recipe.facts()
    votes.write_text(votes.read_text().replace(",9,", ",8,"))
    assert recipe.facts() != before  # The table of votes is raw data, wherever it lies.

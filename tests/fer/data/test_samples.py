"""The samples table: its columns, its checks, its counts."""

import pandas as pd
import pytest

from fer.data.emotions import EMOTIONS
from fer.data.samples import check_samples, conform, count_table, null_row, qualified_ids


@pytest.fixture
def table(tiny_samples):
    samples = tiny_samples(14)
    return samples.assign(source="tiny", row=range(14))


def test_conform_orders_columns_types_them_and_forgets_the_old_index(table):
    shuffled = table.assign(zodiac="ram", hair="grey", frame=[1.0, None] * 7, confidence=0.5)
    shuffled = shuffled[sorted(shuffled, reverse=True)].iloc[::-1]
    conformed = conform(shuffled)
    head = ["sample_id", "label", "split", "source", "row", "race", "person", "clip", "frame", "confidence"]
    assert list(conformed) == [*head, "hair", "zodiac"]
    assert list(conformed.index) == list(range(14))
    assert conformed["sample_id"].iloc[0] == "face_013"
    assert conformed["row"].dtype == "Int64"
    assert conformed["frame"].dtype == "Int64"
    assert conformed["frame"].isna().sum() == 7
    assert conformed["confidence"].dtype == "Float64"


def test_conform_keeps_unknown_knowledge_null(table):
    races = conform(table.assign(race=[None, "white"] * 7))["race"]
    assert races.isna().sum() == 7
    assert "None" not in set(races.dropna())


def test_a_good_table_passes(table):
    check_samples(conform(table), "here")


@pytest.mark.parametrize("column", ["sample_id", "label", "split", "source", "row"])
def test_a_missing_column_is_named(table, column, refused):
    with refused("some folder", column, "preprocess"):
        check_samples(table.drop(columns=column), "some folder")


@pytest.mark.parametrize(
    ("column", "wrong", "remedy"),
    [("label", "contempt", "angry, disgust"), ("label", "Happy", "happy"), ("split", "dev", "train, validation, test")],
)
def test_a_wrong_value_is_named_with_its_sample(table, column, wrong, remedy, refused):
    table.loc[3, column] = wrong
    with refused("here", "face_003", repr(wrong), remedy):
        check_samples(table, "here")


def test_a_null_label_is_refused(table, refused):
    table.loc[5, "label"] = None
    with refused("face_005", "label"):
        check_samples(table, "here")


def test_an_empty_table_is_refused(table, refused):
    with refused("here", "no samples"):
        check_samples(table.iloc[:0], "here")


def test_two_faces_of_one_name_are_refused(table, refused):
    table.loc[3, "sample_id"] = "face_001"
    with refused("here", "face_001", "twice"):
        check_samples(table, "here")


def test_counts_by_split_are_in_the_order_of_the_splits(tiny_samples):
    counts = count_table(tiny_samples(56).iloc[::-1])
    assert list(counts.index) == ["train", "validation", "test"]
    assert list(counts) == ["total", *EMOTIONS]
    assert counts["total"].tolist() == [28, 14, 14]
    assert (counts[list(EMOTIONS)].sum(axis=1) == counts["total"]).all()


def test_an_emotion_nobody_shows_counts_zero_and_a_null_group_is_unknown():
    samples = pd.DataFrame({"label": ["happy", "happy", "sad"], "race": ["white", None, "white"], "split": "test"})
    counts = count_table(samples, "race")
    assert counts.loc["white", ["total", "happy", "sad", "fear"]].tolist() == [2, 1, 1, 0]
    assert counts.loc["unknown", "total"] == 1
    assert list(count_table(samples).index) == ["test"]


def test_ids_of_two_sources_are_two_and_a_made_face_keeps_its_parents():
    samples = pd.DataFrame(
        {
            "sample_id": ["a/1", "b/1", "a made/1", "a made/2", "a made/3"],
            "source": ["a", "b", "a made", "a made", "a made"],
            "person": ["01", "01", "01", None, "02"],
            "made_from": [None, None, "a/1", "b/1", "b/gone"],
        }
    )
    assert qualified_ids(samples, "person").fillna("").tolist() == ["a/01", "b/01", "a/01", "", "b/02"]
    assert qualified_ids(samples.drop(columns="source"), "person").tolist()[:2] == ["01", "01"]


def test_a_null_group_is_not_added_to_one_called_unknown():
    samples = pd.DataFrame({"label": ["sad"] * 4, "race": ["unknown", None, None, "black"]})
    assert count_table(samples, "race")["total"].to_dict() == {"(unknown)": 2, "black": 1, "unknown": 1}
    assert count_table(samples.assign(race=["w", None, None, "b"]), "race")["total"].to_dict()["unknown"] == 2
    assert null_row(pd.Series(["unknown", "(unknown)"])) == "((unknown))"

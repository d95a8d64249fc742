"""Shared persons, clips and videos: counted by source, unknown ids apart."""

import pandas as pd

from fer.fairness.leakage import seen_in_training, shared_between_splits, shared_ids

TRAIN = pd.DataFrame(
    {"source": ["a", "a", "b", "b"], "person": ["1", "2", "3", None], "clip": ["x", "x", "y", "z"]},
)
TEST = pd.DataFrame(
    {"source": ["a", "a", "a", "b", "a"], "person": ["1", "1", "3", "9", None], "clip": ["q", "q", "r", "r", "s"]},
)


def test_an_id_is_shared_where_one_source_has_it_in_both():
    table = shared_ids(TRAIN, TEST)
    assert list(table.index) == ["person", "clip"]
    person = table.loc["person"].to_dict()
    assert person == {
        "train": 3, "test": 3, "shared": 1, "test_samples": 4, "shared_samples": 2, "shared_share": 0.5,
        "unknown_samples": 1, "same_id_elsewhere": 1,
    }  # fmt: skip
    assert table.loc["clip", ["shared", "shared_samples", "same_id_elsewhere"]].tolist() == [0, 0, 0]
    assert all(table[column].dtype == int for column in table if column != "shared_share")


def test_without_a_source_all_ids_are_of_one():
    table = shared_ids(TRAIN.drop(columns="source"), TEST.drop(columns="source"))
    assert table.loc["person", ["shared", "shared_samples", "same_id_elsewhere"]].tolist() == [2, 3, 0]


def test_what_neither_knows_is_left_out_and_what_one_knows_is_not_shared():
    assert shared_ids(TRAIN[["source"]], TEST[["source"]]).empty
    one = shared_ids(TRAIN[["source"]], TEST).loc["person"]
    assert (one["train"], one["shared"], one["shared_share"]) == (0, 0, 0)
    other = shared_ids(TRAIN, TEST[["source"]]).loc["person"]
    assert (other["test_samples"], other["unknown_samples"]) == (0, 5)
    assert pd.isna(other["shared_share"])


def test_each_two_splits_of_one_table():
    samples = pd.concat([TRAIN.assign(split="train"), TEST.assign(split="test"), TEST[:1].assign(split="validation")])
    table = shared_between_splits(samples)
    assert table.loc[("train", "test", "person"), "shared"] == 1
    assert table.loc[("train", "validation", "person"), ["shared_samples", "in_second"]].tolist() == [1, 1]
    assert table.loc[("test", "validation", "clip"), "shared"] == 1
    assert shared_between_splits(samples[["source", "split"]]).empty


def test_the_samples_of_a_known_person_are_distinguished_from_the_others():
    result = seen_in_training(TRAIN, TEST.set_axis(list("vwxyz")), "person")
    assert result.iloc[:4].tolist() == ["shared", "shared", "unseen", "unseen"]
    assert result.isna().tolist() == [False] * 4 + [True]
    assert list(result.index) == list("vwxyz")
    assert seen_in_training(TRAIN, TEST[["source"]], "person").isna().all()

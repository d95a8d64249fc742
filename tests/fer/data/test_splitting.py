"""Split rules: the study's draw reproduced, groups kept whole, and what splits share counted."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from fer.data.splitting import RULES, assign_splits, auto_rule, blocks, shared_groups
from fer.sources.eila_annotations import label_of, read_annotations, read_demographics

DATA = Path(os.environ.get("FER_DATA") or Path(__file__).parents[3].parent / "shared" / "data")
STUDY = ("angry", "fear", "happy", "sad")
GROUPED = ("person", "clip", "video")


def posed(people=60, seed=0, emotions=STUDY):
    """Return faces of persons who each show some emotions a few times."""
    stream = np.random.default_rng(seed)
    rows = [
        {"label": emotion, "person": f"p{person}", "clip": f"c{person}_{emotion}", "video": f"v{person // 2}"}
        for person in range(people)
        for emotion in emotions
        for _ in range(stream.integers(0, 6))
    ]
    return pd.DataFrame(rows, index=[f"row_{row}" for row in range(len(rows))])


def shares(splits):
    return splits.value_counts(normalize=True).reindex(["train", "validation", "test"], fill_value=0).to_numpy()


def test_stratified_draws_the_studys_test_faces():
    """The two calls are those of the study's notebook; it stratifies by one-hot rows of angry, fear, happy, sad."""
    samples = posed().sort_values("label", kind="stable")
    rows = np.arange(len(samples))
    one_hot = np.eye(4)[pd.factorize(samples["label"], sort=True)[0]]
    rest, test = train_test_split(rows, shuffle=True, stratify=one_hot, test_size=0.20, random_state=42)
    validation = train_test_split(rest, shuffle=True, test_size=0.25, random_state=42)[1]
    both, first = assign_splits(samples, "stratified"), assign_splits(samples, "stratified_test")
    for splits in (both, first):
        assert set(np.flatnonzero(splits == "test")) == set(test)
    assert set(np.flatnonzero(first == "validation")) == set(validation)
    assert set(np.flatnonzero(both == "validation")) != set(validation)


def test_stratified_keeps_every_class_at_the_ratios():
    samples = pd.DataFrame({"label": np.repeat(STUDY, (100, 50, 200, 20))})
    table = pd.crosstab(samples["label"], assign_splits(samples, "stratified"))
    assert table["test"].tolist() == [20, 10, 40, 4]
    assert table["validation"].tolist() == [20, 10, 40, 4]


@pytest.mark.parametrize("rule", ["stratified", "stratified_test", *GROUPED])
def test_draws_follow_seed_and_ratios_and_keep_the_index(rule):
    samples = posed()
    first = assign_splits(samples, rule, seed=1)
    assert first.equals(assign_splits(samples, rule, seed=1))
    assert not first.equals(assign_splits(samples, rule, seed=2))
    assert first.index.equals(samples.index)
    assert first.name == "split"
    assert np.abs(shares(first) - (0.6, 0.2, 0.2)).max() < 0.02
    assert np.abs(shares(assign_splits(samples, rule, (0.5, 0.1, 0.4))) - (0.5, 0.1, 0.4)).max() < 0.02
    assert set(assign_splits(samples, rule, (0.8, 0.2, 0))) == {"train", "validation"}
    assert set(assign_splits(samples, rule, (0.8, 0, 0.2))) == {"train", "test"}


@pytest.mark.parametrize("by", GROUPED)
def test_groups_stay_whole_and_emotions_near_the_ratios(by):
    samples = posed(people=120)
    splits = assign_splits(samples, by)
    assert shared_groups(samples.assign(split=splits), by) == 0
    table = pd.crosstab(samples["label"], splits, normalize="index")[["train", "validation", "test"]]
    assert np.abs(table.to_numpy() - (0.6, 0.2, 0.2)).max() < 0.05


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 8), st.sampled_from(STUDY)), min_size=1, max_size=40),
    st.integers(0, 5),
)
def test_any_persons_are_dealt_out_whole_and_no_split_stays_empty(pairs, seed):
    samples = pd.DataFrame(pairs, columns=["person", "label"])
    if samples["person"].nunique() < 3:
        with pytest.raises(ValueError, match="cannot fill 3 splits"):
            assign_splits(samples, "person", seed=seed)
        return
    splits = assign_splits(samples, "person", seed=seed)
    assert set(splits) == {"train", "validation", "test"}
    assert shared_groups(samples.assign(split=splits), "person") == 0


def test_each_dataset_is_split_as_it_would_be_alone():
    first, second = posed(seed=1).assign(dataset="ck"), posed(people=30, seed=2).assign(dataset="mug")
    both = pd.concat([first, second], ignore_index=True).sample(frac=1, random_state=0)
    both = pd.concat([both[both["dataset"] == "mug"], both[both["dataset"] == "ck"]])
    for rule in ("stratified", "person"):
        splits = assign_splits(both, rule)
        for name in ("ck", "mug"):
            part = both[both["dataset"] == name]
            assert splits[part.index].equals(assign_splits(part, rule))


def test_unknown_groups_are_counted(refused):
    samples = posed()
    with refused(f"{len(samples)} of {len(samples)} faces have no known video", "stratified"):
        assign_splits(samples.drop(columns="video"), "video")
    samples.iloc[:3, samples.columns.get_loc("person")] = None
    with refused(f"3 of {len(samples)} faces have no known person"):
        assign_splits(samples, "person")


def test_classes_too_small_are_named(refused):
    samples = pd.DataFrame({"label": ["happy"] * 30 + ["sad"], "dataset": ["ck"] * 31})
    with refused("31 faces in 2 classes", "sad has 1"):
        assign_splits(samples, "stratified")
    other = pd.DataFrame({"label": ["happy"] * 30, "dataset": ["mug"] * 30})
    with refused("31 faces of dataset ck"):
        assign_splits(pd.concat([samples, other], ignore_index=True), "stratified")
    with refused("1 faces"):
        assign_splits(samples.iloc[:1], "stratified_test")


def test_given_splits_are_kept_and_gaps_refused(refused):
    samples = pd.DataFrame({"label": "happy", "split": ["train", "test", "train"]}, index=[5, 3, 9])
    assert assign_splits(samples, "given").to_dict() == {5: "train", 3: "test", 9: "train"}
    with refused("2 of 3 faces come without a split", "stratified"):
        assign_splits(samples.assign(split=[None, "test", None]), "given")
    with refused("'val'", "validation"):
        assign_splits(samples.assign(split="val"), "given")
    with refused("gives no split"):
        assign_splits(samples.drop(columns="split"), "given")


def test_carved_takes_validation_from_train_and_leaves_test_alone(refused):
    samples = posed().assign(split=lambda faces: np.where(np.arange(len(faces)) % 4, "train", "test"))
    splits = assign_splits(samples, "carved", (0.6, 0.2, 0.2))
    assert (splits[samples["split"] == "test"] == "test").all()
    train = splits[samples["split"] == "train"]
    assert (train == "validation").mean() == pytest.approx(0.25, abs=0.01)
    assert set(train) == {"train", "validation"}
    with refused("carved", "gives test, train, validation"):
        assign_splits(samples.assign(split=splits), "carved")
    with refused("no validation"):
        assign_splits(samples, "carved", (0.8, 0, 0.2))


def test_auto_is_given_where_the_source_gives_splits():
    samples = pd.DataFrame({"label": ["happy", "sad"]})
    assert auto_rule(samples, "person") == "person"
    assert auto_rule(samples.assign(split=None), "stratified") == "stratified"
    # Half a split is no reason to draw all anew in silence: the rule given then says what is missing.
    assert auto_rule(samples.assign(split=["train", None]), "stratified") == "given"


@pytest.mark.parametrize(
    "ratios", [(0.5, 0.5), (0.6, 0.2, 0.1), (1.2, -0.1, -0.1), (0, 0.5, 0.5), (float("nan"), 0.5, 0.5), (2, 2, 2)]
)
def test_ratios_that_are_none_are_refused(ratios, refused):
    for rule in ("stratified", "person"):
        with refused("ratios", "add up to 1"):
            assign_splits(posed(), rule, ratios)


def test_an_unknown_rule_is_answered_with_the_rules(refused):
    with refused("'random'", *RULES):
        assign_splits(posed(), "random")


def test_shared_groups_counts_groups_and_not_faces():
    samples = pd.DataFrame(
        {
            "split": ["train", "test", "test", "train", "validation", "test"],
            "person": ["a", "a", "a", "b", "b", None],
            "clip": ["1", "2", "2", "3", "4", "5"],
        }
    )
    assert shared_groups(samples, "person") == 2
    assert shared_groups(samples, "clip") == 0
    assert shared_groups(samples, "video") == 0


def test_blocks_join_what_shares_a_person_or_a_clip():
    samples = pd.DataFrame(
        {"person": ["a", "a", "b", "c", None, None, "c"], "clip": ["1", "2", "2", "3", "3", None, None]}
    )
    assert blocks(samples) == 3
    assert blocks(samples, ("person",)) == 5
    assert blocks(samples, ("clip",)) == 5
    assert blocks(samples, ("video",)) == 7


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=25))
def test_blocks_are_those_of_joining_by_hand(pairs):
    parts = [({("person", person), ("clip", clip)}) for person, clip in pairs]
    joined = []
    for part in parts:
        touching = [block for block in joined if block & part]
        joined = [block for block in joined if not block & part] + [part.union(*touching)]
    assert blocks(pd.DataFrame(pairs, columns=["person", "clip"])) == len(joined)


def test_all_of_eila_falls_into_three_blocks_and_can_be_split_by_person():
    folder = DATA / "eila"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not at hand")
    rows = read_annotations(folder / "annotations.csv")
    people, _ = read_demographics(folder / "demographics.csv")
    keys = zip(rows["video"], rows["clip_id"], rows["person_id"], strict=True)
    samples = pd.DataFrame(
        {
            "person": [people[key]["person"] for key in keys],
            "clip": rows["video"] + "/" + rows["clip_id"].astype("str"),
            "label": rows["votes"].map(label_of),
        }
    )
    assert blocks(samples) == 3
    assert blocks(samples, ("person",)) == 78
    splits = assign_splits(samples, "person")
    assert shared_groups(samples.assign(split=splits), "person") == 0
    assert np.abs(shares(splits) - (0.6, 0.2, 0.2)).max() < 0.01

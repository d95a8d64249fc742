"""Uncertainty of per-group metrics, and the warnings about small groups."""

import numpy as np
import pandas as pd
import pytest

from fer.data.attributes import RACE
from fer.evaluation.independent_units import CROSSED, Clusters, clusters_of, unit_counts
from fer.evaluation.sentences import few_errors, largest_gap, warnings_of
from fer.evaluation.uncertainty import measure, replicates_for, slice_accuracy, slice_columns, whole_accuracy
from fer.fairness import group_intervals
from fer.synthetic import draw_predictions


@pytest.fixture(scope="module")
def predictions():
    """Return 600 predictions: white in 12 clips, black in one, mixed in 4 of happy faces only."""
    table = draw_predictions({"white": 0.6, "black": 0.5, "mixed": 0.4}, 200, {"white": 12, "black": 1, "mixed": 4})
    mixed = table["race"] == "mixed"
    table.loc[mixed, "label"] = "happy"
    table.loc[~mixed, "label"] = table.loc[~mixed, "label"].where(np.arange(400) % 7 > 0, "fear")
    return table


def test_everything_is_measured_over_the_same_clusters(predictions):
    clusters = clusters_of(predictions, "clip")
    known = measure(predictions, RACE, ["white", "black", "none"], clusters)
    assert known.counts["clusters"].tolist() == [17, 12, 1, 0]
    accuracy = known.of("accuracy")
    right = predictions["label"] == predictions["predicted"]
    assert accuracy.loc["white", "estimate"] == pytest.approx(right[predictions["race"] == "white"].mean())
    assert accuracy.loc["white", "low"] < accuracy.loc["white", "estimate"] < accuracy.loc["white", "high"]
    assert accuracy.loc["black", ["low", "high"]].isna().all()
    assert "mixed" not in accuracy.index
    assert known.effective.loc["white", "clusters"] == 12
    assert ("white", "black") in known.differences.index
    assert known.disparity.loc["accuracy_gap", "estimate"] == pytest.approx(
        abs(accuracy.loc["white", "estimate"] - accuracy.loc["black", "estimate"])
    )


def test_a_test_says_which_groups_took_no_part_in_it(predictions):
    clusters = clusters_of(predictions, "clip")
    all_three = largest_gap(measure(predictions, RACE, ["white", "black", "mixed"], clusters))
    assert all_three.endswith(", tested without black.")
    assert "without" not in largest_gap(measure(predictions, RACE, ["white", "mixed"], clusters))
    # Of one group of several clips and one of a single clip nothing is left out.
    assert "without" not in largest_gap(measure(predictions, RACE, ["white", "black"], clusters))


def test_clips_crossed_with_persons_are_measured_over_both():
    stream = np.random.default_rng(0)
    table = draw_predictions({"white": 0.6, "black": 0.5}, 200, 40)
    table["clip"], table["person"] = stream.integers(0, 15, 400).astype(str), stream.integers(0, 20, 400).astype(str)
    clusters = clusters_of(table)
    assert clusters.name == CROSSED
    known = measure(table, RACE, ["white", "black"], clusters)
    assert known.counts["clusters"].tolist() == [15, 15, 15]
    assert known.of("accuracy")["method"].tolist() == ["score over clusters"] * 3
    pair = known.differences.loc[("white", "black")]
    assert pair["low"] < pair["estimate"] < pair["high"]
    assert known.disparity.loc["accuracy_gap", "p"] == pytest.approx(pair["p"])
    assert largest_gap(known).startswith("Largest difference in accuracy between groups of race: ")
    assert "expected" not in largest_gap(known) and "without" not in largest_gap(known)
    # A group in one clip cannot be compared: the p-value is of the two others.
    table.loc[:19, ["race", "clip"]] = ["mixed", "one"]
    clusters = clusters_of(table)
    assert clusters.name == CROSSED
    assert largest_gap(measure(table, RACE, ["white", "black", "mixed"], clusters)).endswith(", tested without mixed.")


def test_a_group_that_says_little_is_named_with_what_it_rests_on(predictions):
    clusters = clusters_of(predictions, "clip")
    known = measure(predictions, RACE, ["white", "black", "mixed", "none"], clusters)
    sentences = warnings_of(known, clusters, predictions)
    alone, partial, few = sentences
    assert alone == (
        "The race group black (200 faces, 1 person, 1 clip) is a single cluster (clusters are clips): neither its "
        "accuracy nor its difference from another group has a confidence interval."
    )
    most = known.counts.loc["all", "emotions"]
    assert partial.startswith(
        f"The race groups black (fear, surprise) and mixed (happy) show fewer than the {most} emotions tested: their "
        "accuracies confound group with emotion. "
    )
    assert few == (
        "The race group mixed (4 clusters) has fewer than 10 clusters: intervals are wide and approximate, and only "
        "large differences would be detected."
    )


def _answers(sizes, wrong_in):
    """Return predictions of one group, ``x``, with clips of these sizes, and one error in each of so many clips."""
    clip = np.repeat(np.arange(len(sizes)), sizes)
    wrong = np.isin(np.arange(len(clip)), np.flatnonzero(np.diff(clip, prepend=-1))[:wrong_in])
    table = pd.DataFrame({"label": "happy", "predicted": np.where(wrong, "sad", "happy"), "p_happy": 1.0 - wrong})
    return table.assign(p_sad=1.0 * wrong, race="x", clip=clip.astype(str))


FEW = "x (in 2 of 12 clusters) occur in fewer than 5 clusters: intervals are wider than "
UNEQUAL = "x has 15 clusters of very unequal size, worth 3.8 equal ones: intervals are wide and approximate, "
ONE = "one of which holds more than four fifths of its faces: neither its accuracy nor its difference from "


@pytest.mark.parametrize(
    ("sizes", "wrong_in", "says"),
    [
        ([10] * 12, 2, [FEW]),
        ([10] * 12, 5, []),
        ([30, 30, 30, *[1] * 12], 9, [UNEQUAL]),
        ([95, *[1] * 12], 9, [f"x has 13 clusters, {ONE}"]),
        ([95, 5], 1, [f"x has 2 clusters, {ONE}"]),
    ],
)
def test_designs_whose_intervals_are_too_wide_or_missing_are_named(sizes, wrong_in, says):
    table = _answers(sizes, wrong_in)
    clusters = clusters_of(table, "clip")
    known = measure(table, RACE, ["x"], clusters)
    *_, only_group = sentences = sorted(warnings_of(known, clusters, table), key=lambda one: "others were not" in one)
    assert "others were not tested" in only_group
    assert len(sentences) == len(says) + 1
    for sentence, beginning in zip(sentences, says, strict=False):
        assert sentence.startswith(
            (f"The race group {beginning}", f"Errors, or right answers, on the race group {beginning}")
        )
    low, high = known.of("accuracy").loc["x", ["low", "high"]]
    assert np.isnan(low) == np.isnan(high) == any(ONE in one for one in says)


def test_of_several_models_those_with_few_errors_are_counted():
    tables = [_answers([10] * 12, wrong) for wrong in (2, 7, 0)]
    clusters = clusters_of(tables[0], "clip")
    counts = unit_counts(tables[0], RACE.groups(tables[0]), clusters)
    (sentence,) = few_errors(RACE, counts, clusters, *tables)
    assert sentence.startswith(
        "Errors, or right answers, on the race group x (in 0 of 12 clusters, with 2 of 3 models) occur in fewer"
    )
    assert few_errors(RACE, counts, clusters, tables[1]) == few_errors(RACE, counts, clusters) == []


def test_one_group_that_shows_few_emotions_is_reported_with_them(predictions):
    clusters = clusters_of(predictions, "clip")
    known = measure(predictions, RACE, ["white", "mixed"], clusters)
    most = known.counts.loc["all", "emotions"]
    sentence = warnings_of(known, clusters, predictions)[0]
    assert sentence.startswith(
        f"The race group mixed (200 faces, 4 persons, 4 clips) shows 1 of the {most} emotions tested (happy): "
    )


def test_the_single_cluster_of_a_group_says_what_clusters_are(predictions):
    table = predictions.assign(race=predictions["race"].replace("mixed", "black"))
    table["scene"] = np.where(table["race"] == "black", "x", np.where(table.index % 2, "y", "z"))
    scenes = clusters_of(table, "scene")
    sentence = warnings_of(measure(table, RACE, ["white", "black"], scenes), scenes, table)[0]
    assert sentence.startswith(
        "The race group black (400 faces, 5 persons, 5 clips) is a single cluster (clusters are scenes): "
    )


def test_slices_are_groups_by_any_column(predictions):
    clusters = clusters_of(predictions, "clip")
    pose = pd.Series(np.where(np.arange(600) % 3 == 0, "frontal", "profile"), name="pose").where(np.arange(600) > 5)
    table = slice_accuracy(predictions, pose, clusters)
    right = predictions["label"] == predictions["predicted"]
    assert table.index.name == "pose"
    assert table["count"].to_dict() == pose.value_counts().to_dict()
    assert table.loc["profile", "accuracy"] == pytest.approx(right[pose == "profile"].mean())
    assert (table["low"] < table["accuracy"]).all() and (table["clusters"] == 17).all()


def test_columns_that_a_table_can_be_grouped_by(predictions):
    table = predictions.assign(pose=["a", "b"] * 300, one="x", name=range(600), every=["all", "a"] * 300)
    assert slice_columns(table, ["pose", "one", "name", "every", "absent", "race"]) == ["pose", "race"]


def test_many_clusters_take_fewer_replicates():
    counts = [replicates_for(Clusters("samples", np.arange(size), 0)) for size in (0, 10, 1000, 3000, 10**5)]
    assert counts == [10_000, 10_000, 10_000, 3333, 2000]


def test_the_whole_is_what_group_intervals_says(predictions):
    clusters = clusters_of(predictions, "clip")
    whole = whole_accuracy(predictions, clusters)
    assert whole["count"] == 600
    right = (predictions["label"] == predictions["predicted"]).to_numpy()
    y_true, y_pred = np.zeros(600, int), np.where(right, 0, 1)
    direct = group_intervals(y_true, y_pred, sensitive_features=["one"] * 600, clusters=clusters.ids)
    assert whole["low"] == pytest.approx(direct.loc[("all", "accuracy"), "low"], abs=0.01)

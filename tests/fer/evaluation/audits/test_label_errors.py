"""Likely wrong labels: found where they were made wrong, counted by group, and compared with the votes."""

import numpy as np
import pandas as pd
import pytest

from fer.data.attributes import RACE
from fer.data.emotions import EMOTIONS
from fer.data.samples import VOTES, votes_column
from fer.evaluation.audits.label_errors import (
    against_votes,
    audit_label_errors,
    gap_sentence,
    likely_label_errors,
)
from fer.evaluation.independent_units import clusters_of

FACES = 700


@pytest.fixture(scope="module")
def noisy():
    """Faces of two groups, every fifth label of one group wrong, and a model that errs on no true emotion."""
    stream = np.random.default_rng(0)
    truth = np.arange(FACES) % 7
    race = np.where(np.arange(FACES) // 7 % 2, "a", "b")
    wrong = (race == "a") & (stream.random(FACES) < 0.2)
    label = np.where(wrong, (truth + stream.integers(1, 7, FACES)) % 7, truth)
    proba = 0.7 * np.eye(7)[truth] + 0.3 * stream.dirichlet(np.ones(7), FACES)
    emotions = np.asarray(EMOTIONS)
    table = pd.DataFrame({"sample_id": [f"s/{row}" for row in range(FACES)], "label": emotions[label]})
    table["predicted"] = emotions[proba.argmax(axis=1)]
    table = table.join(pd.DataFrame(proba, columns=[f"p_{emotion}" for emotion in EMOTIONS])).assign(race=race)
    return table, wrong, truth


def audited(predictions, samples=None):
    samples = predictions[["sample_id", "label", "race"]] if samples is None else samples
    return audit_label_errors(samples, predictions, {RACE: ["a", "b"]}, clusters_of(predictions, "sample"))


def test_the_labels_that_were_made_wrong_are_flagged(noisy):
    predictions, wrong, _ = noisy
    flagged = likely_label_errors(predictions)
    assert (flagged & ~wrong).sum() == 0 and flagged[wrong].mean() > 0.9


def test_a_gap_that_is_all_label_noise_goes_with_the_flagged_faces(noisy):
    predictions, wrong, _ = noisy
    found = audited(predictions)
    table = found.tables["label_errors_race"]
    assert table.index.tolist() == ["all", "a", "b"]
    assert table.loc["b", ["flagged", "accuracy", "accuracy_not_flagged"]].tolist() == [0, 1, 1]
    assert table.loc["a", "accuracy"] == pytest.approx(1 - wrong.sum() / 350)
    assert table.loc["a", "accuracy_not_flagged"] > 0.97
    assert (table["low"] <= table["accuracy_not_flagged"]).all()
    assert found.metrics["label_errors/share"] == pytest.approx(table.loc["all", "flagged"] / FACES)
    assert found.metrics["race/accuracy_not_flagged/b"] == 1
    assert found.sentences == []  # Flags are no warning: they may be the model's own errors.
    said = gap_sentence(table, "race")
    assert f"by up to {100 * wrong.sum() / 350:.1f} points" in said and "at most" in said and "label noise" in said
    assert gap_sentence(table.drop(index="b"), "race") == ""
    assert "do not explain it" in gap_sentence(table.assign(accuracy=1.0), "race")
    listed = found.tables["label_errors"]
    assert listed["p_label"].is_monotonic_increasing and (listed["p_predicted"] > 0.5).all()


def test_errors_that_a_model_makes_at_random_are_not_flagged_as_labels(noisy):
    predictions, _, truth = noisy
    right = predictions.assign(label=np.asarray(EMOTIONS)[truth])
    assert audited(right).metrics["label_errors/share"] == 0
    assert gap_sentence(audited(right).tables["label_errors_race"], "race") == ""


def test_without_probabilities_with_few_faces_and_of_one_emotion_nothing_is_said(noisy):
    predictions, _, _ = noisy
    for table in (
        predictions.drop(columns=list(predictions.filter(like="p_"))),
        predictions.head(99),
        predictions[predictions["label"] == "sad"],
        predictions.assign(predicted="sad"),
    ):
        assert likely_label_errors(table.reset_index(drop=True)) is None
    few = predictions[predictions["label"].isin(["sad", "happy"])].reset_index(drop=True)
    assert likely_label_errors(few) is not None  # Emotions that no face shows are no problem.


def test_the_votes_say_how_many_flagged_labels_are_wrong(noisy):
    predictions, wrong, truth = noisy
    votes = pd.DataFrame(0, predictions.index, list(VOTES))
    for code, emotion in enumerate(EMOTIONS):
        votes[votes_column(emotion)] = np.where(truth == code, 9, 0)
    votes["votes_contempt"] = 1
    found = audited(predictions, predictions[["sample_id", "label", "race"]].join(votes))
    table = found.tables["label_errors_by_votes"].set_index("share")
    assert table.loc["wrong", "estimate"] == pytest.approx(wrong.mean())
    assert table.loc["precision", "estimate"] == 1 and table.loc["precision", "low"] < 1
    assert table.loc["recall", ["estimate", "faces"]].tolist() == pytest.approx(
        [likely_label_errors(predictions)[wrong].mean(), wrong.sum()]
    )
    assert found.metrics["label_errors/precision"] == 1


def test_few_votes_and_ties_say_nothing_about_a_label():
    votes = np.array([[2, 1], [5, 5], [9, 1], [1, 9], [9, 1]])
    flagged = np.array([True, True, True, True, False])
    table = against_votes(pd.Series([1, 0, 1, 1, 0]), votes, flagged)
    assert table.loc["wrong", ["estimate", "faces"]].tolist() == pytest.approx([1 / 3, 3])
    assert table.loc["precision", ["estimate", "faces"]].tolist() == [0.5, 2]
    assert table.loc["recall", ["estimate", "faces"]].tolist() == [1, 1]
    assert against_votes(pd.Series([0]), np.array([[3, 0]]), np.array([True])) is None

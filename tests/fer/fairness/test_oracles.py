"""scikit-learn and Fairlearn as oracles: where they have a number, ours is the same, on any predictions."""

import fairlearn.metrics as fairlearn
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn import metrics as sklearn

from fer.fairness import (
    class_metrics,
    demographic_parity_difference,
    equalized_odds_difference,
    group_metrics,
    point_metrics,
    recall_difference,
)

LABELS = ("angry", "fear", "happy", "sad")


@st.composite
def predictions(draw, classes=None):
    """Return y_true, y_pred, y_proba, sensitive_features and weights of 1 to 60 samples, as a stream gives them."""
    count, k = draw(st.integers(1, 60)), draw(st.integers(2, 4)) if classes is None else classes
    stream = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    # Few classes and groups in use, so that some have no sample.
    y_true, y_pred = (stream.choice(draw(st.integers(1, k)), count) for _ in range(2))
    y_proba = stream.dirichlet(np.full(k, 0.5), count)
    groups = stream.choice(["a", "b", "c"][: draw(st.integers(1, 3))], count)
    return y_true, y_pred, y_proba, groups, stream.random(count) + 0.01


@settings(max_examples=60, deadline=None)
@given(predictions(), st.booleans())
def test_point_metrics_are_those_of_scikit_learn(data, weighted):
    y_true, y_pred, y_proba, _, weights = data
    sample_weight = weights if weighted else None
    found = point_metrics(y_true, y_pred, y_proba=y_proba, sample_weight=sample_weight)
    by = {"sample_weight": sample_weight}
    f1 = {"labels": np.unique(y_true), "zero_division": 0.0, **by}
    assert found["accuracy"] == pytest.approx(sklearn.accuracy_score(y_true, y_pred, **by))
    assert found["f1_weighted"] == pytest.approx(sklearn.f1_score(y_true, y_pred, average="weighted", **f1))
    assert found["f1_macro"] == pytest.approx(sklearn.f1_score(y_true, y_pred, average="macro", **f1))
    k = y_proba.shape[1]
    assert found["loss"] == pytest.approx(sklearn.log_loss(y_true, y_proba, labels=range(k), **by))
    one_against_the_rest = [
        sklearn.brier_score_loss(y_true == code, y_proba[:, code], pos_label=True, labels=[False, True], **by)
        for code in range(k)
    ]
    # Of two classes scikit-learn halves the squared distance; the sum over both is the whole of it.
    assert found["brier"] == pytest.approx(sum(one_against_the_rest))


@settings(max_examples=60, deadline=None)
@given(predictions())
def test_classes_are_those_of_scikit_learns_report(data):
    y_true, y_pred, y_proba, _, _ = data
    labels = LABELS[: y_proba.shape[1]]
    true, said = np.array(LABELS)[y_true], np.array(LABELS)[y_pred]
    report = sklearn.classification_report(true, said, labels=list(labels), output_dict=True, zero_division=np.nan)
    found = class_metrics(true, said, labels=labels)
    assert list(found.index) == list(labels)
    for label, row in found.iterrows():
        expected = report[label]
        assert row["support"] == expected["support"]
        assert row["precision"] == pytest.approx(expected["precision"], nan_ok=True)
        if row["support"]:
            assert (row["recall"], row["f1"]) == pytest.approx((expected["recall"], expected["f1-score"]))
        else:
            assert row[["recall", "f1"]].isna().all()


@settings(max_examples=60, deadline=None)
@given(predictions(), st.booleans())
def test_groups_are_those_of_a_metric_frame(data, weighted):
    y_true, y_pred, _, groups, weights = data
    functions = {
        "count": fairlearn.count,
        "accuracy": sklearn.accuracy_score,
        "f1_weighted": lambda true, said, sample_weight=None: sklearn.f1_score(
            true, said, average="weighted", zero_division=0.0, sample_weight=sample_weight
        ),
    }
    weighing = {"sample_weight": weights} if weighted else {}
    frame = fairlearn.MetricFrame(
        metrics=functions,
        y_true=y_true,
        y_pred=y_pred,
        sensitive_features=pd.Series(groups),
        sample_params={name: weighing for name in functions if name != "count"},
    ).by_group
    found = group_metrics(y_true, y_pred, sensitive_features=groups, **weighing)
    assert list(found.index) == list(frame.index)
    for name in functions:
        assert found[name].tolist() == pytest.approx(frame[name].tolist())


@settings(max_examples=60, deadline=None)
@given(predictions(classes=2), st.booleans())
def test_differences_of_two_classes_are_fairlearns(data, weighted):
    y_true, y_pred, _, groups, weights = data
    assume(len(set(groups)) > 1)
    by = {"sensitive_features": groups} | ({"sample_weight": weights} if weighted else {})
    expected = fairlearn.demographic_parity_difference(y_true, y_pred, **by)
    assert demographic_parity_difference(y_true, y_pred, **by) == pytest.approx(expected)
    # Where a group has no sample of a class, Fairlearn counts its rate as 0; here it takes no part.
    if len(set(y_true)) < 2 or not (pd.crosstab(groups, y_true) > 0).all(axis=None):
        return  # Not assume(): Hypothesis fails a test that drops most of what it draws, which this one does at times.
    expected = fairlearn.equalized_odds_difference(y_true, y_pred, **by)
    assert equalized_odds_difference(y_true, y_pred, **by) == pytest.approx(expected)
    rates = {"true": fairlearn.true_positive_rate, "false": fairlearn.true_negative_rate}
    frame = fairlearn.MetricFrame(
        metrics=rates, y_true=y_true, y_pred=y_pred, sensitive_features=groups,
        sample_params={name: {"sample_weight": weights} if weighted else {} for name in rates},
    )  # fmt: skip
    assert recall_difference(y_true, y_pred, **by) == pytest.approx(frame.difference().max())


def test_a_rate_without_a_sample_is_fairlearns_0_and_no_rate_here():
    y_true, y_pred, groups = [1, 0, 1, 0, 0, 0], [1, 0, 0, 0, 1, 0], list("aaabbb")
    # Group b shows no class 1: nothing says how often it would have been recognised.
    assert fairlearn.true_positive_rate([0, 0, 0], [0, 1, 0]) == 0
    assert fairlearn.equalized_odds_difference(y_true, y_pred, sensitive_features=groups) == pytest.approx(1 / 2)
    assert equalized_odds_difference(y_true, y_pred, sensitive_features=groups) == pytest.approx(1 / 3)

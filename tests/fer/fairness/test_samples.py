"""Labels or codes come in, codes come out; invalid values are refused by name."""

import numpy as np
import pandas as pd
import pytest

from fer.fairness import equalized_odds_difference, group_intervals, paired_comparison, point_metrics
from fer.fairness.samples import class_labels, codes_of, samples_of

LABELS = ("sad", "angry", "happy")
TRUE, SAID = [0, 1, 2, 2, 1, 0, 0, 2], [0, 1, 1, 2, 0, 0, 2, 2]


def words(codes):
    return np.array(LABELS)[codes]


@pytest.mark.parametrize(
    "form",
    [list, pd.Series, lambda values: pd.Series(values, dtype="category"), np.array],
    ids=["list", "series", "categories", "array"],
)
def test_labels_and_codes_give_the_same(form):
    y_proba = np.random.default_rng(0).dirichlet(np.ones(3), 8)
    codes = point_metrics(form(TRUE), form(SAID), y_proba=y_proba, labels=LABELS)
    named = point_metrics(form(words(TRUE)), form(words(SAID)), y_proba=y_proba, labels=LABELS)
    pd.testing.assert_series_equal(codes, named)


def test_functions_of_groups_take_labels_too():
    by = {"sensitive_features": list("aabbaabb"), "clusters": list("uvwxyzrs")}
    pd.testing.assert_frame_equal(
        group_intervals(TRUE, SAID, **by, labels=LABELS, n_resamples=20),
        group_intervals(words(TRUE), words(SAID), **by, labels=LABELS, n_resamples=20),
    )
    pd.testing.assert_frame_equal(
        paired_comparison(TRUE, SAID, TRUE, **by, n_resamples=20),
        paired_comparison(words(TRUE), words(SAID), words(TRUE), **by, n_resamples=20),
    )
    features = by["sensitive_features"]
    assert equalized_odds_difference(TRUE, SAID, sensitive_features=features) == equalized_odds_difference(
        words(TRUE), words(SAID), sensitive_features=features
    )


def test_without_labels_classes_are_sorted_or_counted():
    assert class_labels({"y_true": words(TRUE), "y_pred": ["fear"]}) == ("angry", "fear", "happy", "sad")
    assert class_labels({"y_true": [0, 3], "y_pred": [1]}) == (0, 1, 2, 3)
    assert class_labels({"y_true": [0, 3]}, count=7) == (0, 1, 2, 3, 4, 5, 6)
    assert class_labels({"y_true": [True, False]}) == (0, 1)
    assert class_labels({"y_true": [], "y_pred": []}) == ()


def test_whole_numbers_are_positions_unless_the_labels_are_numbers():
    assert codes_of([0, 2], LABELS, "y_pred").tolist() == [0, 2]
    assert codes_of([20, 10], [10, 20], "y_pred").tolist() == [1, 0]
    assert codes_of(np.array([["sad", "happy"]]), LABELS, "y_pred").tolist() == [[0, 2]]
    assert codes_of(pd.Series([1, 0], dtype="Int64"), LABELS, "y_pred").tolist() == [1, 0]


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"y_pred has fear, which is none of the classes sad, angry, happy"):
        samples_of(words([0]), ["fear"], labels=LABELS)
    with pytest.raises(ValueError, match=r"y_true has 3, which is none of the classes"):
        samples_of([3], [0], labels=LABELS)
    with pytest.raises(ValueError, match=r"y_true has -1"):
        samples_of([-1], [0])
    with pytest.raises(ValueError, match=r"y_true holds float64 values"):
        samples_of([0.5], [0])
    with pytest.raises(ValueError, match=r"y_pred holds object values or nulls"):
        samples_of(["sad"], [None], labels=LABELS)
    with pytest.raises(ValueError, match=r"some predictions are labels and some are codes; give labels="):
        samples_of(["sad"], [0])
    with pytest.raises(ValueError, match=r"labels has a class twice"):
        samples_of([0], [0], labels=["sad", "sad"])
    with pytest.raises(ValueError, match=r"y_true 2, y_pred 1\); give one value per sample"):
        samples_of([0, 1], [0])


def test_probabilities_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"y_proba has the shape \(2,\)"):
        samples_of([0, 1], [0, 1], [0.5, 0.5])
    with pytest.raises(ValueError, match=r"y_proba has 2 columns for 3 classes; give labels="):
        samples_of([0], [0], [[0.5, 0.5]], labels=LABELS)
    with pytest.raises(ValueError, match=r"y_proba 1\)"):
        samples_of([0, 1], [0, 1], [[0.5, 0.5]])
    for row in ([0.5, 0.6], [1.5, -0.5], [np.nan, 1.0]):
        with pytest.raises(ValueError, match=r"each row is in 0\.\.1 and sums to 1"):
            samples_of([0], [0], [row])


def test_a_weight_below_0_is_refused():
    with pytest.raises(ValueError, match="sample_weight has values below 0"):
        point_metrics([0, 1], [0, 1], sample_weight=[1, -1])
    with pytest.raises(ValueError, match="sample_weight 1"):
        point_metrics([0, 1], [0, 1], sample_weight=[1])

"""Groups at one mix of classes by hand, and at one size: the smallest group is drawn whole."""

import numpy as np
import pandas as pd
import pytest

from fer.fairness import calibration_error_at_equal_size, point_metrics, standardised_accuracy


@pytest.fixture
def random():
    """Return y_true, y_pred and keywords of 400 samples in 7 classes and 4 groups, some null."""
    stream = np.random.default_rng(1)
    y_proba = stream.dirichlet(np.ones(7), 400)
    group = pd.Series(stream.choice(["d", "b", "a", "c"], 400, p=[0.6, 0.2, 0.15, 0.05])).astype("str")
    group[::40] = None
    y_true, y_pred = stream.integers(0, 4, 400), y_proba.argmax(axis=1)
    by = {"y_proba": y_proba, "sensitive_features": group, "clusters": stream.integers(0, 30, 400)}
    return y_true, y_pred, by


def calibration_error(y_true, y_pred, y_proba):
    return point_metrics(y_true, y_pred, y_proba=y_proba)["calibration_error"]


def test_standardised_accuracy_weights_shared_emotions_alike():
    # Emotion 0: a 8 of 10, b 3 of 5. Emotion 1: a 1 of 5, b 5 of 20. Emotion 2: only a.
    cells = [(0, "a", 8, 10), (0, "b", 3, 5), (1, "a", 1, 5), (1, "b", 5, 20), (2, "a", 30, 30)]
    rows = [(true, name, at < right) for true, name, right, n in cells for at in range(n)]
    y_true = np.array([row[0] for row in rows])
    y_pred = np.where([row[2] for row in rows], y_true, 6)
    group = np.array([row[1] for row in rows])
    values = standardised_accuracy(y_true, y_pred, sensitive_features=group, groups=["b", "nobody", "a"])
    weights = np.array([15, 25]) / 40
    assert values["a"] == pytest.approx(weights @ [0.8, 0.2])
    assert values["b"] == pytest.approx(weights @ [0.6, 0.25])
    assert np.isnan(values["nobody"])
    assert list(values.index) == ["b", "nobody", "a"]
    only_second = standardised_accuracy(y_true, y_pred, sensitive_features=group, minimum_count=6)
    assert only_second.isna().all()


def test_without_a_shared_emotion_standardised_accuracy_is_nan():
    zeros, group = np.zeros(18, int), np.array(["a"] * 9 + ["b"] * 9)
    values = standardised_accuracy(np.array([0] * 9 + [1] * 9), zeros, sensitive_features=group)
    assert values.isna().all()
    nobody = pd.Series([None] * 18, dtype="str")
    assert standardised_accuracy(zeros, zeros, sensitive_features=nobody, groups=["a"]).isna().all()


def test_equal_mixes_leave_accuracy_as_it_is():
    stream = np.random.default_rng(3)
    y_true, group = np.tile(np.repeat(np.arange(3), 20), 2), np.repeat(["a", "b"], 60)
    y_pred = np.where(stream.random(120) < 0.6, y_true, 5)
    raw = {name: (y_true == y_pred)[group == name].mean() for name in "ab"}
    assert standardised_accuracy(y_true, y_pred, sensitive_features=group).to_dict() == pytest.approx(raw)


def test_calibration_is_compared_at_equal_size(random):
    y_true, y_pred, by = random
    del by["clusters"]
    group, y_proba = by["sensitive_features"], by["y_proba"]
    values = calibration_error_at_equal_size(y_true, y_pred, **by, groups=["c", "d", "nobody"])
    here = (group == "c").to_numpy()
    # The smallest group is drawn whole each time.
    assert values["c"] == pytest.approx(calibration_error(y_true[here], y_pred[here], y_proba[here]))
    there = (group == "d").to_numpy()
    assert values["d"] > calibration_error(y_true[there], y_pred[there], y_proba[there]) + 0.02
    assert np.isnan(values["nobody"])
    again = calibration_error_at_equal_size(y_true, y_pred, **by, groups=["d", "c", "nobody"])
    assert again["d"] == values["d"]

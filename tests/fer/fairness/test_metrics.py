"""Point metrics against scikit-learn and by hand; no number without a sample; directions."""

import numpy as np
import pytest
from sklearn import metrics as reference

from fer.fairness import Unit, direction_of, point_metrics, unit_of

NAMES = ["accuracy", "f1_weighted", "f1_macro", "loss", "brier", "calibration_error"]


@pytest.fixture(scope="module")
def random():
    """Return y_true, y_pred, y_proba of 300 samples in 7 classes."""
    stream = np.random.default_rng(0)
    y_proba = stream.dirichlet(np.ones(7) * 0.4, 300)
    y_pred = y_proba.argmax(axis=1)
    y_true = np.where(stream.random(300) < 0.5, y_pred, stream.integers(0, 7, 300))
    return y_true, y_pred, y_proba


def value(name, y_true, y_pred, y_proba):
    return point_metrics(y_true, y_pred, y_proba=y_proba)[name]


def test_metrics_are_those_of_scikit_learn(random):
    y_true, y_pred, y_proba = random
    values = point_metrics(y_true, y_pred, y_proba=y_proba)
    assert list(values.index) == NAMES
    assert values["accuracy"] == pytest.approx(reference.accuracy_score(y_true, y_pred))
    assert values["f1_weighted"] == pytest.approx(reference.f1_score(y_true, y_pred, average="weighted"))
    assert values["f1_macro"] == pytest.approx(reference.f1_score(y_true, y_pred, average="macro"))
    assert values["loss"] == pytest.approx(-np.log(y_proba[np.arange(300), y_true]).mean())
    per_class = [reference.brier_score_loss(y_true == code, y_proba[:, code]) for code in range(7)]
    assert values["brier"] == pytest.approx(sum(per_class))


def test_macro_f1_is_over_the_classes_that_occur():
    y_true, y_pred = np.array([0, 0, 1, 1]), np.array([0, 0, 1, 5])
    assert value("f1_macro", y_true, y_pred, np.eye(7)[y_pred]) == pytest.approx((1 + 2 / 3) / 2)


def plain_calibration(y_true, y_pred, y_proba, bins=15):
    total, top = 0.0, y_proba.max(axis=1)
    for low in range(bins):
        here = (top > low / bins) & (top <= (low + 1) / bins)
        if here.any():
            total += here.sum() * abs((y_true == y_pred)[here].mean() - top[here].mean())
    return total / len(y_true)


def test_calibration_error_is_that_of_a_plain_loop(random):
    assert value("calibration_error", *random) == pytest.approx(plain_calibration(*random))


def test_calibration_error_of_certain_answers():
    y_pred = np.zeros(4, int)
    assert value("calibration_error", np.array([0, 0, 0, 1]), y_pred, np.eye(2)[y_pred]) == pytest.approx(0.25)
    assert value("calibration_error", y_pred, y_pred, np.eye(2)[y_pred]) == 0


def test_a_class_without_samples_does_not_stop_the_loss():
    assert value("loss", np.array([2]), np.array([2]), np.array([[0.25, 0.25, 0.5]])) == pytest.approx(np.log(2))


def test_without_a_sample_every_metric_is_nan():
    values = point_metrics(np.array([], int), np.array([], int), y_proba=np.empty((0, 7)))
    assert list(values.index) == NAMES
    assert values.isna().all()


@pytest.mark.parametrize(
    ("name", "direction"),
    [
        ("accuracy", "up"),
        ("loss", "down"),
        ("accuracy_std", "down"),
        ("f1_weighted_gap", "down"),
        ("accuracy_ratio", "up"),
        ("accuracy_min", "up"),
        ("loss_max", "down"),
        ("test/accuracy", "up"),
        ("test/race/accuracy_std", "down"),
        ("test/race/accuracy/black", "up"),
        ("test/race/loss/black", "down"),
        ("test/race/accuracy/loss", "up"),
        ("test/accuracy/loss/black_std", "down"),
        ("test/race/equalized_odds_difference", "down"),
        ("std", "down"),
        ("test/recall/anger", "up"),
    ],
)
def test_directions(name, direction):
    assert direction_of(name) == direction


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("accuracy", Unit.SHARE),
        ("test/race/accuracy_std", Unit.SHARE),
        ("accuracy_gap", Unit.SHARE),
        ("accuracy_ratio", Unit.RATIO),
        ("loss_std", Unit.NATS),
        ("test/race/brier/black", Unit.SQUARED_DISTANCE),
        ("test/race/brier/accuracy_ratio", Unit.SQUARED_DISTANCE),
        ("recall/anger", Unit.SHARE),
        ("demographic_parity_difference", Unit.SHARE),
        ("calibration_error_equal_size", Unit.SHARE),
    ],
)
def test_units(name, unit):
    assert unit_of(name) is unit
    assert unit_of(name).in_percent == (100 if unit is Unit.SHARE else 1)


def test_a_figure_over_groups_alone_has_no_unit():
    with pytest.raises(ValueError, match="name the metric too, such as accuracy_std"):
        unit_of("std")


@pytest.mark.parametrize("name", ["support", "test/race/count/black", "accuracy_mode", "test", "", "kappa_std"])
def test_an_unknown_direction_is_refused_with_the_known_ones(name):
    with pytest.raises(ValueError, match=r"no declared direction.*accuracy, .*f1_weighted"):
        direction_of(name)

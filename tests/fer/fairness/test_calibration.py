"""Reliability tables by a plain loop; the debiased error on answers that are calibrated by construction."""

import numpy as np
import pandas as pd
import pytest
from simulated import simulate

from fer.fairness import debiased_calibration_error, point_metrics, reliability_table


def answers(stream, count, bias=0.0):
    """Return y_true, y_pred, proba of two classes, right as often as the top probability less ``bias`` says."""
    top = stream.uniform(0.55, 0.95, count)
    right = stream.random(count) < top - bias
    return np.zeros(count, int), np.where(right, 0, 1), np.stack([top, 1 - top], axis=1)


def ungrouped(data):
    """Return the arguments but for the clusters, as keywords."""
    return {name: value for name, value in data.all.items() if name != "clusters"}


def debiased(arrays, clusters, groups=None):
    """Return the debiased error of samples that are all of group a."""
    y_true, y_pred, y_proba = arrays
    group = np.full(len(y_true), "a")
    return debiased_calibration_error(
        y_true, y_pred, y_proba=y_proba, sensitive_features=group, clusters=clusters, groups=groups
    )


def test_bins_are_those_of_a_plain_loop():
    data = simulate()
    table = reliability_table(**ungrouped(data), groups=["b", "nobody"], n_bins=10)
    assert list(table.index.get_level_values("group").unique()) == ["all", "b", "nobody"]
    top, right = data.y_proba.max(axis=1), data.y_true == data.y_pred
    for name, here in (("all", np.ones(len(top), bool)), ("b", (data.sensitive_features == "b").to_numpy())):
        for number in range(10):
            row, inside = table.loc[(name, number)], here & (top > number / 10) & (top <= (number + 1) / 10)
            assert row["count"] == inside.sum()
            assert (row["low"], row["high"]) == pytest.approx((number / 10, (number + 1) / 10))
            if inside.any():
                assert row["confidence"] == pytest.approx(top[inside].mean())
                assert row["accuracy"] == pytest.approx(right[inside].mean())
            else:
                assert row[["confidence", "accuracy"]].isna().all()
    assert (table.loc["nobody", "count"] == 0).all()


def test_the_table_holds_the_calibration_error():
    data = simulate()
    table = reliability_table(**ungrouped(data)).loc["all"].dropna()
    error = (table["count"] * (table["accuracy"] - table["confidence"]).abs()).sum() / len(data.y_true)
    assert error == pytest.approx(point_metrics(data.y_true, data.y_pred, y_proba=data.y_proba)["calibration_error"])


def test_calibrated_answers_have_an_error_only_before_the_noise_is_taken_off():
    stream, found = np.random.default_rng(0), []
    for _ in range(50):
        arrays = answers(stream, 150)
        found.append(debiased(arrays, np.arange(150)).loc["a"])
    table = pd.DataFrame(found)
    assert table["plain"].mean() > 0.07
    assert table["squared"].mean() == pytest.approx(0, abs=4 * table["squared"].std() / np.sqrt(50))
    assert (table["squared"] < 0).mean() > 0.3
    assert ((table["squared"] < 0) == (table["root"] == 0)).all()


def test_an_error_of_ten_points_is_found_whatever_the_size():
    stream = np.random.default_rng(1)
    for count in (150, 3000):
        found = []
        for _ in range(25):
            arrays = answers(stream, count, bias=0.1)
            table = debiased(arrays, np.arange(count), groups=[])
            found.append(table.loc["all", "squared"])
        assert np.mean(found) == pytest.approx(0.01, abs=4 * np.std(found) / np.sqrt(25))


def test_copies_of_a_sample_are_no_evidence():
    arrays = answers(np.random.default_rng(2), 60)
    once = debiased(arrays, np.arange(60))
    copied = [np.repeat(array, 5, axis=0) for array in arrays]
    again = debiased(copied, np.repeat(np.arange(60), 5))
    pd.testing.assert_frame_equal(once, again)
    fooled = debiased(copied, np.arange(300))
    assert fooled.loc["a", "squared"] > once.loc["a", "squared"] + 0.005


def test_bins_of_one_cluster_are_left_out_and_said():
    y_true, proba = np.zeros(4, int), np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]])
    arrays = (y_true, np.array([0, 1, 0, 0]), proba)
    row = debiased(arrays, np.array([1, 2, 3, 3])).loc["a"]
    assert row["left_out"] == 0.5
    assert row["plain"] == pytest.approx(0.4)
    assert row["squared"] == pytest.approx(0.4**2 - 0.5**2)
    nothing = debiased(arrays, np.zeros(4), groups=["a", "nobody"])
    assert nothing[["plain", "squared", "root"]].isna().all(axis=None)
    assert nothing["left_out"].tolist() == pytest.approx([1, 1, np.nan], nan_ok=True)

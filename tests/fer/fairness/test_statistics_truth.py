"""Intervals and tests on simulated tables of known truth; benchmarks/statistics_truth.py is the long version."""

import numpy as np
import pytest
from scipy import stats
from simulated import simulate

from fer.fairness import difference_intervals, disparity_statistics, paired_comparison

TABLES = 150
# What a share of exactly 95 % or 5 % is within, in all but one of a thousand such tests.
COVERED = stats.binom.ppf([0.0005, 0.9995], TABLES, 0.95) / TABLES
FALSE_ALARMS = stats.binom.ppf([0.0005, 0.9995], TABLES, 0.05) / TABLES


def coverage(clips, per_clip, unit):
    accuracy, covered = {"a": 0.35, "b": 0.5}, []
    for seed in range(TABLES):
        data = simulate(accuracy, clips * per_clip, clips, seed)
        cluster = data.clusters if unit == "clip" else np.arange(len(data.y_true))
        row = difference_intervals(**data.grouped | {"clusters": cluster}, n_resamples=300, random_state=seed).iloc[0]
        covered.append(row["low"] <= -0.15 <= row["high"])
    return np.mean(covered)


@pytest.mark.parametrize("clips", [7, 40])
def test_the_interval_of_a_difference_covers_the_truth(clips):
    low, high = COVERED
    assert low <= coverage(clips, 8, "clip") <= high


def test_resampling_rows_does_not():
    assert coverage(7, 8, "row") < 0.8


def test_no_difference_is_seldom_found():
    found = []
    for seed in range(TABLES):
        data = simulate(dict.fromkeys("abc", 0.4), {"a": 32, "b": 60, "c": 120}, {"a": 8, "b": 12, "c": 20}, seed)
        p = disparity_statistics(**data.grouped, n_resamples=199, random_state=seed)["p"]
        found.append(p[["accuracy_std", "accuracy_gap", "recall_difference"]] <= 0.05)
    low, high = FALSE_ALARMS
    shares = np.mean(found, axis=0)
    assert (shares >= low).all()
    assert (shares <= high).all()


def test_equal_models_are_seldom_distinguished_and_unequal_ones_often():
    found = []
    for seed in range(TABLES):
        data, other = (simulate({"a": 0.4, "b": 0.5}, 100, 12, number) for number in (seed, seed + 5000))
        right = other.y_true == other.y_pred
        for better in (0.0, 0.5):
            said = right | (np.random.default_rng(seed).random(len(right)) < better)
            second = np.where(said, data.y_true, (data.y_true + 1) % 7)
            table = paired_comparison(
                data.y_true,
                data.y_pred,
                second,
                sensitive_features=data.sensitive_features,
                clusters=data.clusters,
                n_resamples=199,
                random_state=seed,
            )
            found.append(table.loc[["accuracy", "accuracy_gap"], "p"] <= 0.05)
    low, high = FALSE_ALARMS
    equal, unequal = np.mean(found[::2], axis=0), np.mean(found[1::2], axis=0)
    assert (equal >= low).all()
    assert (equal <= high).all()
    assert unequal[0] > 0.5

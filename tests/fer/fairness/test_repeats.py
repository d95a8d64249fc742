"""Several seeds of one set of samples: every statistic is the mean of what each seed has."""

import numpy as np
import pytest

from fer.fairness import DISPARITIES, bootstrap_metrics, disparity_statistics
from fer.fairness.cluster_sums import sum_groups

SAMPLES, SEEDS = 120, 3


@pytest.fixture(scope="module")
def seeds():
    """Return the arguments of each seed: the same samples, other predictions."""
    stream = np.random.default_rng(1)
    y_true, race = stream.integers(0, 3, SAMPLES), np.repeat(["a", "b", "c"], SAMPLES // 3)
    by = {"sensitive_features": race, "clusters": np.repeat(np.arange(SAMPLES // 4), 4)}
    right = [0.4, 0.6, 0.9]
    predicted = [np.where(stream.random(SAMPLES) < p, y_true, (y_true + 1) % 3) for p in right]
    return [{"y_true": y_true, "y_pred": y_pred, **by} for y_pred in predicted]


def stacked(seeds):
    return {name: np.concatenate([seed[name] for seed in seeds]) for name in seeds[0]} | {"repeats": len(seeds)}


def test_disparities_are_means_over_seeds_and_one_seed_repeated_is_that_seed(seeds):
    columns = ["estimate", "bias_corrected", "upper", "lower", "expected_under_no_difference"]
    found = disparity_statistics(**stacked(seeds), n_resamples=200)
    each = [disparity_statistics(**seed, n_resamples=200) for seed in seeds]
    for column in columns:
        rows = [name for name in DISPARITIES if (name, column) != ("accuracy_std", "bias_corrected")]
        mean = np.mean([one.loc[rows, column] for one in each], axis=0)
        assert found.loc[rows, column].tolist() == pytest.approx(mean.tolist(), nan_ok=True), column
    variance = np.mean([one.loc["accuracy_std", "variance"] for one in each])
    assert found.loc["accuracy_std", "variance"] == pytest.approx(variance)
    assert found.loc["accuracy_std", "bias_corrected"] == pytest.approx(np.sqrt(max(variance, 0)))
    thrice = disparity_statistics(**stacked([seeds[0]] * SEEDS), n_resamples=200)
    assert thrice[[*columns, "p"]].to_numpy() == pytest.approx(each[0][[*columns, "p"]].to_numpy(), nan_ok=True)


def test_replicates_are_means_over_seeds_of_the_same_clusters_drawn(seeds):
    found = bootstrap_metrics(**stacked(seeds), n_resamples=20)
    each = [bootstrap_metrics(**seed, n_resamples=20) for seed in seeds]
    assert found.values == pytest.approx(np.mean([one.values for one in each], axis=0), nan_ok=True)
    assert found.over_groups == pytest.approx(np.mean([one.over_groups for one in each], axis=0), nan_ok=True)


def test_crossed_clusters_of_several_seeds(seeds):
    crossed = np.stack([np.tile(np.arange(12), 10), np.repeat(np.arange(12), 10)], axis=1)
    found = disparity_statistics(**stacked([{**seed, "clusters": crossed} for seed in seeds]), n_resamples=50)
    each = [disparity_statistics(**{**seed, "clusters": crossed}, n_resamples=50) for seed in seeds]
    for column in ("estimate", "upper", "variance"):
        mean = np.mean([one.loc["accuracy_std", column] for one in each])
        assert found.loc["accuracy_std", column] == pytest.approx(mean), column


def test_seeds_of_other_samples_are_refused(seeds):
    arguments = stacked(seeds)
    with pytest.raises(ValueError, match="repeats=7 needs the same samples"):
        sum_groups(**{**arguments, "repeats": 7})
    shifted = {**arguments, "clusters": np.roll(arguments["clusters"], 1)}
    shifted["clusters"][0] = 99
    with pytest.raises(ValueError, match="repeats=3 needs the same samples"):
        sum_groups(**shifted)

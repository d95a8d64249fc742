"""What the present test set says of another one: calibrated on drawn tables, and NaN where it says nothing."""

import numpy as np
import pytest
from simulated import crossed, simulate

from fer.fairness import front_probability, joint_bootstrap, new_test_set_draws

DIRECTIONS = ("up", "down")


def test_another_test_set_is_predicted_twice_as_widely_as_this_one_is_known():
    data = simulate({"a": 0.3, "b": 0.5, "c": 0.7}, 400, 40)
    by = {"sensitive_features": data.sensitive_features, "clusters": data.clusters}
    drawn = new_test_set_draws(data.y_true, [data.y_pred], **by, n_resamples=4000)[0]
    resampled = joint_bootstrap(data.y_true, [data.y_pred], **by, n_resamples=4000)[0]
    assert drawn.mean(axis=0) == pytest.approx(resampled.mean(axis=0), abs=0.01)
    assert drawn[:, 0].std() == pytest.approx(np.sqrt(2) * resampled[:, 0].std(), rel=0.06)


def test_where_groups_are_equal_the_std_of_another_test_set_is_that_of_noise():
    predicted, seen, resampled = [], [], []
    for seed in range(40):
        data, other = (simulate(dict.fromkeys("abc", 0.5), 200, 20, number) for number in (seed, seed + 1000))
        by = {"sensitive_features": data.sensitive_features, "clusters": data.clusters, "n_resamples": 200}
        predicted.append(new_test_set_draws(data.y_true, [data.y_pred], **by)[0, :, 1].mean())
        resampled.append(np.nanmean(joint_bootstrap(data.y_true, [data.y_pred], **by)[0, :, 1]))
        right = other.y_true == other.y_pred
        seen.append(np.std([right[other.sensitive_features == name].mean() for name in "abc"], ddof=1))
    assert np.mean(predicted) == pytest.approx(np.mean(seen), rel=0.3)
    # A bootstrap adds its noise to that of the data.
    assert np.mean(resampled) > 1.3 * np.mean(seen)
    assert np.mean(predicted) < 0.95 * np.mean(resampled)


def test_models_that_agree_are_drawn_alike_and_seeds_are_averaged():
    data, other = simulate(), simulate(seed=3)
    by = {"sensitive_features": data.sensitive_features, "clusters": data.clusters, "n_resamples": 100}
    drawn = new_test_set_draws(data.y_true, [data.y_pred, data.y_pred], **by)
    assert drawn[0] == pytest.approx(drawn[1])
    second = np.where(other.y_true == other.y_pred, data.y_true, (data.y_true + 1) % 7)
    seeds = new_test_set_draws(data.y_true, [np.stack([data.y_pred, second]), data.y_pred], **by, labels=range(7))
    assert seeds.shape == (2, 100, 2)
    accuracy = [(y_pred == data.y_true).mean() for y_pred in (data.y_pred, second)]
    assert seeds[0, :, 0].mean() == pytest.approx(np.mean(accuracy), abs=0.03)


def test_a_group_of_one_cluster_and_a_single_group_say_nothing():
    data = simulate(clips={"a": 6, "b": 6, "c": 1})
    by = {"sensitive_features": data.sensitive_features, "clusters": data.clusters, "n_resamples": 10}
    drawn = new_test_set_draws(data.y_true, [data.y_pred], **by)
    assert np.isnan(drawn).all()
    assert front_probability(drawn, directions=DIRECTIONS).isna().all()
    assert not np.isnan(new_test_set_draws(data.y_true, [data.y_pred], **by, groups=["a", "b"])).any()
    assert np.isnan(new_test_set_draws(data.y_true, [data.y_pred], **by, groups=["a"])).all()


def test_clusters_may_span_groups_or_be_crossed():
    data = crossed(count=400)
    other = np.arange(400) // 40
    for clusters in (data.clusters, np.stack([np.arange(400) % 12, other], axis=1)):
        by = {"sensitive_features": data.sensitive_features, "clusters": clusters, "n_resamples": 50}
        drawn = new_test_set_draws(data.y_true, [data.y_pred, data.y_true], **by)
        assert (front_probability(drawn, directions=DIRECTIONS) == [0, 1]).all()

"""No worse than, and equal within, a margin: statsmodels' TOST, the interval of the test, the worst group, seeds."""

import numpy as np
import pandas as pd
import pytest
from simulated import crossed, simulate
from statsmodels.stats.weightstats import ttost_ind

from fer.fairness import difference_intervals, group_equivalence, paired_equivalence
from fer.fairness.margins import MARGIN

MARGINS = (0.02, 0.1, 0.2)


def compared(data, first, second, **options):
    by = {"sensitive_features": data.sensitive_features, "clusters": data.clusters}
    return paired_equivalence(data.y_true, first, second, **by | options)


def changed(data, share, seed=1):
    """Return predictions that differ in a share of the samples."""
    stream = np.random.default_rng(seed)
    return np.where(stream.random(len(data.y_true)) < share, stream.integers(0, 3, len(data.y_true)), data.y_pred)


def test_of_a_loss_with_equal_clusters_it_is_tost_of_the_cluster_means():
    data = simulate(samples={"a": 60, "b": 40}, accuracy={"a": 0.5, "b": 0.5}, clips={"a": 12, "b": 8})
    loss = pd.Series(-np.log(data.y_proba[np.arange(len(data.y_true)), data.y_true]))
    means = [loss[data.sensitive_features == name].groupby(data.clusters).mean() for name in "ab"]
    for margin in (0.1, 0.5, 1.0):
        row = group_equivalence(**data.all, metric="loss", margin=margin).iloc[0]
        p, lower, upper = ttost_ind(*means, -margin, margin, usevar="unequal")
        assert row["p_equal"] == pytest.approx(p)
        # Of a loss, more is worse: no worse means not above the other by the margin.
        assert row["p_no_worse"] == pytest.approx(upper[1])
        assert max(lower[1], upper[1]) == pytest.approx(p)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("margin", MARGINS)
def test_p_is_below_five_percent_exactly_where_the_90_percent_interval_is_within_the_margin(seed, margin):
    data = crossed(seed, count=600, clusters=60)
    groups = group_equivalence(**data.grouped, margin=margin)
    models = compared(data, data.y_pred, changed(data, 0.1, seed), margin=margin)
    for table in (groups, models):
        assert ((table["p_no_worse"] < 0.05) == (table["low"] > -margin)).all()
        within = (table["low"] > -margin) & (table["high"] < margin)
        assert ((table["p_equal"] < 0.05) == within).all()


def test_the_interval_of_two_groups_is_that_of_their_signed_difference():
    data = simulate(samples=150, clips=15)
    table = group_equivalence(**data.grouped, margin=0.1)
    reference = difference_intervals(**data.grouped, confidence_level=0.9)
    assert table[["low", "high"]].to_numpy() == pytest.approx(reference[["low", "high"]].to_numpy())
    assert table["difference"].to_numpy() == pytest.approx(reference["estimate"].to_numpy())


def test_two_models_exchanged_have_the_opposite_interval():
    data = crossed(3, count=600, clusters=60)
    second = changed(data, 0.2)
    there, back = compared(data, data.y_pred, second), compared(data, second, data.y_pred)
    assert there["difference"].to_numpy() == pytest.approx(-back["difference"].to_numpy())
    assert there["low"].to_numpy() == pytest.approx(-back["high"].to_numpy())
    assert there["p_equal"].to_numpy() == pytest.approx(back["p_equal"].to_numpy())


def test_the_same_answers_on_five_clips_do_not_show_that_the_models_are_equal():
    clips = np.repeat(np.arange(5), 10)
    for right in (np.ones(50), np.arange(50) % 2):
        by = {"sensitive_features": ["a"] * 50, "clusters": clips, "labels": [0, 1]}
        row = paired_equivalence(np.ones(50, int), right.astype(int), right.astype(int), **by).loc["accuracy"]
        assert row["difference"] == 0
        assert row["p_no_worse"] > 0.2


def test_a_single_cluster_says_nothing_of_the_group_nor_of_the_worst_group():
    data = simulate(samples={"a": 60, "b": 40, "c": 30}, clips={"a": 12, "b": 8, "c": 1})
    table = compared(data, data.y_pred, data.y_pred)
    assert table.loc[["accuracy_min", "accuracy/c"], ["low", "high", "p_no_worse", "p_equal"]].isna().all(axis=None)
    assert table.loc["accuracy/a", "p_no_worse"] < 1


def test_the_worst_group_of_the_second_model_may_be_another():
    # The first is right on 60 and 90 %, the second on 90 and 60 %: the worst group is as accurate as it was.
    group, order = np.repeat(["a", "b"], 1000), np.random.default_rng(0).permutation(1000)
    many, few = (order < 900).astype(int), (order < 600).astype(int)
    by = {"sensitive_features": group, "clusters": np.arange(2000), "margin": 0.1}
    table = paired_equivalence(np.ones(2000, int), np.concatenate([few, many]), np.concatenate([many, few]), **by)
    assert table.loc["accuracy_min", "difference"] == 0
    assert table.loc["accuracy_min", "p_no_worse"] < 0.01
    assert table.loc["accuracy/b", "p_no_worse"] > 0.99


def test_the_variance_over_seeds_counts():
    data = crossed(5, count=900, clusters=90)
    same = np.stack([data.y_pred] * 3)
    varied = np.stack([changed(data, share, seed) for seed, share in enumerate((0.0, 0.3, 0.6))])
    alone = compared(data, same, varied[:1])
    several = compared(data, same, varied)
    assert several["seeds"].eq(3).all() and alone["seeds"].eq(1).all()
    reach, over_clusters = (table.loc["accuracy", "high"] - table.loc["accuracy", "low"] for table in (several, alone))
    # With two degrees of freedom t is 2.92.
    error = np.array([np.mean(one == data.y_true) for one in varied]).std(ddof=1) / np.sqrt(3)
    assert reach > np.hypot(2 * 2.5 * error, over_clusters)


def test_crossed_clusters_give_wider_intervals_than_either_kind():
    stream = np.random.default_rng(0)
    person, clip = stream.integers(0, 30, 900), stream.integers(0, 30, 900)
    right = stream.normal(size=30)[person] + stream.normal(size=30)[clip] + stream.normal(size=900) > 0
    worse = right & (stream.normal(size=30)[person] < 1)
    by = {"sensitive_features": ["a"] * 900, "labels": [0, 1]}
    reach = []
    for clusters in (person, clip, np.stack([person, clip], axis=1)):
        row = paired_equivalence(np.ones(900, int), right.astype(int), worse.astype(int), clusters=clusters, **by)
        reach.append(row.loc["accuracy", "high"] - row.loc["accuracy", "low"])
    assert reach[2] >= max(reach[:2]) - 1e-9


def test_a_margin_in_percentage_points_is_refused_with_the_remedy():
    data = crossed()
    for margin in (2, 0, -0.1, float("nan")):
        with pytest.raises(ValueError, match=r"0\.02 for 2 percentage points"):
            group_equivalence(**data.grouped, margin=margin)
        with pytest.raises(ValueError, match=r"0\.02 for 2 percentage points"):
            compared(data, data.y_pred, data.y_pred, margin=margin)
    assert MARGIN == 0.02

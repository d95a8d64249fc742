"""Signed differences: the groups' intervals combined, Welch's t for a loss, the minimum detectable difference."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from simulated import Simulated, crossed, simulate

from fer.fairness import difference_intervals, minimum_detectable_difference
from fer.fairness.intervals import NO_ESTIMATE, SCORE, STUDENT
from fer.fairness.score_intervals import wilson_limits


def cluster_means(data, name, values=None):
    values = pd.Series(data.y_true == data.y_pred if values is None else values)
    values = values[(data.sensitive_features == name).to_numpy()]
    return values.groupby(data.clusters[data.sensitive_features == name]).mean()


def test_equal_clusters_give_welchs_t_test_of_the_cluster_means_of_a_loss():
    data = simulate(samples={"a": 60, "b": 40, "c": 50}, clips={"a": 6, "b": 8, "c": 5})
    loss = -np.log(data.y_proba[np.arange(len(data.y_true)), data.y_true])
    table = difference_intervals(**data.all, metric="loss", n_resamples=10)
    assert list(table.index) == [("a", "b"), ("a", "c"), ("b", "c")]
    for first, other in table.index:
        means = [cluster_means(data, name, loss) for name in (first, other)]
        reference = stats.ttest_ind(*means, equal_var=False)
        row = table.loc[(first, other)]
        bounds = reference.confidence_interval(0.95)
        assert row["p"] == pytest.approx(reference.pvalue)
        assert row["degrees_of_freedom"] == pytest.approx(reference.df)
        assert (row["low"], row["high"]) == pytest.approx((bounds.low, bounds.high))
        factor = stats.t.ppf(0.975, reference.df) + stats.t.ppf(0.8, reference.df)
        assert row["minimum_detectable_difference"] == pytest.approx(row["standard_error"] * factor)
        assert row["method"] == STUDENT


def test_the_sign_follows_the_order_of_the_pair():
    data = simulate(samples=150, clips=15)
    table = difference_intervals(**data.all, pairs=[("a", "c"), ("c", "a")], n_resamples=2000)
    there, back = table.iloc[0], table.iloc[1]
    assert there["estimate"] == pytest.approx(cluster_means(data, "a").mean() - cluster_means(data, "c").mean())
    assert (there["estimate"], there["low"], there["high"]) == pytest.approx(
        (-back["estimate"], -back["high"], -back["low"])
    )
    assert there["method"] == SCORE
    reference = stats.ttest_ind(cluster_means(data, "a"), cluster_means(data, "c"), equal_var=False)
    bounds = reference.confidence_interval(0.95)
    assert (there["low"], there["high"]) == pytest.approx((bounds.low, bounds.high), abs=0.02)


def test_the_interval_of_a_difference_of_shares_combines_those_of_the_groups():
    data = simulate({"a": 0.9, "b": 0.7}, samples=80, clips=8, seed=3)
    row = difference_intervals(**data.all).iloc[0]
    means = {name: cluster_means(data, name) for name in "ab"}
    share = {name: each.mean() for name, each in means.items()}
    size = {name: share[name] * (1 - share[name]) / stats.sem(means[name]) ** 2 for name in "ab"}
    plus_four = {name: (share[name] * size[name] + 2) / (size[name] + 4) for name in "ab"}
    variance = np.array([plus_four[name] * (1 - plus_four[name]) / (size[name] + 4) for name in "ab"])
    degrees = variance.sum() ** 2 / (variance**2 / 7).sum()
    ends = {name: wilson_limits(share[name], size[name], stats.t.ppf(0.975, degrees)) for name in "ab"}
    below = np.hypot(share["a"] - ends["a"][0], ends["b"][1] - share["b"])
    assert row["degrees_of_freedom"] == pytest.approx(degrees)
    assert row["low"] == pytest.approx(share["a"] - share["b"] - below)


def test_all_right_on_few_clips_is_not_better_for_certain():
    # 100 % on 5 clips against 82.7 % on 30: nothing is known of the small group's other clips.
    stream = np.random.default_rng(0)
    right = np.concatenate([np.ones(50, bool), stream.permutation(np.arange(300) < 248)])
    group, cluster = np.repeat(["few", "many"], [50, 300]), np.repeat(np.arange(35), 10)
    row = difference_intervals(np.zeros(350, int), 1 - right, sensitive_features=group, clusters=cluster).iloc[0]
    assert row["p"] > 0.1
    assert row["low"] < 0 < row["high"]


def test_where_clusters_span_both_groups_what_they_share_cancels():
    # Each clip is all right or all wrong, half of it a, half b: the groups differ in the second half of one clip.
    right = np.repeat([1, 0, 1, 0, 1, 1, 0, 0], 10).astype(bool)
    right[5:7] = False
    group, cluster = pd.Series(np.tile(["a"] * 5 + ["b"] * 5, 8)), pd.Series(np.repeat(np.arange(8), 10))
    y_true = np.zeros(80, int)
    data = Simulated(y_true, np.where(right, 0, 1), np.full((80, 2), 0.5), group, cluster)
    row = difference_intervals(**data.all, n_resamples=50).iloc[0]
    reference = stats.ttest_rel(cluster_means(data, "a"), cluster_means(data, "b"))
    assert row["standard_error"] == pytest.approx(abs(reference.statistic) ** -1 * abs(row["estimate"]))
    assert row["degrees_of_freedom"] == pytest.approx(7)
    assert row["standard_error"] < 0.06
    # Much narrower than of independent groups of eight clips.
    assert row["high"] - row["low"] < 0.3


def test_a_group_of_one_cluster_has_no_interval_and_no_test():
    data = simulate(clips={"a": 6, "b": 6, "c": 1})
    table = difference_intervals(**data.all, groups=["a", "b", "c", "nobody"], n_resamples=50)
    for pair in [("a", "c"), ("a", "nobody")]:
        assert table.loc[pair, ["low", "high", "standard_error", "p", "minimum_detectable_difference"]].isna().all()
        assert table.loc[pair, "method"] == NO_ESTIMATE
    assert table.loc[("a", "b"), "method"] == SCORE
    assert not np.isnan(table.loc[("a", "c"), "estimate"])


def test_other_metrics_and_unknown_names():
    data = crossed()
    table = difference_intervals(**data.all, metric="f1_weighted", n_resamples=200)
    assert table[["low", "high", "p"]].notna().all(axis=None)
    with pytest.raises(ValueError, match="no value per group; choose one of accuracy"):
        difference_intervals(**data.all, metric="accuracy_gap", n_resamples=2)
    with pytest.raises(ValueError, match="no group is named 'z'"):
        difference_intervals(**data.all, pairs=[("a", "z")], n_resamples=2)


def test_the_minimum_detectable_difference_is_found_with_its_power():
    # The formula, and what it promises: draws at that true difference pass the test 80 times in 100.
    gap = minimum_detectable_difference(0.03, 0.04)
    assert gap == pytest.approx((1.959964 + 0.841621) * 0.05, rel=1e-6)
    drawn = np.random.default_rng(0).normal(gap, 0.05, 20_000)
    assert (np.abs(drawn) / 0.05 > 1.959964).mean() == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize(("clusters", "comparisons"), [(5, 1), (10, 1), (10, 12)])
def test_with_few_clusters_and_many_comparisons_the_detectable_difference_is_larger(clusters, comparisons):
    degrees = 2 * (clusters - 1)
    error = np.sqrt(2 / clusters)
    gap = minimum_detectable_difference(error, degrees_of_freedom=degrees, comparisons=comparisons)
    stream = np.random.default_rng(0)
    drawn = stream.normal(size=(2, 20_000, clusters)) + np.array([gap, 0])[:, None, None]
    p = stats.ttest_ind(*drawn, axis=1).pvalue
    assert (p < 0.05 / comparisons).mean() == pytest.approx(0.8, abs=0.015)

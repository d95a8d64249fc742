"""Signed differences: Welch's t on cluster means, one draw for both groups, and the minimum detectable difference."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from simulated import Simulated, crossed, simulate

from fer.fairness import difference_intervals, minimum_detectable_difference
from fer.fairness.intervals import BOOTSTRAP, NO_ESTIMATE, STUDENT


def cluster_means(data, name):
    right = pd.Series(data.y_true == data.y_pred)[(data.sensitive_features == name).to_numpy()]
    return right.groupby(data.clusters[data.sensitive_features == name]).mean()


def test_few_equal_clusters_give_welchs_t_test_of_cluster_means():
    data = simulate(samples={"a": 60, "b": 40, "c": 50}, clips={"a": 6, "b": 8, "c": 5})
    table = difference_intervals(**data.all, n_resamples=10)
    assert list(table.index) == [("a", "b"), ("a", "c"), ("b", "c")]
    for first, other in table.index:
        reference = stats.ttest_ind(cluster_means(data, first), cluster_means(data, other), equal_var=False)
        row = table.loc[(first, other)]
        bounds = reference.confidence_interval(0.95)
        assert row["p"] == pytest.approx(reference.pvalue)
        assert row["degrees_of_freedom"] == pytest.approx(reference.df)
        assert (row["low"], row["high"]) == pytest.approx((bounds.low, bounds.high))
        assert row["minimum_detectable_difference"] == pytest.approx(row["standard_error"] * 2.8016, rel=1e-4)
        assert row["method"] == STUDENT


def test_the_sign_follows_the_order_of_the_pair():
    data = simulate(samples=150, clips=15)
    table = difference_intervals(**data.all, pairs=[("a", "c"), ("c", "a")], n_resamples=2000)
    there, back = table.iloc[0], table.iloc[1]
    assert there["estimate"] == pytest.approx(cluster_means(data, "a").mean() - cluster_means(data, "c").mean())
    assert (there["estimate"], there["low"], there["high"]) == pytest.approx(
        (-back["estimate"], -back["high"], -back["low"])
    )
    assert there["method"] == BOOTSTRAP
    reference = stats.ttest_ind(cluster_means(data, "a"), cluster_means(data, "c"), equal_var=False)
    bounds = reference.confidence_interval(0.95)
    assert (there["low"], there["high"]) == pytest.approx((bounds.low, bounds.high), abs=0.02)


def test_where_clusters_span_both_groups_what_they_share_cancels():
    # Each clip is all right or all wrong, half of it a, half b: the groups differ in the second half of one clip.
    right = np.repeat([1, 0, 1, 0, 1, 1, 0, 0], 10).astype(bool)
    right[5:7] = False
    group, cluster = pd.Series(np.tile(["a"] * 5 + ["b"] * 5, 8)), pd.Series(np.repeat(np.arange(8), 10))
    y_true = np.zeros(80, int)
    data = Simulated(y_true, np.where(right, 0, 1), np.full((80, 2), 0.5), group, cluster)
    row = difference_intervals(**data.all, n_resamples=50).iloc[0]
    reference = stats.ttest_rel(cluster_means(data, "a"), cluster_means(data, "b"))
    assert row["p"] == pytest.approx(reference.pvalue)
    assert row["degrees_of_freedom"] == pytest.approx(7)
    assert row["standard_error"] < 0.06


def test_a_group_of_one_cluster_has_no_interval_and_no_test():
    data = simulate(clips={"a": 6, "b": 6, "c": 1})
    table = difference_intervals(**data.all, groups=["a", "b", "c", "nobody"], n_resamples=50)
    for pair in [("a", "c"), ("a", "nobody")]:
        assert table.loc[pair, ["low", "high", "standard_error", "p", "minimum_detectable_difference"]].isna().all()
        assert table.loc[pair, "method"] == NO_ESTIMATE
    assert table.loc[("a", "b"), "method"] == STUDENT
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

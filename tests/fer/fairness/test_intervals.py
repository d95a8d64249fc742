"""Intervals of groups: t where clusters are few, expanded percentiles where they are not, words where there is none."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from simulated import crossed, simulate

from fer.fairness import bootstrap_metrics, group_intervals
from fer.fairness.intervals import BINOMIAL, BOOTSTRAP, NO_ESTIMATE, STUDENT


def test_few_equal_clusters_give_the_t_interval_of_their_means():
    data = simulate(samples=70, clips=7, accuracy={"a": 0.5})
    row = group_intervals(**data.all, n_resamples=10).loc[("a", "accuracy")]
    means = pd.Series(data.y_true == data.y_pred).groupby(data.clusters).mean()
    reference = stats.ttest_1samp(means, 0).confidence_interval(0.95)
    assert (row["low"], row["high"]) == pytest.approx((reference.low, reference.high))
    assert (row["method"], row["clusters"], row["degrees_of_freedom"]) == (STUDENT, 7, pytest.approx(6))


def test_many_clusters_give_percentiles_as_far_out_as_t_and_few_clusters_ask():
    data = simulate(samples=200, clips=20)
    table = group_intervals(**data.all, n_resamples=4000, random_state=2, confidence_level=0.9)
    row = table.loc[("b", "f1_weighted")]
    values = bootstrap_metrics(**data.all, n_resamples=4000, random_state=2).of("f1_weighted", "b")
    tail = stats.norm.cdf(-np.sqrt(20 / 19) * stats.t.ppf(0.95, row["degrees_of_freedom"]))
    assert row["method"] == BOOTSTRAP
    assert (row["low"], row["high"]) == pytest.approx(tuple(np.quantile(values, [tail, 1 - tail])))
    assert row["low"] < np.quantile(values, 0.05) < row["estimate"] < np.quantile(values, 0.95) < row["high"]


def test_one_cluster_cannot_be_estimated_and_says_so():
    data = simulate(clips={"a": 6, "b": 6, "c": 1})
    table = group_intervals(**data.all, groups=["c", "nobody"], n_resamples=50)
    assert list(table.index.get_level_values("group").unique()) == ["all", "c", "nobody"]
    one = table.loc["c"]
    assert one.loc["accuracy", "estimate"] == pytest.approx(
        (data.y_true == data.y_pred)[(data.sensitive_features == "c").to_numpy()].mean()
    )
    assert (one["method"] == NO_ESTIMATE).all()
    assert one[["low", "high", "standard_error"]].isna().all(axis=None)
    nobody = table.loc["nobody"]
    assert (nobody["clusters"] == 0).all()
    assert nobody[["estimate", "low", "high", "standard_error"]].isna().all(axis=None)
    assert (nobody["method"] == NO_ESTIMATE).all()


def test_all_right_is_not_certain():
    data = simulate(samples=50, clips=5, accuracy={"a": 1.0})
    table = group_intervals(**data.all, n_resamples=50).loc["a"]
    # Five clusters, all right: as five of five successes.
    assert table.loc["accuracy", "method"] == BINOMIAL
    assert table.loc["accuracy", ["low", "high"]].tolist() == pytest.approx([0.025 ** (1 / 5), 1.0])
    assert table.loc["f1_weighted", "method"] == NO_ESTIMATE
    assert np.isnan(table.loc["f1_weighted", "low"])


def test_clusters_that_are_all_alike_leave_nothing_to_estimate_from():
    right, cluster = np.tile([True, False, False], 6), np.repeat(np.arange(6), 3)
    by = {"sensitive_features": np.repeat("a", 18), "clusters": cluster}
    row = group_intervals(np.zeros(18, int), np.where(right, 0, 1), **by, n_resamples=20).loc[("a", "accuracy")]
    assert row["estimate"] == pytest.approx(1 / 3)
    assert row["method"] == NO_ESTIMATE
    assert row[["low", "high"]].isna().all()


def test_bounds_stay_in_the_range_of_the_metric():
    data = simulate(samples=30, clips=3, seed=4)
    table = group_intervals(**data.all, n_resamples=200)
    known = table.dropna(subset="low")
    shares = known.drop(["loss", "brier"], level="metric")
    assert known["low"].min() >= 0
    assert shares["high"].max() <= 1
    assert (known["low"] <= known["estimate"] + 1e-12).all()


def test_a_calibration_error_has_no_percentile_interval():
    data = simulate(samples=200, clips=20)
    table = group_intervals(**data.all, n_resamples=200)
    methods = table["method"].unstack("metric")
    assert (methods["calibration_error"] == STUDENT).all()
    assert (methods["accuracy"] == BOOTSTRAP).all()


def test_clusters_that_span_groups_and_null_ids():
    data = crossed()
    table = group_intervals(**data.all, n_resamples=300)
    nulls = data.clusters.isna()
    assert table.loc[("all", "accuracy"), "clusters"] == data.clusters.nunique() + nulls.sum()
    here = data.sensitive_features == "b"
    assert table.loc[("b", "accuracy"), "clusters"] == data.clusters[here].nunique() + nulls[here].sum()


def test_names_of_classes():
    data = simulate()
    table = group_intervals(**data.all, n_resamples=5, labels=[f"emotion {code}" for code in range(7)])
    assert ("a", "recall/emotion 6") in table.index

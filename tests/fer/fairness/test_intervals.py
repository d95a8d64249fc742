"""Intervals of groups: score intervals of shares, t or expanded percentiles of losses, words where there is none."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from simulated import crossed, simulate

from fer.fairness import bootstrap_metrics, group_intervals
from fer.fairness.intervals import BOOTSTRAP, NO_ESTIMATE, SCORE, STUDENT
from fer.fairness.score_intervals import wilson_limits


def test_few_equal_clusters_give_the_t_interval_of_their_means():
    data = simulate(samples=70, clips=7, accuracy={"a": 0.5})
    row = group_intervals(**data.all, n_resamples=10).loc[("a", "loss")]
    loss = -np.log(data.y_proba[np.arange(len(data.y_true)), data.y_true])
    means = pd.Series(loss).groupby(data.clusters).mean()
    reference = stats.ttest_1samp(means, 0).confidence_interval(0.95)
    assert (row["low"], row["high"]) == pytest.approx((reference.low, reference.high))
    assert (row["method"], row["clusters"], row["degrees_of_freedom"]) == (STUDENT, 7, pytest.approx(6))


def test_a_share_has_the_interval_of_as_many_independent_samples_as_its_clusters_are_worth():
    data = simulate(samples=70, clips=7, accuracy={"a": 0.6})
    row = group_intervals(**data.all, n_resamples=10).loc[("a", "accuracy")]
    error = stats.sem(pd.Series(data.y_true == data.y_pred).groupby(data.clusters).mean())
    share, quantile = row["estimate"], stats.t.ppf(0.975, 6)
    for end in (row["low"], row["high"]):
        # The error at the end itself, as large as that of the data is of theirs.
        at_end = error * np.sqrt(end * (1 - end) / (share * (1 - share)))
        assert abs(share - end) / at_end == pytest.approx(quantile)
    assert (row["method"], row["standard_error"]) == (SCORE, pytest.approx(error))


def test_many_clusters_give_percentiles_as_far_out_as_t_and_few_clusters_ask():
    data = simulate(samples=200, clips=20)
    table = group_intervals(**data.all, n_resamples=4000, random_state=2, confidence_level=0.9)
    row = table.loc[("b", "loss")]
    values = bootstrap_metrics(**data.all, n_resamples=4000, random_state=2).of("loss", "b")
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
    # Five clusters, all right: as five of five successes, with the t of four degrees of freedom.
    expected = [5 / (5 + stats.t.ppf(0.975, 4) ** 2), 1.0]
    for metric in ("accuracy", "f1_weighted"):
        assert table.loc[metric, "method"] == SCORE
        assert table.loc[metric, ["low", "high"]].tolist() == pytest.approx(expected)


def test_clusters_that_are_all_alike_count_as_one_sample_each():
    right, cluster = np.tile([True, False, False], 6), np.repeat(np.arange(6), 3)
    by = {"sensitive_features": np.repeat("a", 18), "clusters": cluster}
    row = group_intervals(np.zeros(18, int), np.where(right, 0, 1), **by, n_resamples=20).loc[("a", "accuracy")]
    assert row["estimate"] == pytest.approx(1 / 3)
    assert (row["low"], row["high"]) == pytest.approx(tuple(wilson_limits(1 / 3, 6, stats.t.ppf(0.975, 5))))
    # Two are alike by chance as often as not.
    row = group_intervals(np.zeros(6, int), np.tile([0, 1, 1], 2), **{name: ids[:6] for name, ids in by.items()})
    assert row.loc[("a", "accuracy"), "high"] > 0.99


def test_a_cluster_with_most_of_the_group_leaves_no_interval():
    cluster = np.repeat([0, 1, 2], [40, 2, 2])
    by = {"sensitive_features": np.repeat("a", 44), "clusters": cluster}
    row = group_intervals(np.zeros(44, int), np.tile([0, 1], 22), **by, n_resamples=20).loc[("a", "accuracy")]
    assert (row["method"], row["clusters"]) == (NO_ESTIMATE, 3)
    assert row[["low", "high", "degrees_of_freedom"]].isna().all()


def test_seeds_make_no_more_faces_of_a_few():
    # Three seeds of two faces of a class in each group: not "five or more".
    data = simulate(samples=60, clips=6)
    seeds = {name: np.tile(values, (3,) + (1,) * (np.ndim(values) - 1)) for name, values in data.all.items()}
    once, thrice = group_intervals(**data.all, n_resamples=20), group_intervals(**seeds, n_resamples=20, repeats=3)
    pd.testing.assert_frame_equal(once, thrice, rtol=1e-9)


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
    assert (methods["loss"] == BOOTSTRAP).all()
    assert (methods["f1_macro"] == SCORE).all()


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

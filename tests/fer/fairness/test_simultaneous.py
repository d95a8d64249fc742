"""Simultaneous intervals: the studentised range, Bonferroni's bound, p and interval agree, several models."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from simulated import crossed, simulate

from fer.fairness import difference_intervals, group_intervals, holm, simultaneous_differences, simultaneous_intervals
from fer.fairness.intervals import NO_ESTIMATE
from fer.fairness.max_t import DifferenceFamily, normal_draws


def of_all_pairs(groups):
    first, second = np.array(list(combinations(range(groups), 2))).T
    return DifferenceFamily(normal_draws(np.eye(groups), 0), first, second, np.full(len(first), np.sqrt(2.0)))


def by(data):
    return {"sensitive_features": data.sensitive_features, "clusters": data.clusters}


@pytest.mark.parametrize("groups", [2, 3, 6])
@pytest.mark.parametrize("degrees", [4, 30, 1e6])
def test_of_equal_independent_groups_it_is_the_studentised_range(groups, degrees):
    family = of_all_pairs(groups).single_step()
    expected = stats.studentized_range.ppf(0.95, groups, degrees) / np.sqrt(2)
    assert family.quantile(0.95, np.array([degrees]))[0] == pytest.approx(expected, rel=3e-3)
    for quantile in (1.0, 2.0, 3.0):
        exact = stats.studentized_range.sf(quantile * np.sqrt(2), groups, degrees)
        assert family.p(np.array([quantile]), np.array([degrees]))[0] == pytest.approx(exact, abs=0.004)


def test_many_different_degrees_of_freedom_have_the_quantiles_that_each_alone_has():
    family, degrees = of_all_pairs(4).single_step(), np.linspace(3, 200, 120)
    together = family.quantile(0.95, degrees)
    assert together[::40] == pytest.approx([family.quantile(0.95, degrees[[at]])[0] for at in (0, 40, 80)])
    assert family.p(together, degrees) == pytest.approx(np.full(120, 0.05), abs=1e-6)


def test_a_probability_too_small_for_the_draws_is_bonferronis_bound():
    family = of_all_pairs(3).single_step()
    assert family.p(np.array([9.0]), np.array([1e6]))[0] == pytest.approx(3 * 2 * stats.norm.sf(9.0), rel=1e-2)


def test_in_steps_the_smallest_p_is_that_of_one_step_and_none_is_above_holms():
    family, p = of_all_pairs(4), np.array([0.04, 0.001, 0.2, 0.012, 0.5, 0.013])
    degrees = np.full(6, 30.0)
    corrected, bound = family.step_down(p, degrees), holm(pd.Series(p)).to_numpy()
    assert corrected[1] == pytest.approx(family.single_step().p(stats.t.isf(0.0005, 30), 30), abs=1e-9)
    assert (corrected <= bound + 1e-3).all() and (corrected >= p).all()
    # The order is that of the p-values.
    assert (np.diff(corrected[np.argsort(p)]) >= 0).all()
    assert corrected[4] == pytest.approx(0.5, abs=5e-3)


@pytest.mark.parametrize("data", [crossed(count=900, clusters=60), simulate(samples=200, clips=20)])
def test_a_difference_is_found_exactly_where_its_simultaneous_interval_excludes_zero(data):
    table = simultaneous_differences(data.y_true, {"one": data.y_pred}, **by(data))
    alone = difference_intervals(**data.grouped)
    assert table["estimate"].to_numpy() == pytest.approx(alone["estimate"].to_numpy())
    assert table["p"].to_numpy() == pytest.approx(alone["p"].to_numpy())
    assert ((table["p_max_t"] < 0.05) == ((table["low"] > 0) | (table["high"] < 0))).all()
    assert (table["low"] < alone["low"].to_numpy()).all() and (table["high"] > alone["high"].to_numpy()).all()
    assert (table["p_step_down"] <= table["p_max_t"] + 1e-3).all() and (table["p_step_down"] >= table["p"]).all()
    assert (table["p_max_t"] >= table["p"]).all() and (table["p_max_t"] <= 3 * table["p"] + 1e-12).all()


def test_the_same_model_twice_widens_nothing():
    data = simulate(samples=200, clips=20)
    once = simultaneous_differences(data.y_true, {"one": data.y_pred}, **by(data))
    twice = simultaneous_differences(data.y_true, {"one": data.y_pred, "two": data.y_pred}, **by(data))
    assert len(twice) == 2 * len(once)
    assert twice["quantile"].to_numpy() == pytest.approx(np.tile(once["quantile"], 2), rel=5e-3)


def test_a_single_group_of_a_single_model_has_its_own_interval():
    data = simulate({"a": 0.7}, samples=200, clips=20)
    row = simultaneous_intervals(data.y_true, {"one": data.y_pred}, **by(data)).iloc[0]
    alone = group_intervals(**data.grouped, n_resamples=10).loc[("a", "accuracy")]
    assert (row["low"], row["high"]) == pytest.approx((alone["low"], alone["high"]), abs=1e-3)


def test_seeds_count_as_one_model_of_their_mean():
    data = simulate(samples=100, clips=10)
    other = np.roll(data.y_pred, 1)
    table = simultaneous_differences(data.y_true, {"one": np.stack([data.y_pred, other])}, **by(data))
    right = np.mean([data.y_pred == data.y_true, other == data.y_true], axis=0)
    group = data.sensitive_features.to_numpy()
    assert table["estimate"].iloc[0] == pytest.approx(right[group == "a"].mean() - right[group == "b"].mean())


def test_of_several_seeds_a_metric_is_the_mean_of_its_values_not_that_of_pooled_predictions():
    data = simulate(samples=100, clips=10)
    seeds = np.stack([data.y_pred, np.roll(data.y_pred, 1), np.roll(data.y_pred, 2)])
    table = simultaneous_differences(data.y_true, {"one": seeds, "two": seeds[:2]}, metric="f1_weighted", **by(data))
    stacked = {
        "y_true": np.tile(data.y_true, 3), "y_pred": seeds.ravel(), "clusters": np.tile(data.clusters, 3),
        "sensitive_features": np.tile(data.sensitive_features, 3), "labels": np.unique(data.y_true),
    }  # fmt: skip
    alone = difference_intervals(**stacked, metric="f1_weighted", repeats=3)
    assert table.loc["one", "estimate"].to_numpy() == pytest.approx(alone["estimate"].to_numpy())
    assert table.loc["one", "p"].to_numpy() == pytest.approx(alone["p"].to_numpy(), rel=0.05)


def test_a_group_of_one_cluster_is_left_out_of_the_family():
    data = simulate({"a": 0.5, "b": 0.6, "c": 0.7}, samples=60, clips={"a": 10, "b": 10, "c": 1})
    table = simultaneous_differences(data.y_true, {"one": data.y_pred}, **by(data))
    assert list(table["method"] == NO_ESTIMATE) == [False, True, True]
    assert table["p_max_t"].iloc[0] == pytest.approx(table["p"].iloc[0], abs=2e-3)
    assert table.loc[table["method"] == NO_ESTIMATE, ["low", "high", "p", "p_max_t"]].isna().all(axis=None)


def test_groups_that_vary_together_in_every_cluster_do_not_break_the_family():
    clips = np.repeat(np.arange(12), 6)
    group, right = np.tile(["a", "b", "c"], 24), np.repeat(np.arange(12) % 3 > 0, 6)
    right = np.where(group == "c", np.roll(right, 6), right)
    by_clip = {"sensitive_features": group, "clusters": clips, "labels": [0, 1]}
    table = simultaneous_differences(np.ones(72, int), {"one": right.astype(int)}, **by_clip)
    assert table.loc[("one", "a", "b"), ["estimate", "p_max_t"]].tolist() == [0.0, 1.0]
    assert table[["low", "high", "p_step_down"]].notna().all(axis=None)


def test_a_metric_that_is_no_share_is_refused_with_those_that_are():
    data = simulate()
    with pytest.raises(ValueError, match=r"choose one of accuracy"):
        simultaneous_differences(data.y_true, {"one": data.y_pred}, metric="loss", **by(data))
    with pytest.raises(ValueError, match="no model"):
        simultaneous_intervals(data.y_true, {}, **by(data))

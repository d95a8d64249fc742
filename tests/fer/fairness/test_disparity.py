"""Noise-corrected disparity and effective sample size against their formulas and on data of known truth."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from simulated import crossed, simulate

from fer.fairness import (
    bootstrap_metrics,
    demographic_parity_difference,
    difference_intervals,
    disparity_statistics,
    effective_sample_size,
    group_intervals,
    noise_corrected_disparity,
    paired_comparison,
)
from fer.fairness.cluster_errors import kept, metric_errors
from fer.fairness.cluster_sums import sum_groups
from fer.fairness.disparity_bounds import disparity_bounds
from fer.fairness.group_permutation_test import group_permutation_test
from fer.fairness.score_intervals import Shares


def test_the_noise_corrected_variance_by_hand():
    values, errors = pd.Series([0.3, 0.5, np.nan, 0.4]), [0.05, 0.05, np.nan, 0.02]
    expected = 0.01 - (0.0025 + 0.0025 + 0.0004) / 3
    found = noise_corrected_disparity(values, errors)
    assert found.to_dict() == pytest.approx({"variance": expected, "root": expected**0.5})
    covariance = np.diag(np.array(errors) ** 2)
    covariance[0, 1] = covariance[1, 0] = 0.0012
    assert noise_corrected_disparity(values, errors, covariance=covariance)["variance"] == pytest.approx(
        expected + 0.0004
    )
    below = noise_corrected_disparity(np.array([0.3, 0.32]), np.array([0.05, 0.05]))
    assert below["variance"] == pytest.approx(0.0002 - 0.0025)
    assert below["root"] == 0
    assert noise_corrected_disparity([0.3], [0.1]).isna().all()
    assert noise_corrected_disparity([0.3, 0.4], [0.1, np.nan]).isna().all()


def test_the_noise_corrected_variance_is_unbiased_also_where_noise_is_shared():
    stream = np.random.default_rng(0)
    truth, errors = np.array([0.3, 0.4, 0.45, 0.6]), np.array([0.05, 0.1, 0.08, 0.02])
    covariance = np.outer(errors, errors) * (0.4 + 0.6 * np.eye(4))
    drawn = stream.multivariate_normal(truth, covariance, 20_000)
    found = np.array(
        [noise_corrected_disparity(row, errors, covariance=covariance)["variance"] for row in drawn[:1500]]
    )
    assert found.mean() == pytest.approx(truth.var(ddof=1), abs=4 * found.std() / np.sqrt(len(found)))
    assert drawn.var(axis=1, ddof=1).mean() > truth.var(ddof=1) * 1.1


def test_independent_samples_are_worth_what_they_are():
    data = simulate(samples=80, clips=80, accuracy={"a": 0.4})
    row = effective_sample_size(**data.grouped).loc["a"]
    assert row.to_dict() == pytest.approx({"samples": 80, "clusters": 80, "design_effect": 1, "effective": 80})


def test_the_design_effect_is_that_of_kish():
    # m samples a clip at intra-clip correlation rho: 1 + (m - 1) rho.
    data = simulate(samples=20_000, clips=2000, accuracy={"a": 0.4})
    row = effective_sample_size(**data.grouped).loc["a"]
    assert row["design_effect"] == pytest.approx(1 + 9 * 0.3, rel=0.06)
    assert row["effective"] == pytest.approx(20_000 / row["design_effect"])


def test_no_effective_size_from_one_cluster_or_without_variation():
    group, cluster = np.repeat(["a", "b", "c"], 4), np.array([0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
    right = np.array([1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 0, 1], dtype=bool)
    table = effective_sample_size(
        np.ones(12, int), right, sensitive_features=group, clusters=cluster, groups=["a", "b", "c", "nobody"]
    )
    assert table["samples"].tolist() == [4, 4, 4, 0]
    assert table["clusters"].tolist() == [1, 2, 2, 0]
    assert table["effective"].isna().tolist() == [True, True, False, True]


def test_disparity_of_plain_accuracies_and_its_corrections():
    data = simulate(samples=200, clips=20)
    table = disparity_statistics(**data.grouped, n_resamples=2000, random_state=1)
    drawn = bootstrap_metrics(**data.all, n_resamples=2000, random_state=1)
    assert table["estimate"].to_dict() == pytest.approx(drawn.summary[table.index].to_dict())
    gap = drawn.of("accuracy_gap")
    assert table.loc["accuracy_gap", "bias_corrected"] == pytest.approx(2 * drawn.summary["accuracy_gap"] - gap.mean())
    # One side of 95 % is one of the two of 90 %.
    pairs = difference_intervals(**data.grouped, confidence_level=0.9)
    assert table.loc["accuracy_gap", "upper"] == pytest.approx(np.max([pairs["high"], -pairs["low"]]))
    right = pd.Series(data.y_true == data.y_pred).groupby(data.clusters).mean()
    means = right.groupby(data.sensitive_features.groupby(data.clusters).first()).agg(["mean", "sem"])
    expected = noise_corrected_disparity(means["mean"], means["sem"])
    assert table.loc["accuracy_std", ["variance", "bias_corrected"]].tolist() == pytest.approx(expected.tolist())
    ratio = table.loc["accuracy_ratio"]
    assert np.isnan(ratio["upper"])
    assert 0 <= ratio["lower"] < ratio["estimate"]
    parity = demographic_parity_difference(data.y_true, data.y_pred, sensitive_features=data.sensitive_features)
    assert table.loc["demographic_parity_difference", "estimate"] == pytest.approx(parity)
    assert table["p"].between(0, 1).all()
    assert table["test"].tolist() == ["studentised"] * 3 + ["plain"] * 3
    assert table["unit"].tolist() == ["share", "share", "ratio", "share", "share", "share"]


def test_noise_alone_makes_a_gap_and_is_not_significant():
    data = simulate(samples=100, clips=10, accuracy={"a": 0.4, "b": 0.4, "c": 0.4}, seed=3)
    table = disparity_statistics(**data.grouped, n_resamples=1000)
    assert table.loc["accuracy_gap", "expected_under_no_difference"] == pytest.approx(0.15, abs=0.05)
    assert table.loc["accuracy_gap", "p"] > 0.05
    apart = simulate(samples=100, clips=10, accuracy={"a": 0.1, "b": 0.5, "c": 0.9}, seed=3)
    assert (
        disparity_statistics(**apart.grouped, n_resamples=1000)["p"].loc[["accuracy_std", "accuracy_gap"]].max() < 0.005
    )


def test_groups_without_any_difference_or_variation_have_a_bound_far_from_0():
    group, cluster = np.repeat(["a", "b", "c"], 50), np.repeat(np.arange(15), 10)
    y_true = np.tile([0, 1], 75)
    table = disparity_statistics(y_true, y_true, sensitive_features=group, clusters=cluster, n_resamples=50)
    assert table.loc["accuracy_gap", "estimate"] == 0
    pairs = difference_intervals(y_true, y_true, sensitive_features=group, clusters=cluster, confidence_level=0.9)
    assert table.loc["accuracy_gap", "upper"] == pytest.approx(pairs["high"].max())
    assert table.loc["accuracy_gap", "upper"] > 0.35
    assert table.loc[["recall_difference", "equalized_odds_difference"], "upper"].min() > 0.35
    assert 0.2 < table.loc["accuracy_std", "upper"] < table.loc["accuracy_gap", "upper"]
    assert table.loc["accuracy_ratio", "lower"] < 0.65


def test_the_bound_of_a_std_is_that_of_its_largest_contrast():
    data = simulate({"a": 0.9, "b": 0.8, "c": 0.6}, samples=100, clips=10)
    sums = sum_groups(**data.grouped)
    bound = disparity_bounds(sums, 0.95)["accuracy_std"]
    table = group_intervals(**data.grouped, confidence_level=0.9, n_resamples=2)
    shares = table.xs("accuracy", level="metric").loc[list("abc")]
    above, below = shares["high"] - shares["estimate"], shares["estimate"] - shares["low"]
    contrasts = np.random.default_rng(0).normal(size=(20_000, 3))
    contrasts -= contrasts.mean(axis=1, keepdims=True)
    contrasts /= np.linalg.norm(contrasts, axis=1, keepdims=True)
    side = np.where(contrasts > 0, above, below)
    bounds = contrasts @ shares["estimate"].to_numpy() + np.sqrt(((contrasts * side) ** 2).sum(axis=1))
    assert bound == pytest.approx(bounds.max() / np.sqrt(2), abs=1e-4)
    two = disparity_bounds(sum_groups(**data.grouped, groups=["a", "c"]), 0.95)
    assert two["accuracy_std"] == pytest.approx(two["accuracy_gap"] / np.sqrt(2))


def test_the_bound_of_a_ratio_is_where_the_difference_of_the_multiple_ends_at_0():
    data = simulate({"a": 0.9, "b": 0.6}, samples=100, clips=10)
    ratio = disparity_bounds(sum_groups(**data.grouped), 0.95)["accuracy_ratio"]
    errors = metric_errors(sum_groups(**data.grouped))
    shares = Shares.of(
        bootstrap_metrics(**data.grouped, n_resamples=2).estimate[["accuracy"]].to_numpy().T[:, 1:],
        kept(errors, [0], [1, 2]),
    )
    quantile = stats.t.ppf(0.95, shares.pair_degrees()[0, 0, 1])
    (low, high), better, worse = shares.limits(quantile), *shares.estimate[0]
    apart = worse - ratio * better
    assert apart == pytest.approx(np.hypot(worse - low[0, 1], ratio * (high[0, 0] - better)))


def test_crossed_clusters_are_tested_by_pairs():
    stream = np.random.default_rng(0)
    person, clip = stream.integers(0, 16, 400), stream.integers(0, 12, 400)
    right = stream.random(400) < np.where(person % 2, 0.9, 0.3)
    by = {"sensitive_features": np.where(person % 2, "a", "b"), "clusters": np.stack([person, clip], axis=1)}
    y_true = stream.integers(0, 2, 400)
    table = disparity_statistics(y_true, np.where(right, y_true, 1 - y_true), **by, n_resamples=50)
    row = difference_intervals(y_true, np.where(right, y_true, 1 - y_true), **by).iloc[0]
    assert table.loc["accuracy_gap", "p"] == pytest.approx(row["p"])
    assert row["p"] < 0.01
    assert table["test"].tolist() == ["pairs"] * 3 + ["cannot be estimated"] * 3
    assert table.loc["recall_difference", ["p", "expected_under_no_difference", "bias_corrected"]].isna().all()
    assert table.loc["recall_difference", "upper"] > table.loc["recall_difference", "estimate"]


def test_a_group_of_one_cluster_leaves_no_bound_and_the_test_to_the_others():
    data = simulate(clips={"a": 6, "b": 6, "c": 1})
    table = disparity_statistics(**data.grouped, n_resamples=300)
    assert table[["upper", "lower"]].isna().all(axis=None)
    assert np.isnan(table.loc["accuracy_std", "bias_corrected"])
    assert (table["undefined"] > 0).all()
    others = (data.sensitive_features != "c").to_numpy()
    alone = disparity_statistics(
        **{name: values[others] for name, values in data.grouped.items()}, labels=range(7), n_resamples=300
    )
    assert table["p"].to_dict() == alone["p"].to_dict()
    assert table["test"].tolist() == ["studentised"] * 3 + ["plain"] * 3
    assert table["expected_under_no_difference"].ne(alone["expected_under_no_difference"]).all()
    # With one group of several clusters there are no others.
    pair = disparity_statistics(**data.grouped, groups=["a", "c"], n_resamples=300)
    assert (pair["test"] == "plain").all()
    assert (pair["p"] > 0).all()


def test_one_group_has_no_disparity():
    data = simulate(accuracy={"a": 0.4})
    table = disparity_statistics(**data.grouped, groups=["a", "nobody"], n_resamples=20)
    assert table.drop(columns=["undefined", "test", "unit"]).isna().all(axis=None)


def permutation_test(rates, first):
    """Test clusters of 10 samples, that share of each right, the ``first`` of them in group a, the others in b."""
    clusters = len(rates)
    group, cluster = np.repeat(["a", "b"], [10 * first, 10 * (clusters - first)]), np.repeat(np.arange(clusters), 10)
    y_pred = np.where(np.tile(np.arange(10), clusters) < np.repeat(np.round(rates * 10), 10), 0, 1)
    sums = sum_groups(np.zeros(10 * clusters, int), y_pred, sensitive_features=group, clusters=cluster)
    return group_permutation_test(sums, 20_000, 0)


def arrangements(rates, first):
    """Return every pair (rates in a, rates in b), the data's own first."""
    return [(rates[list(taken)], np.delete(rates, taken)) for taken in combinations(range(len(rates)), first)]


def test_the_plain_test_is_that_of_all_arrangements():
    rates = np.array([0.9, 0.7, 0.5, 0.3, 0.4])
    test = permutation_test(rates, 2)
    # As far apart as 0.8 against 0.4 is only the data's own arrangement, of ten.
    assert test.p["f1_weighted_gap"] == pytest.approx(0.1, abs=0.01)
    apart = [abs(some.mean() - others.mean()) for some, others in arrangements(rates, 2)]
    assert test.expected["accuracy_gap"] == pytest.approx(np.mean(apart), abs=0.005)


def test_the_studentised_test_is_that_of_welchs_t_over_all_arrangements():
    rates = np.array([0.9, 0.1, 1.0, 0.6, 0.5, 0.7, 0.4])
    welch = [abs(stats.ttest_ind(*pair, equal_var=False).statistic) for pair in arrangements(rates, 2)]
    expected = np.mean(np.array(welch) >= welch[0] - 1e-9)
    test = permutation_test(rates, 2)
    assert test.p["accuracy_gap"] == pytest.approx(expected, abs=0.015)
    assert test.p["accuracy_std"] == pytest.approx(expected, abs=0.015)


def test_clusters_that_span_groups_are_tested_within():
    data = crossed(count=600, clusters=20)
    table = disparity_statistics(**data.grouped, n_resamples=300)
    assert table[["estimate", "p", "expected_under_no_difference"]].notna().all(axis=None)
    better = np.where((data.sensitive_features == "a").to_numpy(), data.y_true, data.y_pred)
    table = disparity_statistics(**data.grouped | {"y_pred": better}, n_resamples=300)
    assert table.loc[["accuracy_std", "accuracy_gap"], "p"].max() < 0.01


@pytest.mark.parametrize("groups", [2, 3, 5])
def test_a_std_of_shares_is_bounded_and_so_are_its_upper_bound_and_its_change(groups):
    corners = np.stack(np.meshgrid(*[[0.0, 1.0]] * groups)).reshape(groups, -1)
    largest = corners.std(axis=0, ddof=1).max()
    names = np.repeat([f"group {number}" for number in range(groups)], 4)
    clusters = np.repeat(np.arange(2 * groups), 2)  # Two clips of two frames per group.
    right = np.tile([1, 1, 0, 0], groups)
    by = {"sensitive_features": names, "clusters": clusters, "n_resamples": 200}
    bound = disparity_statistics(np.ones(4 * groups, int), right, **by).loc["accuracy_std", "upper"]
    assert 0.2 < bound < largest
    apart = np.repeat(np.arange(groups) % 2, 4)
    bound = disparity_statistics(np.ones(4 * groups, int), apart, **by).loc["accuracy_std", "upper"]
    assert bound == pytest.approx(largest)
    other = (np.arange(4 * groups) % 3 != 0).astype(int)
    change = paired_comparison(np.ones(4 * groups, int), right, other, **by).loc["accuracy_std"]
    if groups < 5:
        assert [change["low"], change["high"]] == pytest.approx([-largest, largest])
    assert -largest <= change["low"] < 0 < change["high"] <= largest

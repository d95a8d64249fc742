"""Noise-corrected spread and effective sample size against their formulas and on data of known truth."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from simulated import crossed, simulate

from fer.fairness import (
    bootstrap_metrics,
    demographic_parity_difference,
    effective_sample_size,
    noise_corrected_spread,
    spread_statistics,
)
from fer.fairness.label_test import no_difference


def test_the_noise_corrected_variance_by_hand():
    values, errors = pd.Series([0.3, 0.5, np.nan, 0.4]), [0.05, 0.05, np.nan, 0.02]
    expected = 0.01 - (0.0025 + 0.0025 + 0.0004) / 3
    found = noise_corrected_spread(values, errors)
    assert found.to_dict() == pytest.approx({"variance": expected, "root": expected**0.5})
    covariance = np.diag(np.array(errors) ** 2)
    covariance[0, 1] = covariance[1, 0] = 0.0012
    assert noise_corrected_spread(values, errors, covariance)["variance"] == pytest.approx(expected + 0.0004)
    below = noise_corrected_spread(np.array([0.3, 0.32]), np.array([0.05, 0.05]))
    assert below["variance"] == pytest.approx(0.0002 - 0.0025)
    assert below["root"] == 0
    assert noise_corrected_spread([0.3], [0.1]).isna().all()
    assert noise_corrected_spread([0.3, 0.4], [0.1, np.nan]).isna().all()


def test_the_noise_corrected_variance_is_unbiased_also_where_noise_is_shared():
    stream = np.random.default_rng(0)
    truth, errors = np.array([0.3, 0.4, 0.45, 0.6]), np.array([0.05, 0.1, 0.08, 0.02])
    covariance = np.outer(errors, errors) * (0.4 + 0.6 * np.eye(4))
    drawn = stream.multivariate_normal(truth, covariance, 20_000)
    found = np.array([noise_corrected_spread(row, errors, covariance)["variance"] for row in drawn[:1500]])
    assert found.mean() == pytest.approx(truth.var(ddof=1), abs=4 * found.std() / np.sqrt(len(found)))
    assert drawn.var(axis=1, ddof=1).mean() > truth.var(ddof=1) * 1.1


def test_independent_samples_are_worth_what_they_are():
    data = simulate(samples=80, clips=80, accuracy={"a": 0.4})
    row = effective_sample_size(data.y_true == data.y_pred, data.group, data.cluster).loc["a"]
    assert row.to_dict() == pytest.approx({"samples": 80, "clusters": 80, "design_effect": 1, "effective": 80})


def test_the_design_effect_is_that_of_kish():
    # m samples a clip at intra-clip correlation rho: 1 + (m - 1) rho.
    data = simulate(samples=20_000, clips=2000, accuracy={"a": 0.4})
    row = effective_sample_size(data.y_true == data.y_pred, data.group, data.cluster).loc["a"]
    assert row["design_effect"] == pytest.approx(1 + 9 * 0.3, rel=0.06)
    assert row["effective"] == pytest.approx(20_000 / row["design_effect"])


def test_no_effective_size_from_one_cluster_or_without_variation():
    group, cluster = np.repeat(["a", "b", "c"], 4), np.array([0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
    right = np.array([1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 0, 1], dtype=bool)
    table = effective_sample_size(right, group, cluster, ["a", "b", "c", "nobody"])
    assert table["samples"].tolist() == [4, 4, 4, 0]
    assert table["clusters"].tolist() == [1, 2, 2, 0]
    assert table["effective"].isna().tolist() == [True, True, False, True]


def test_spread_of_plain_accuracies_and_its_corrections():
    data = simulate(samples=200, clips=20)
    table = spread_statistics(*data, replicates=2000, seed=1)
    drawn = bootstrap_metrics(*data, replicates=2000, seed=1)
    assert table["estimate"].to_dict() == pytest.approx(drawn.summary[table.index].to_dict())
    gap = drawn.of("accuracy_gap")
    assert table.loc["accuracy_gap", "bias_corrected"] == pytest.approx(2 * drawn.summary["accuracy_gap"] - gap.mean())
    reach = stats.t.ppf(0.95, 19) * np.sqrt(20 / 19) * gap.std(ddof=1)
    assert table.loc["accuracy_gap", "upper"] == pytest.approx(drawn.summary["accuracy_gap"] + reach)
    right = pd.Series(data.y_true == data.y_pred).groupby(data.cluster).mean()
    means = right.groupby(data.group.groupby(data.cluster).first()).agg(["mean", "sem"]) * 100
    expected = noise_corrected_spread(means["mean"], means["sem"])
    assert table.loc["accuracy_std", ["variance", "bias_corrected"]].tolist() == pytest.approx(expected.tolist())
    ratio = table.loc["accuracy_ratio"]
    assert np.isnan(ratio["upper"])
    assert 0 <= ratio["lower"] < ratio["estimate"]
    parity = demographic_parity_difference(data.y_pred, data.group, 7)
    assert table.loc["demographic_parity_difference", "estimate"] == pytest.approx(parity)
    assert table["p"].between(0, 1).all()
    assert table["test"].tolist() == ["studentised"] * 3 + ["plain"] * 3


def test_chance_alone_makes_a_gap_and_the_test_knows_it():
    data = simulate(samples=100, clips=10, accuracy={"a": 0.4, "b": 0.4, "c": 0.4}, seed=3)
    table = spread_statistics(*data, replicates=1000)
    assert table.loc["accuracy_gap", "expected_by_chance"] == pytest.approx(0.15, abs=0.05)
    assert table.loc["accuracy_gap", "p"] > 0.05
    apart = simulate(samples=100, clips=10, accuracy={"a": 0.1, "b": 0.5, "c": 0.9}, seed=3)
    assert spread_statistics(*apart, replicates=1000)["p"].loc[["accuracy_std", "accuracy_gap"]].max() < 0.005


def test_a_group_of_one_cluster_leaves_no_bound_but_a_plain_test():
    data = simulate(clips={"a": 6, "b": 6, "c": 1})
    table = spread_statistics(*data, replicates=300)
    assert table[["upper", "lower"]].isna().all(axis=None)
    assert np.isnan(table.loc["accuracy_std", "bias_corrected"])
    assert (table["test"] == "plain").all()
    assert (table["p"] > 0).all()
    assert (table["undefined"] > 0).all()


def test_one_group_has_no_spread():
    data = simulate(accuracy={"a": 0.4})
    table = spread_statistics(*data, groups=["a", "nobody"], replicates=20)
    assert table.drop(columns=["undefined", "test"]).isna().all(axis=None)


def test_the_plain_test_is_that_of_all_arrangements():
    # Two against three clips: ten arrangements, the observed one of them.
    group, cluster = np.repeat(["a", "b"], [20, 30]), np.repeat(np.arange(5), 10)
    rates = np.array([0.9, 0.7, 0.5, 0.3, 0.4])
    right = np.tile(np.arange(10), 5) < np.repeat(rates * 10, 10)
    y_true = np.zeros(50, int)
    drawn = bootstrap_metrics(y_true, np.where(right, 0, 1), np.full((50, 2), 0.5), group, cluster, replicates=2)
    test = no_difference(drawn.sums, drawn.mix, 20_000, 0)
    # As far apart as 0.8 against 0.4 is only that arrangement.
    assert test.p["f1_weighted_gap"] == pytest.approx(0.1, abs=0.01)
    assert test.expected["accuracy_gap"] == pytest.approx(
        np.mean([abs(rates[[i, j]].mean() - np.delete(rates, [i, j]).mean()) for i in range(5) for j in range(i)]),
        abs=0.005,
    )


def test_clusters_that_span_groups_are_tested_within():
    data = crossed(count=600, clusters=20)
    table = spread_statistics(*data, replicates=300)
    assert table[["estimate", "p", "expected_by_chance"]].notna().all(axis=None)
    better = np.where((data.group == "a").to_numpy(), data.y_true, data.y_pred)
    table = spread_statistics(data.y_true, better, *data[2:], replicates=300)
    assert table.loc[["accuracy_std", "accuracy_gap"], "p"].max() < 0.01

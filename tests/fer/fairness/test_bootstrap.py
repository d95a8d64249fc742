"""The cluster bootstrap against a plain loop with the same draws, and against SciPy's with single samples."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from simulated import crossed, simulate

from fer.fairness import bootstrap as room
from fer.fairness import (
    bootstrap_metrics,
    demographic_parity_difference,
    equalized_odds_difference,
    group_metrics,
    joint_bootstrap,
    over_groups,
    recall_difference,
    standardised_accuracy,
)
from fer.fairness.clusters import cluster_codes


def plain_values(data, rows):
    """Return (metrics a group, summaries) of the samples ``rows`` by the functions for point estimates."""
    y_true, y_pred, proba, group = data.y_true[rows], data.y_pred[rows], data.proba[rows], data.group.iloc[rows]
    names = sorted(data.group.dropna().unique())
    table = group_metrics(y_true, y_pred, proba, group, groups=names)
    whole = group_metrics(y_true, y_pred, proba, np.full(len(rows), "all"))
    for code in range(proba.shape[1]):
        for frame, known in ((table, group.to_numpy()), (whole, np.full(len(rows), "all"))):
            right = pd.Series(y_pred == code)[y_true == code].groupby(known[y_true == code]).mean()
            frame[f"recall/{code}"] = right.reindex(frame.index)
    summary = {
        f"{metric}_{name}": value
        for metric in ("accuracy", "f1_weighted")
        for name, value in over_groups(table[metric]).items()
    }
    classes = proba.shape[1]
    summary["demographic_parity_difference"] = demographic_parity_difference(y_pred, group, classes)
    summary["equalized_odds_difference"] = equalized_odds_difference(y_true, y_pred, group, classes)
    summary["recall_difference"] = recall_difference(y_true, y_pred, group, classes)
    return pd.concat([whole, table]).drop(columns=["count", "clusters"]), pd.Series(summary)


@pytest.mark.parametrize("data", [simulate(), crossed()], ids=["nested", "crossed"])
def test_estimates_are_those_of_the_point_metrics(data):
    drawn = bootstrap_metrics(*data, replicates=1)
    table, summary = plain_values(data, np.arange(len(data.y_true)))
    assert drawn.groups == ("all", "a", "b", "c")
    for name in table:
        assert drawn.estimate[name].to_numpy(float) == pytest.approx(table[name].to_numpy(float), nan_ok=True), name
    assert drawn.summary.to_dict() == pytest.approx(summary.to_dict())
    expected = standardised_accuracy(data.y_true, data.y_pred, data.group)
    assert drawn.estimate["standardised_accuracy"][1:].to_dict() == pytest.approx(expected.to_dict(), nan_ok=True)


@pytest.mark.parametrize("data", [simulate(), crossed()], ids=["nested", "crossed"])
def test_replicates_are_those_of_a_plain_loop_with_the_same_draws(data):
    drawn = bootstrap_metrics(*data, replicates=8, seed=3)
    codes, clusters = cluster_codes(data.cluster)
    weights = np.concatenate(list(room.draw_weights(clusters, 8, 3))).astype(int)
    assert (weights.sum(axis=1) == clusters).all()
    for at, row in enumerate(weights):
        # A cluster drawn twice comes twice, with its samples of every group.
        rows = np.concatenate([np.flatnonzero(codes == code) for code in np.repeat(np.arange(clusters), row)])
        table, summary = plain_values(data, rows)
        values = pd.DataFrame(drawn.values[at], drawn.groups, drawn.metrics)
        for name in table:
            assert values[name].to_numpy() == pytest.approx(table[name].to_numpy(float), nan_ok=True), name
        assert drawn.over_groups[at] == pytest.approx(summary.to_numpy())


def test_with_single_samples_it_is_the_ordinary_bootstrap_of_scipy():
    data = simulate(samples=150, clips=150, correlation=0.0)
    drawn = bootstrap_metrics(*data, replicates=10_000)
    right = (data.y_true == data.y_pred).astype(float)
    reference = stats.bootstrap((right,), np.mean, n_resamples=10_000, method="percentile", rng=1)
    values = drawn.of("accuracy")
    assert values.std(ddof=1) == pytest.approx(reference.standard_error, rel=0.03)
    low, high = np.quantile(values, [0.025, 0.975])
    assert (low, high) == pytest.approx(tuple(reference.confidence_interval), abs=0.004)


def test_draws_depend_on_the_seed_and_not_on_blocks(monkeypatch):
    data = simulate()
    first = bootstrap_metrics(*data, replicates=50, seed=1)
    assert not np.array_equal(first.values, bootstrap_metrics(*data, replicates=50, seed=2).values)
    monkeypatch.setattr(room, "_BLOCK", 100)
    again = bootstrap_metrics(*data, replicates=50, seed=1)
    np.testing.assert_allclose(first.values, again.values, rtol=1e-12)


def test_a_group_that_vanishes_is_nan_and_counted():
    data = simulate(clips={"a": 6, "b": 6, "c": 1})
    drawn = bootstrap_metrics(*data, replicates=2000)
    gone = np.isnan(drawn.of("accuracy", "c"))
    assert gone.mean() == pytest.approx((12 / 13) ** 13, abs=0.05)
    assert drawn.undefined.loc["c", "accuracy"] == gone.sum()
    assert drawn.undefined.loc["all", "accuracy"] == 0
    # The gap of the two groups that are left is not a value of the gap of three.
    lost = np.isnan(drawn.values[:, 1:, 0]).any(axis=1)
    assert lost.sum() > gone.sum()
    for name in drawn.summaries:
        assert np.isnan(drawn.of(name))[lost].all(), name
    assert (np.isnan(drawn.of("accuracy_gap")) == lost).all()
    # Recall of a class that is not drawn is unknown, not 0.
    recall = drawn.of("recall/0", "a")
    assert np.isnan(drawn.estimate.loc["a", "recall/0"]) == np.isnan(recall).all()
    assert np.nanmin(drawn.of("f1_weighted", "c")) > 0


def test_a_group_without_samples_takes_no_part():
    data = simulate()
    with_nobody = bootstrap_metrics(*data, groups=["c", "nobody", "a", "b"], replicates=30)
    without = bootstrap_metrics(*data, replicates=30)
    assert with_nobody.estimate.loc["nobody"].isna().all()
    assert np.isnan(with_nobody.values[:, 2]).all()
    np.testing.assert_allclose(with_nobody.over_groups, without.over_groups)


def test_runs_are_drawn_jointly():
    data, other = simulate(seed=1), simulate(seed=2)
    runs = [(data.y_pred, data.proba), (other.y_pred, other.proba), (data.y_pred, data.proba)]
    values = joint_bootstrap(data.y_true, runs, data.group, data.cluster, replicates=40, seed=5)
    assert values.shape == (3, 40, 2)
    np.testing.assert_array_equal(values[0], values[2])
    alone = bootstrap_metrics(data.y_true, other.y_pred, other.proba, data.group, data.cluster, replicates=40, seed=5)
    np.testing.assert_array_equal(values[1, :, 1], alone.of("accuracy_std"))
    one = joint_bootstrap(
        data.y_true, runs[1:2], data.group, data.cluster, metrics=[("accuracy", "b")], replicates=40, seed=5
    )
    np.testing.assert_array_equal(one[0, :, 0], alone.of("accuracy", "b"))


def test_what_has_no_replicates_is_refused():
    data = simulate()
    with pytest.raises(ValueError, match="no replicates of 'beauty'; there are accuracy"):
        bootstrap_metrics(*data, replicates=2).of("beauty")
    with pytest.raises(ValueError, match="named 'all'"):
        bootstrap_metrics(*data[:3], pd.Series(["all"] * len(data.group)), data.cluster, replicates=2)
    with pytest.raises(ValueError, match="no sample"):
        bootstrap_metrics(*(part[:0] for part in data), replicates=2)
    with pytest.raises(ValueError, match="one a sample"):
        bootstrap_metrics(*data[:4], data.cluster[:-1], replicates=2)

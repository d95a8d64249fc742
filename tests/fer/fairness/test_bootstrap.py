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
    """Return (per-group metrics, summaries) of the samples ``rows`` by the functions for point estimates."""
    y_true, y_pred, y_proba = data.y_true[rows], data.y_pred[rows], data.y_proba[rows]
    group = data.sensitive_features.iloc[rows]
    names = sorted(data.sensitive_features.dropna().unique())
    table = group_metrics(y_true, y_pred, y_proba=y_proba, sensitive_features=group, groups=names)
    whole = group_metrics(y_true, y_pred, y_proba=y_proba, sensitive_features=np.full(len(rows), "all"))
    for code in range(y_proba.shape[1]):
        for frame, known in ((table, group.to_numpy()), (whole, np.full(len(rows), "all"))):
            right = pd.Series(y_pred == code)[y_true == code].groupby(known[y_true == code]).mean()
            frame[f"recall/{code}"] = right.reindex(frame.index)
    summary = {
        f"{metric}_{name}": value
        for metric in ("accuracy", "f1_weighted")
        for name, value in over_groups(table[metric]).items()
    }
    for difference in (demographic_parity_difference, equalized_odds_difference, recall_difference):
        summary[difference.__name__] = difference(y_true, y_pred, sensitive_features=group)
    return pd.concat([whole, table]).drop(columns=["count", "clusters"]), pd.Series(summary)


@pytest.mark.parametrize("data", [simulate(), crossed()], ids=["nested", "crossed"])
def test_estimates_are_those_of_the_point_metrics(data):
    drawn = bootstrap_metrics(**data.all, n_resamples=1)
    table, summary = plain_values(data, np.arange(len(data.y_true)))
    assert drawn.groups == ("all", "a", "b", "c")
    for name in table:
        assert drawn.estimate[name].to_numpy(float) == pytest.approx(table[name].to_numpy(float), nan_ok=True), name
    assert drawn.summary.to_dict() == pytest.approx(summary.to_dict())
    expected = standardised_accuracy(data.y_true, data.y_pred, sensitive_features=data.sensitive_features)
    assert drawn.estimate["standardised_accuracy"][1:].to_dict() == pytest.approx(expected.to_dict(), nan_ok=True)


@pytest.mark.parametrize("data", [simulate(), crossed()], ids=["nested", "crossed"])
def test_replicates_are_those_of_a_plain_loop_with_the_same_draws(data):
    drawn = bootstrap_metrics(**data.all, n_resamples=8, random_state=3)
    codes, clusters = cluster_codes(data.clusters)
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
    drawn = bootstrap_metrics(**data.all, n_resamples=10_000)
    right = (data.y_true == data.y_pred).astype(float)
    reference = stats.bootstrap((right,), np.mean, n_resamples=10_000, method="percentile", rng=1)
    values = drawn.of("accuracy")
    assert values.std(ddof=1) == pytest.approx(reference.standard_error, rel=0.03)
    low, high = np.quantile(values, [0.025, 0.975])
    assert (low, high) == pytest.approx(tuple(reference.confidence_interval), abs=0.004)


def test_draws_depend_on_the_seed_and_not_on_blocks(monkeypatch):
    data = simulate()
    first = bootstrap_metrics(**data.all, n_resamples=50, random_state=1)
    assert not np.array_equal(first.values, bootstrap_metrics(**data.all, n_resamples=50, random_state=2).values)
    monkeypatch.setattr(room, "_BLOCK", 100)
    again = bootstrap_metrics(**data.all, n_resamples=50, random_state=1)
    np.testing.assert_allclose(first.values, again.values, rtol=1e-12)


def test_a_group_that_vanishes_is_nan_and_counted():
    data = simulate(clips={"a": 6, "b": 6, "c": 1})
    drawn = bootstrap_metrics(**data.all, n_resamples=2000)
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
    with_nobody = bootstrap_metrics(**data.all, groups=["c", "nobody", "a", "b"], n_resamples=30)
    without = bootstrap_metrics(**data.all, n_resamples=30)
    assert with_nobody.estimate.loc["nobody"].isna().all()
    assert np.isnan(with_nobody.values[:, 2]).all()
    np.testing.assert_allclose(with_nobody.over_groups, without.over_groups)


def test_runs_are_drawn_jointly():
    data, other = simulate(seed=1), simulate(seed=2)
    runs = [data.y_pred, other.y_pred, data.y_pred]
    drawn = {"sensitive_features": data.sensitive_features, "clusters": data.clusters}
    drawn |= {"n_resamples": 40, "random_state": 5}
    values = joint_bootstrap(data.y_true, runs, **drawn)
    assert values.shape == (3, 40, 2)
    np.testing.assert_array_equal(values[0], values[2])
    alone = bootstrap_metrics(data.y_true, other.y_pred, y_proba=other.y_proba, **drawn)
    np.testing.assert_array_equal(values[1, :, 1], alone.of("accuracy_std"))
    one = joint_bootstrap(
        data.y_true, runs[1:2], y_probas=[other.y_proba], metrics=[("accuracy", "b"), ("loss", "b")], **drawn
    )
    np.testing.assert_array_equal(one[0, :, 0], alone.of("accuracy", "b"))
    np.testing.assert_array_equal(one[0, :, 1], alone.of("loss", "b"))


def test_what_has_no_replicates_is_refused():
    data = simulate()
    with pytest.raises(ValueError, match="no replicates of 'beauty'; there are accuracy"):
        bootstrap_metrics(**data.all, n_resamples=2).of("beauty")
    with pytest.raises(ValueError, match="named 'all'"):
        bootstrap_metrics(**data.all | {"sensitive_features": ["all"] * len(data.y_true)}, n_resamples=2)
    with pytest.raises(ValueError, match="no sample"):
        bootstrap_metrics(**{name: part[:0] for name, part in data.all.items()}, n_resamples=2)
    with pytest.raises(ValueError, match=r"y_true 180, clusters 179.*one value per sample"):
        bootstrap_metrics(**data.all | {"clusters": data.clusters[:-1]}, n_resamples=2)
    with pytest.raises(ValueError, match=r"no replicates of 'loss'"):
        bootstrap_metrics(**data.grouped, n_resamples=2).of("loss")

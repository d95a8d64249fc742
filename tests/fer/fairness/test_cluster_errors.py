"""Errors over clusters: exactly those of cluster means where clusters are equal; plain loops elsewhere."""

import numpy as np
import pytest
from scipy import stats
from simulated import crossed, simulate

from fer.fairness import point_metrics
from fer.fairness.cluster_errors import cluster_scores, degrees_of_freedom, metric_clusters
from fer.fairness.cluster_sums import sum_groups
from fer.fairness.clusters import cluster_codes
from fer.fairness.metric_arrays import metric_names


def scores_of(data):
    sums = sum_groups(**data.all)
    return sums, cluster_scores(sums, sums.mix())


def points(data, rows):
    return point_metrics(data.y_true[rows], data.y_pred[rows], y_proba=data.y_proba[rows])


def test_with_equal_clusters_the_error_is_that_of_a_mean_of_cluster_means():
    data = simulate()
    _, scores = scores_of(data)
    right = data.y_true == data.y_pred
    for at, name in enumerate("abc", start=1):
        clips = data.clusters[data.sensitive_features == name].unique()
        means = [right[(data.clusters == clip).to_numpy()].mean() for clip in clips]
        assert np.sqrt((scores[:, at, 0] ** 2).sum()) == pytest.approx(stats.sem(means))


def test_scores_are_those_of_leaving_each_cluster_out_in_a_loop():
    data = crossed()
    sums, scores = scores_of(data)
    codes, _ = cluster_codes(data.clusters)
    for at, name in enumerate(sums.names[1:], start=1):
        here = (data.sensitive_features == name).to_numpy()
        inside = np.unique(codes[here])
        whole = points(data, here)
        factor = np.sqrt((len(inside) - 1) / len(inside))
        for code in inside:
            rest = here & (codes != code)
            moved = factor * (whole - points(data, rest))
            assert scores[code, at, : len(moved)] == pytest.approx(moved.to_numpy(), abs=1e-12)
        assert (scores[np.setdiff1d(np.arange(sums.clusters), inside), at, 0] == 0).all()


def test_a_metric_on_one_cluster_has_no_score():
    data = simulate(clips={"a": 6, "b": 6, "c": 1})
    sums, scores = scores_of(data)
    assert np.isnan(scores[:, 3]).all()
    assert not np.isnan(scores[:, 1, 0]).any()
    names = metric_names(sums.layout)
    counts = metric_clusters(sums)
    assert counts[:, 0].tolist() == [13, 6, 6, 1]
    # A clip shows one emotion: recall rests on the clips of that emotion alone.
    for code in range(7):
        label = data.y_true[data.sensitive_features == "a"]
        clips = data.clusters[data.sensitive_features == "a"][label == code].nunique()
        place = names.index(f"recall/{code}")
        assert counts[1, place] == clips
        assert np.isnan(scores[:, 1, place]).all() == (clips < 2)


def dense_form(share):
    """Return the covariance (m, m) of scores of clusters whose means vary alike, of trace 1."""
    keep = np.eye(len(share)) - share[:, None]
    inside = share > 0
    factor = np.diag(np.where(inside, 1 / (1 - share), 0.0))
    covariance = factor @ keep @ np.diag(share**2) @ keep.T @ factor
    return covariance / np.trace(covariance)


@pytest.mark.parametrize("seed", range(3))
def test_degrees_of_freedom_are_those_of_the_whole_matrix(seed):
    stream = np.random.default_rng(seed)
    shares = [stream.dirichlet(np.ones(12)), np.append(stream.dirichlet(np.ones(8)), np.zeros(4))]
    variances = [0.3, 0.1]
    whole = sum(variance * dense_form(share) for variance, share in zip(variances, shares, strict=True))
    expected = np.trace(whole) ** 2 / (whole**2).sum()
    assert degrees_of_freedom(shares, variances) == pytest.approx(expected)


def test_degrees_of_freedom_by_hand():
    equal = np.full(7, 1 / 7)
    assert degrees_of_freedom([equal], [2.0]) == pytest.approx(6)
    apart = [np.append(equal, np.zeros(7)), np.append(np.zeros(7), equal)]
    assert degrees_of_freedom(apart, [1.0, 1.0]) == pytest.approx(12)
    assert degrees_of_freedom(apart, [1.0, 0.0]) == pytest.approx(6)
    assert degrees_of_freedom([equal, equal], [1.0, 1.0]) == pytest.approx(6)
    # One clip with most of the samples: hardly more than one thing was seen.
    assert degrees_of_freedom([np.array([0.6, 0.1, 0.1, 0.1, 0.1])], [1.0]) < 1.3
    assert np.isnan(degrees_of_freedom([equal], [0.0]))
    assert np.isnan(degrees_of_freedom([equal], [np.nan]))

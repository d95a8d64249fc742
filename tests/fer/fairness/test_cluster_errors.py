"""Precision over clusters: that of cluster means where clusters are equal; plain loops and statsmodels elsewhere."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from simulated import crossed, simulate

from fer.fairness import point_metrics
from fer.fairness.cluster_errors import effective_clusters, metric_errors, pooled_degrees
from fer.fairness.cluster_sums import sum_groups
from fer.fairness.clusters import cluster_codes
from fer.fairness.metric_arrays import metric_names


def errors_of(data):
    sums = sum_groups(**data.all)
    return sums, metric_errors(sums, sums.mix())


def points(data, rows):
    return point_metrics(data.y_true[rows], data.y_pred[rows], y_proba=data.y_proba[rows])


def test_with_equal_clusters_the_error_is_that_of_a_mean_of_cluster_means():
    data = simulate()
    _, errors = errors_of(data)
    right = data.y_true == data.y_pred
    for at, name in enumerate("abc", start=1):
        clips = data.clusters[data.sensitive_features == name].unique()
        means = [right[(data.clusters == clip).to_numpy()].mean() for clip in clips]
        assert np.sqrt(errors.variance[0, at]) == pytest.approx(stats.sem(means))
        assert errors.degrees[0, at] == pytest.approx(len(clips) - 1)


def test_the_covariance_is_that_of_leaving_each_cluster_out_in_a_loop():
    data = crossed()
    sums, errors = errors_of(data)
    codes, count = cluster_codes(data.clusters)
    scores = np.zeros((count, 3, 6))
    for at, name in enumerate(sums.names[1:]):
        here = (data.sensitive_features == name).to_numpy()
        whole, share = points(data, here), np.bincount(codes[here], minlength=count) / here.sum()
        for code in np.flatnonzero(share):
            moved = whole - points(data, here & (codes != code))
            factor = (1 - share[code]) / np.sqrt(1 - 2 * share[code] + (share**2).sum())
            scores[code, at] = factor * moved
        assert errors.effective[0, at + 1] == pytest.approx(1 / (share**2).sum())
    for metric in range(6):
        expected = scores[:, :, metric].T @ scores[:, :, metric]
        assert errors.covariance[metric, 1:, 1:] == pytest.approx(expected, abs=1e-12)


def test_the_variance_is_unbiased_where_clusters_differ_in_size_and_their_means_vary_alike():
    stream = np.random.default_rng(0)
    size = np.array([1, 2, 3, 5, 8, 13, 20])
    clips = np.repeat(np.arange(7), size)
    found, values = [], []
    for _ in range(1500):
        right = (stream.random(7) < 0.5)[clips]
        by = {"sensitive_features": np.repeat("a", len(clips)), "clusters": clips}
        sums = sum_groups(np.zeros(len(clips), int), np.where(right, 0, 1), labels=[0, 1], **by)
        found.append(metric_errors(sums).variance[0, 1])
        values.append(right.mean())
    assert np.mean(found) == pytest.approx(np.var(values), rel=0.08)


def test_a_metric_on_one_cluster_has_no_error():
    data = simulate(clips={"a": 6, "b": 6, "c": 1})
    sums, errors = errors_of(data)
    assert np.isnan(errors.variance[:, 3]).all()
    assert not np.isnan(errors.variance[0, 1])
    assert errors.clusters[0].tolist() == [13, 6, 6, 1]
    # A clip shows one emotion: recall rests on the clips of that emotion alone.
    for code in range(7):
        label = data.y_true[data.sensitive_features == "a"]
        clips = data.clusters[data.sensitive_features == "a"][label == code].nunique()
        place = metric_names(sums.layout).index(f"recall/{code}")
        assert errors.clusters[place, 1] == clips
        assert np.isnan(errors.variance[place, 1]) == (clips < 2)


def test_crossed_clusters_count_persons_and_clips_and_not_their_intersections_twice():
    # Five persons, each in each of seven clips with three frames: statsmodels knows each kind alone.
    person, clip = (part.ravel() for part in np.meshgrid(np.repeat(np.arange(5), 3), np.arange(7)))
    stream = np.random.default_rng(3)
    right = stream.normal(size=5)[person] + stream.normal(size=7)[clip] + stream.normal(size=len(clip)) > 0

    def one_way(ids):
        fit = sm.OLS(right.astype(float), np.ones(len(right))).fit(cov_type="cluster", cov_kwds={"groups": ids})
        return float(fit.cov_params()[0, 0])

    by = {"sensitive_features": np.repeat("a", len(clip)), "clusters": np.stack([person, clip], axis=1)}
    sums = sum_groups(np.zeros(len(clip), int), np.where(right, 0, 1), labels=[0, 1], **by)
    errors = metric_errors(sums)
    expected = one_way(person) + one_way(clip) - one_way(person * 7 + clip)
    assert errors.variance[0, 1] == pytest.approx(max(expected, one_way(person), one_way(clip)))
    assert (errors.clusters[0, 1], errors.degrees[0, 1]) == (5, pytest.approx(4))
    with pytest.raises(ValueError, match="clusters has 3 columns; give one id per sample, or two"):
        sum_groups(right, right, sensitive_features=by["sensitive_features"], clusters=np.zeros((len(clip), 3)))


def test_the_effective_number_of_clusters():
    assert effective_clusters(np.full(7, 1 / 7)) == pytest.approx(7)
    assert effective_clusters(np.array([0.5, 0.25, 0.25, 0.0])) == pytest.approx(1 / 0.375)
    # Nine tenths in one clip: hardly more than one thing was seen.
    assert np.isnan(effective_clusters(np.array([0.9, 0.05, 0.05])))


def test_pooled_degrees_of_freedom_are_welchs_or_those_of_the_clusters_in_common():
    variances, degrees = np.array([0.3, 0.1]), np.array([6.0, 9.0])
    welch = 0.4**2 / (0.3**2 / 6 + 0.1**2 / 9)
    assert pooled_degrees(variances, degrees, np.eye(2)) == pytest.approx(welch)
    assert pooled_degrees(np.array([0.3, 0.1]), np.array([6.0, 6.0]), np.ones((2, 2))) == pytest.approx(6)
    assert pooled_degrees(np.array([0.3, 0.0]), degrees, np.eye(2)) == pytest.approx(6)


def test_standardised_accuracy_has_the_freedom_of_its_thinnest_class():
    # Forty clips of one class, two of another with the same number of samples.
    clips = np.concatenate([np.repeat(np.arange(40), 2), np.repeat([40, 41], 40)])
    y_true, stream = np.repeat([0, 1], 80), np.random.default_rng(0)
    right = (stream.random(42) < 0.6)[clips]
    right[-40:] = ~right[-41]
    both = {"sensitive_features": np.tile(["a", "b"], 80), "clusters": clips, "labels": [0, 1]}
    sums = sum_groups(y_true, np.where(right, y_true, 1 - y_true), **both)
    errors = metric_errors(sums, sums.mix())
    at = metric_names(sums.layout).index("standardised_accuracy")
    recalls = [metric_names(sums.layout).index(f"recall/{code}") for code in range(2)]
    parts = errors.variance[recalls, 1] / 4
    assert errors.variance[at, 1] == pytest.approx(parts.sum())
    at_least = np.maximum(parts, parts.mean() / 10)
    expected = at_least.sum() ** 2 / (at_least[0] ** 2 / 39 + at_least[1] ** 2 / 1)
    assert errors.degrees[at, 1] == pytest.approx(expected)
    assert errors.degrees[at, 1] < 1.5 < errors.degrees[0, 1]

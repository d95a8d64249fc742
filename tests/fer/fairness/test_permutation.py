"""Rearrangements and their p-values: SciPy's, all of them where they can be counted, clusters that span groups."""

from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from fer.fairness.permutation import p_value, permute_labels


def all_permutations(cluster, label, count=4000, seed=0):
    return np.concatenate(list(permute_labels(np.array(cluster), np.array(label), count, seed)))


def test_labels_of_whole_clusters_take_all_arrangements_alike():
    drawn = all_permutations([0, 1, 2, 3], [0, 0, 1, 2])
    ways, counts = np.unique(drawn, axis=0, return_counts=True)
    assert {tuple(way) for way in ways} == set(permutations([0, 0, 1, 2]))
    assert stats.chisquare(counts).pvalue > 0.001


def test_labels_of_a_cluster_that_spans_groups_stay_in_it():
    # Clusters 0 and 2 have one group; 1 spans a and b, 3 all three.
    cluster, label = [1, 0, 3, 1, 2, 3, 3], [0, 0, 0, 1, 2, 1, 2]
    drawn = all_permutations(cluster, label)
    ways = {tuple(way) for way in drawn}
    assert len(ways) == 2 * 2 * 6
    assert {(way[0], way[3]) for way in ways} == {(0, 1), (1, 0)}
    assert {(way[1], way[4]) for way in ways} == {(0, 2), (2, 0)}
    assert {way[2:3] + way[5:] for way in ways} == set(permutations([0, 1, 2]))


def test_a_permutation_test_is_that_of_scipy():
    stream = np.random.default_rng(0)
    values, label = stream.normal(size=14), np.repeat([0, 1], [6, 8])
    values[label == 1] += 0.9

    def apart(first, second, axis=-1):
        return np.abs(first.mean(axis=axis) - second.mean(axis=axis))

    exact = stats.permutation_test(
        (values[:6], values[6:]), apart, vectorized=True, n_resamples=np.inf, alternative="greater"
    )
    drawn = all_permutations(np.arange(14), label, 20_000)
    means = [((drawn == place) * values).sum(axis=1) / (label == place).sum() for place in (0, 1)]
    ours = p_value(np.abs(means[0] - means[1]), apart(values[:6], values[6:]))
    assert ours == pytest.approx(exact.pvalue, abs=0.006)


def test_p_values_count_the_data_themselves_unless_all_ways_are_taken():
    values = np.array([[0.1], [0.2], [0.3]])
    assert p_value(values, np.array([0.5])) == pytest.approx([1 / 4])
    assert p_value(values, np.array([0.2])) == pytest.approx([3 / 4])
    assert p_value(values, np.array([0.2]), exact=True) == pytest.approx([2 / 3])
    # A tie up to rounding is a tie; a rearrangement without a value counts against.
    assert p_value(values, np.array([0.3 + 1e-12]), exact=True) == pytest.approx([1 / 3])
    assert p_value(np.array([[np.nan], [0.1]]), np.array([0.5])) == pytest.approx([2 / 3])
    assert np.isnan(p_value(values, np.array([np.nan]))).all()

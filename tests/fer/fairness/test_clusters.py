"""Units: null ids are units of their own, clusters are linked by shared ids, counts are of distinct ids."""

import numpy as np
import pandas as pd
import pytest

from fer.fairness import cluster_counts, linked_clusters
from fer.fairness.clusters import cluster_codes


def test_each_null_id_is_a_cluster_of_its_own():
    codes, count = cluster_codes(pd.Series(["x", None, "y", "x", None]))
    assert codes.tolist() == [0, 2, 1, 0, 3]
    assert count == 4


def test_persons_link_clips_and_clips_link_persons():
    clip = pd.Series(["c1", "c1", "c2", "c3", "c4", None, None])
    person = pd.Series(["p1", "p2", "p2", "p3", None, None, "p3"])
    # c1 - p2 - c2; c3 - p3 - the last; c4 alone; the one of whom nothing is known alone.
    assert linked_clusters(clip, person).tolist() == [0, 0, 0, 1, 2, 3, 1]
    assert linked_clusters(clip).tolist() == [0, 0, 1, 2, 3, 4, 5]


def plain_blocks(*columns):
    """Return blocks by merging labels until nothing changes."""
    block = np.arange(len(columns[0]))
    while True:
        before = block.copy()
        for column in columns:
            for value in set(column):
                block[column == value] = block[column == value].min()
        if (block == before).all():
            return pd.factorize(block)[0]


@pytest.mark.parametrize("seed", range(3))
def test_blocks_are_those_of_a_plain_loop(seed):
    stream = np.random.default_rng(seed)
    columns = [stream.integers(0, 40, 60) for _ in range(2)]
    assert linked_clusters(*columns).tolist() == plain_blocks(*columns).tolist()


def test_blocks_of_nothing_or_of_unequal_lengths_are_refused():
    with pytest.raises(ValueError, match="equal length"):
        linked_clusters()
    with pytest.raises(ValueError, match="equal length"):
        linked_clusters(np.zeros(2), np.zeros(3))


def test_counts_a_group():
    group = pd.Series(["b", "a", "a", "b", None, "a"])
    units = pd.DataFrame({"person": ["p1", "p2", "p2", "p1", "p9", "p3"], "clip": ["c1", "c1", None, "c2", "c9", None]})
    table = cluster_counts(units, sensitive_features=group, groups=["b", "nobody", "a"])
    assert table.columns.tolist() == ["samples", "person", "clip"]
    assert table.loc["a"].tolist() == [3, 2, 3]
    assert table.loc["b"].tolist() == [2, 1, 2]
    assert table.loc["nobody"].tolist() == [0, 0, 0]
    assert (table.dtypes == "int64").all()

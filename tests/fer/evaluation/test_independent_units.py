"""The independent units of a table: linked, by column, by sample; what groups rest on."""

import numpy as np
import pandas as pd
import pytest

from fer.evaluation.independent_units import BLOCKS, CROSSED, clusters_of, unit_counts


@pytest.fixture
def samples():
    """Return six samples: persons p and q share clip 1, q is also in clip 2; r is alone; one has no ids."""
    return pd.DataFrame(
        {
            "source": ["a"] * 6,
            "label": ["happy", "sad", "happy", "happy", "fear", "sad"],
            "person": ["p", "q", "q", "r", "r", None],
            "clip": ["1", "1", "2", "3", "3", None],
            "race": ["white", "white", "white", "black", "black", None],
        }
    )


def parts(clusters):
    return [set(np.flatnonzero(clusters.ids == name)) for name in np.unique(clusters.ids)]


def test_by_default_clips_and_persons_are_linked(samples):
    clusters = clusters_of(samples)
    assert (clusters.name, clusters.unknown) == (BLOCKS, 1)
    assert parts(clusters) == [{0, 1, 2}, {3, 4}, {5}]


def test_persons_and_clips_that_all_hang_together_are_crossed_and_not_one_block():
    # Twelve persons, each in two of twelve clips; clips 0 to 11 form one ring.
    person = np.repeat(np.arange(12), 4)
    clip = (person + np.tile([0, 0, 1, 1], 12)) % 12
    ring = pd.DataFrame({"source": "a", "label": "sad", "person": person, "clip": clip}).astype("str")
    clusters = clusters_of(ring)
    assert (clusters.name, len(parts(clusters))) == (CROSSED, 1)
    assert clusters.units.shape == (48, 2)
    assert unit_counts(ring, ring["person"].isin(["0", "1"]), clusters)["clusters"].tolist() == [12, 10, 2]
    half = clusters.where(person < 6)
    assert half.units.shape == (24, 2)
    # Two kinds of few say no more than their block.
    assert clusters_of(ring[person < 6]).name == BLOCKS


def test_else_what_is_known_else_the_sample(samples):
    assert clusters_of(samples.drop(columns="person")).name == "clips"
    persons = clusters_of(samples.assign(clip=None))
    assert persons.name == "persons"
    assert parts(persons) == [{0}, {1, 2}, {3, 4}, {5}]
    alone = clusters_of(samples[["label"]])
    assert (alone.name, alone.unknown, len(parts(alone))) == ("samples", 0, 6)


@pytest.mark.parametrize(
    ("unit", "count", "unknown"), [("clip", 4, 1), ("person", 4, 1), ("sample", 6, 0), ("race", 3, 1)]
)
def test_any_column_can_be_the_unit(samples, unit, count, unknown):
    clusters = clusters_of(samples, unit)
    assert (clusters.name, len(parts(clusters)), clusters.unknown) == (f"{unit}s", count, unknown)


def test_two_sources_never_share_a_cluster(samples):
    both = pd.concat([samples, samples.assign(source="b")], ignore_index=True)
    assert len(parts(clusters_of(both))) == 2 * len(parts(clusters_of(samples)))


def test_a_unit_without_values_is_refused(samples, refused):
    with refused("the test split of eila", "'scene'", "auto, person, clip, sample"):
        clusters_of(samples, "scene", "the test split of eila")
    with refused("'video'"):
        clusters_of(samples.assign(video=None), "video")


def test_what_each_group_rests_on(samples):
    clusters = clusters_of(samples)
    table = unit_counts(samples, samples["race"], clusters, ["white", "black", "mixed"])
    assert list(table.index) == ["all", "white", "black", "mixed"]
    assert table["faces"].tolist() == [6, 3, 2, 0]
    assert table["persons"].tolist() == [4, 2, 1, 0]
    assert table["clips"].tolist() == [4, 2, 1, 0]
    assert table["clusters"].tolist() == [3, 1, 1, 0]
    assert table["emotions"].tolist() == [3, 2, 2, 0]
    assert "videos" not in table
    assert clusters.where(np.array([True] * 3 + [False] * 3)).ids.tolist() == [0, 0, 0]


@pytest.mark.parametrize("unit", ["label", "split", "predicted", "p_happy", "votes_sad", "confidence"])
def test_a_column_that_says_nothing_about_independence_is_no_unit(samples, unit, refused):
    with refused(repr(unit), "auto, person, clip, sample"):
        clusters_of(samples.assign(**{unit: "x"}), unit)

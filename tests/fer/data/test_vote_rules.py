"""Majority and distribution of votes, by the rules of FER+'s published code."""

import numpy as np
import pytest

from fer.data.vote_rules import distribution, majority, most_voted, without_outliers

# neutral happiness surprise sadness anger disgust fear contempt, unknown, not a face
ROWS = {
    "sure": ([0, 9, 0, 0, 0, 0, 0, 0, 1, 0], 1, {1: 1.0}),
    "outliers go first": ([1, 5, 1, 1, 1, 0, 1, 0, 0, 0], 1, {1: 1.0}),
    "all single": ([1, 1, 1, 1, 1, 1, 1, 1, 1, 1], -1, {}),
    "three quarters are enough": ([8, 2, 0, 0, 0, 0, 0, 0, 0, 0], 0, {0: 1.0}),
    "two emotions": ([4, 0, 0, 3, 3, 0, 0, 0, 0, 0], -1, {0: 0.4, 3: 0.3, 4: 0.3}),
    "three and no fourth": ([4, 2, 2, 2, 0, 0, 0, 0, 0, 0], -1, {}),
    "half is no majority": ([5, 5, 0, 0, 0, 0, 0, 0, 0, 0], -1, {0: 0.5, 1: 0.5}),
    "unknown ahead": ([4, 0, 0, 0, 0, 0, 0, 0, 6, 0], 8, {}),
    "unknown behind": ([6, 0, 0, 0, 0, 0, 0, 0, 4, 0], 0, {0: 1.0}),
    "unknown even": ([5, 0, 0, 0, 0, 0, 0, 0, 5, 0], -1, {}),
    "unknown between": ([4, 2, 0, 0, 0, 0, 0, 0, 4, 0], -1, {}),
    "no face": ([0, 0, 0, 0, 0, 0, 0, 0, 0, 10], 9, {}),
    "no votes": ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0], -1, {}),
}


@pytest.mark.parametrize("name", ROWS)
def test_the_published_rules(name):
    votes, first, shares = ROWS[name]
    assert majority(np.array([votes])) == [first]
    found = distribution(np.array([votes]), others=2)[0]
    assert {place: pytest.approx(share) for place, share in enumerate(found) if share} == shares


def test_of_few_votes_a_single_one_is_no_outlier():
    assert without_outliers(np.array([[2, 1, 0], [4, 1, 0], [1, 0, 0]])).tolist() == [[2, 1, 0], [4, 0, 0], [1, 0, 0]]
    assert distribution(np.array([[2, 1, 0], [1, 1, 1]])) == pytest.approx(np.array([[2, 1, 0], [1, 1, 1]]) / 3)


def test_rows_are_independent_of_each_other():
    votes = np.array([row for row, _, _ in ROWS.values()])
    order = np.random.default_rng(0).permutation(np.repeat(np.arange(len(votes)), 3))
    assert (distribution(votes[order], 2) == distribution(votes, 2)[order]).all()


def test_a_tie_is_the_labels_if_it_is_among_the_tied():
    assert most_voted(np.array([[2, 2, 0]] * 2), ("a", "b", "c"), ["b", "c"]).tolist() == ["b", "a"]

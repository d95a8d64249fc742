"""Agreement of annotators against published values and plain loops over votes."""

from itertools import combinations

import numpy as np
import pytest

from fer.fairness.annotators import agreement_by_group, human_ceiling, krippendorff_alpha, pair_agreement

# Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), part C: four observers, twelve units, nominal 0.743.
OBSERVERS = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3),
    (None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None),
)


def counted(units):
    return np.array([[unit.count(value) for value in range(1, 6)] for unit in units])


@pytest.fixture(scope="module")
def random():
    """Return 200 units of 0 to 5 votes for 4 classes, as lists and as counts."""
    stream = np.random.default_rng(0)
    units = [list(stream.choice([1, 2, 3, 4], stream.integers(0, 6), p=[0.5, 0.3, 0.1, 0.1])) for _ in range(200)]
    return units, counted(units)


def test_alpha_is_krippendorffs():
    units = [[vote for vote in unit if vote is not None] for unit in zip(*OBSERVERS, strict=True)]
    assert krippendorff_alpha(counted(units)) == pytest.approx(0.743, abs=5e-4)


def test_alpha_by_its_coincidence_matrix(random):
    units, counts = random
    matrix = np.zeros((5, 5))
    for unit in units:
        for first in range(len(unit)):
            for second in range(len(unit)):
                if first != second:
                    matrix[unit[first], unit[second]] += 1 / (len(unit) - 1)
    totals, count = matrix.sum(axis=1), matrix.sum()
    observed = count - np.trace(matrix)
    expected = (count**2 - (totals**2).sum()) / (count - 1)
    assert krippendorff_alpha(counts) == pytest.approx(1 - observed / expected)


def test_pairs_that_agree(random):
    units, counts = random
    pairs = [a == b for unit in units for a, b in combinations(unit, 2)]
    assert pair_agreement(counts) == pytest.approx(np.mean(pairs))


def test_the_ceiling_holds_each_vote_against_the_majority_of_the_others(random):
    units, counts = random
    credits, clear = [], []
    for unit in units:
        for place, vote in enumerate(unit if len(unit) > 1 else []):
            others = unit[:place] + unit[place + 1 :]
            most = max(map(others.count, others))
            tied = {value for value in others if others.count(value) == most}
            credits.append((vote in tied) / len(tied))
            if len(tied) == 1:
                clear.append(vote in tied)
    result = human_ceiling(counts)
    assert result["votes"] == len(credits)
    assert result["ceiling"] == pytest.approx(np.mean(credits))
    assert result["tied"] == pytest.approx(1 - len(clear) / len(credits))
    assert result["ceiling_without_ties"] == pytest.approx(np.mean(clear))


def test_full_agreement_and_nothing_to_agree_on():
    assert krippendorff_alpha(np.array([[3, 0], [0, 3]])) == 1
    assert krippendorff_alpha(np.array([[1, 1]] * 500)) == pytest.approx(-1, abs=0.01)
    assert human_ceiling(np.array([[3, 0], [0, 2]])).tolist() == [5, 1, 0, 1]
    for votes in (np.zeros((0, 3), int), np.eye(3, dtype=int)):
        assert np.isnan([krippendorff_alpha(votes), pair_agreement(votes)]).all()
        assert human_ceiling(votes)["votes"] == 0
        assert human_ceiling(votes).drop("votes").isna().all()
    assert np.isnan(krippendorff_alpha(np.array([[3, 0], [2, 0]])))


def test_groups_are_reported_beside_all():
    votes = np.array([[3, 0], [0, 3], [2, 1], [1, 0], [1, 1]])
    table = agreement_by_group(votes, sensitive_features=["a", "a", "b", "b", None], groups=["a", "b", "c"])
    assert list(table.index) == ["all", "a", "b", "c"]
    assert table["samples"].tolist() == [4, 2, 1, 0]
    assert table["votes"].tolist() == [11, 6, 3, 0]
    assert table.loc["a", ["ceiling", "pair_agreement", "alpha"]].tolist() == [1, 1, 1]
    assert table.loc["b", "pair_agreement"] == pytest.approx(1 / 3)
    assert table.loc["c"].drop(["samples", "votes"]).isna().all()

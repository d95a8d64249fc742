"""The Pareto set: the paper's five rows, a plain loop, ties, NaN, directions."""

import numpy as np
import pandas as pd
import pytest

from fer.fairness import pareto_front

PUBLISHED = pd.DataFrame(
    {
        "EiLA only": (31.9, 5.14),
        "SFEW only": (28.3, 7.65),
        "SFEW + 10%": (34.0, 8.65),
        "SFEW + 30%": (30.3, 7.66),
        "SFEW + 50%": (32.8, 7.49),
        "SFEW + 100%": (30.9, 8.77),
        "FER2013 only": (40.2, 12.2),
        "FER2013 + 10%": (38.9, 6.68),
        "FER2013 + 30%": (38.5, 6.16),
        "FER2013 + 50%": (39.8, 9.41),
        "FER2013 + 100%": (36.9, 3.81),
    },
    index=["accuracy", "accuracy_std"],
).T


def test_the_published_front_is_fer2013s():
    front = pareto_front(PUBLISHED)
    assert list(front.index[front]) == [name for name in PUBLISHED.index if name.startswith("FER2013")]


def test_the_front_does_not_depend_on_the_order_of_rows_or_columns():
    shuffled = PUBLISHED.sample(frac=1, random_state=0)[["accuracy_std", "accuracy"]]
    assert pareto_front(shuffled).sort_index().equals(pareto_front(PUBLISHED).sort_index())


def plain_front(values):
    """Return the front of maximised columns by comparing all pairs."""
    return [
        not any(all(o >= v for o, v in zip(other, row, strict=True)) and tuple(other) != tuple(row) for other in values)
        for row in values
    ]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("columns", [1, 2, 3])
def test_random_tables_against_a_plain_loop(seed, columns):
    # Few distinct values, so that ties are many.
    values = np.random.default_rng(seed).integers(0, 6, (40, columns))
    table = pd.DataFrame(values, columns=list("abc")[:columns])
    front = pareto_front(table, dict.fromkeys(table, "up"))
    assert front.tolist() == plain_front(values)
    assert pareto_front(-table, dict.fromkeys(table, "down")).tolist() == front.tolist()


def test_ties_are_kept():
    table = pd.DataFrame({"accuracy": [0.4, 0.4, 0.4], "std": [2.0, 2.0, 3.0]})
    assert pareto_front(table).tolist() == [True, True, False]


def test_rows_with_nan_are_out_and_beat_nobody():
    table = pd.DataFrame({"accuracy": [0.9, 0.4, np.nan], "std": [np.nan, 2.0, 0.0]})
    assert pareto_front(table).tolist() == [False, True, False]
    assert pareto_front(table.iloc[:0]).tolist() == []


def test_a_column_without_a_direction_is_refused():
    table = pd.DataFrame({"accuracy": [1.0], "beauty": [1.0]})
    with pytest.raises(ValueError, match="'beauty'"):
        pareto_front(table)
    with pytest.raises(ValueError, match="needs a direction"):
        pareto_front(table, {"accuracy": "up"})
    with pytest.raises(ValueError, match="up or down"):
        pareto_front(table, {"accuracy": "up", "beauty": "more"})

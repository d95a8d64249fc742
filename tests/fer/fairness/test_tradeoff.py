"""The Pareto set: the paper's five rows, a plain loop, ties, NaN, directions; distances, volumes, probabilities."""

import numpy as np
import pandas as pd
import pytest
from simulated import simulate

from fer.fairness import distance_to_utopia, front_probability, hypervolume, joint_bootstrap, pareto_front

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
    front = pareto_front(table, directions=dict.fromkeys(table, "up"))
    assert front.tolist() == plain_front(values)
    assert pareto_front(-table, directions=dict.fromkeys(table, "down")).tolist() == front.tolist()


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
        pareto_front(table, directions={"accuracy": "up"})
    with pytest.raises(ValueError, match="up or down"):
        pareto_front(table, directions={"accuracy": "up", "beauty": "more"})


def test_distance_to_utopia_by_hand():
    bounds = {"accuracy": (0.0, 1.0), "accuracy_std": (0.0, 20.0)}
    table = pd.DataFrame({"accuracy": [1.0, 0.0, 0.7, np.nan], "accuracy_std": [0.0, 20.0, 8.0, 1.0]})
    distances = distance_to_utopia(table, bounds=bounds)
    assert distances[:3].tolist() == pytest.approx([0.0, 1.0, np.sqrt((0.3**2 + 0.4**2) / 2)])
    assert np.isnan(distances[3])
    # Bounds are stated, so a row's distance does not hang on which other rows are shown.
    assert distance_to_utopia(table[2:3], bounds=bounds).tolist() == pytest.approx(distances[2:3].tolist())
    with pytest.raises(ValueError, match="'accuracy_std' has bounds None"):
        distance_to_utopia(table, bounds={"accuracy": (0, 1)})
    with pytest.raises(ValueError, match="lowest and its highest"):
        distance_to_utopia(table, bounds=bounds | {"accuracy_std": (20.0, 0.0)})


def test_hypervolume_by_hand():
    table = pd.DataFrame({"accuracy": [0.4, 0.3, 0.2, np.nan, 0.1], "accuracy_std": [8.0, 5.0, 6.0, 1.0, 12.0]})
    reference = {"accuracy": 0.1, "accuracy_std": 10.0}
    # Boxes of 0.3 x 2 and 0.2 x 5 that share 0.2 x 2; the third row is beaten, the last not better than the reference.
    assert hypervolume(table, reference=reference) == pytest.approx(0.6 + 1.0 - 0.4)
    assert hypervolume(table[3:], reference=reference) == 0
    with pytest.raises(ValueError, match="reference value"):
        hypervolume(table, reference={"accuracy": 0.1})


@pytest.mark.parametrize("columns", [1, 2, 3])
def test_hypervolume_is_the_share_of_random_points_that_a_row_beats(columns):
    stream = np.random.default_rng(columns)
    rows, points = stream.random((15, columns)), stream.random((40_000, columns))
    table = pd.DataFrame(rows, columns=list("abc")[:columns])
    beaten = (points[:, None] <= rows).all(axis=2).any(axis=1).mean()
    volume = hypervolume(table, reference=dict.fromkeys(table, 0.0), directions=dict.fromkeys(table, "up"))
    assert volume == pytest.approx(beaten, abs=0.01)


def test_front_probability_is_the_share_of_fronts_drawn():
    stream = np.random.default_rng(0)
    values = stream.random((6, 40, 2))
    values[2, 5] = np.nan
    share = front_probability(values, directions=("up", "down"), index=pd.Index(list("uvwxyz")))
    fronts = [pareto_front(pd.DataFrame(values[:, at], columns=["accuracy", "std"])) for at in range(40) if at != 5]
    assert share.to_list() == pytest.approx(np.mean(fronts, axis=0).tolist())
    assert list(share.index) == list("uvwxyz")
    assert front_probability(values[:, [5]], directions=("up", "down")).isna().all()


def test_two_runs_that_are_one_share_the_front():
    data = simulate()
    by = {"sensitive_features": data.sensitive_features, "clusters": data.clusters}
    drawn = joint_bootstrap(data.y_true, [data.y_pred] * 2, **by, n_resamples=100)
    # Drawn apart, each would lead in half of the replicates.
    assert front_probability(drawn, directions=("up", "down")).tolist() == [1, 1]

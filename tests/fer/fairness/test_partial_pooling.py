"""Partial pooling: raw figures are those of the groups, many clips keep theirs, few are drawn; the model's integral."""

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, special, stats

from fer.fairness import group_intervals, partial_pooling
from fer.fairness.hierarchical_model import Cells, _likelihood, posterior


def drawn(accuracy, clips, seed=0, frames=8):
    """Return arguments of race x gender, an accuracy and a number of clips for each combination."""
    stream = np.random.default_rng(seed)
    names = [(race, gender) for race in "abc" for gender in ("female", "male")]
    cell = np.repeat(np.arange(6), np.multiply(clips, frames))
    clip = np.repeat(np.arange(sum(clips)), frames)
    right = stats.norm.ppf(accuracy)[cell] + 0.5 * stream.normal(size=sum(clips))[clip] > stream.normal(size=len(cell))
    faces = pd.DataFrame(names, columns=["race", "gender"]).loc[cell].reset_index(drop=True)
    return {"y_true": np.ones(len(cell), int), "y_pred": right.astype(int), "sensitive_features": faces,
            "clusters": clip, "labels": [0, 1]}  # fmt: skip


def test_the_raw_figures_are_those_of_the_groups():
    data = drawn([0.7] * 6, [10, 3, 1, 12, 5, 8])
    table = partial_pooling(**data)
    group = data["sensitive_features"].agg(" ".join, axis=1)
    raw = group_intervals(**data | {"sensitive_features": group}, n_resamples=10).xs("accuracy", level="metric")
    raw = raw.drop(index="all")
    assert [" ".join(name) for name in table.index] == list(raw.index)
    for column, other in (("raw", "estimate"), ("raw_low", "low"), ("raw_high", "high"), ("clusters", "clusters")):
        assert table[column].to_numpy(dtype=float) == pytest.approx(raw[other].to_numpy(dtype=float), nan_ok=True)


def test_many_clips_keep_their_accuracy_and_few_are_drawn_towards_their_groups():
    # c is worse, and there is one clip of its women.
    data = drawn([0.9, 0.9, 0.9, 0.9, 0.5, 0.5], [80, 80, 80, 80, 1, 80], seed=2)
    table = partial_pooling(**data)
    many = table.drop(index=("c", "female"))
    assert (many["estimate"] - many["raw"]).abs().max() < 0.03
    alone = table.loc[("c", "female")]
    assert np.isnan(alone["raw_low"])
    assert 0.3 < alone["estimate"] < 0.75 and alone["low"] < 0.5 < alone["high"]
    assert alone["high"] - alone["low"] > 0.2


def test_the_integral_over_clips_is_exact_and_so_are_its_derivatives():
    right, count = np.array([3.0, 5.0, 1.0]), np.array([4.0, 6.0, 7.0])
    # The first two rows are of one clip.
    cells = Cells(right, count, np.array([0, 1, 1]), np.array([0, 0, 1]), np.ones((2, 1)))
    logits = np.array([0.3, -0.4])
    value, gradient, hessian = _likelihood(cells, logits, 1.4)

    def of_clip(rows):
        def density(clip):
            eta = logits[cells.cell[rows]] + 1.4 * clip
            return np.exp((right[rows] * eta - count[rows] * np.logaddexp(0, eta)).sum()) * stats.norm.pdf(clip)

        return np.log(integrate.quad(density, -8, 8)[0])

    assert value == pytest.approx(of_clip([0, 1]) + of_clip([2]), abs=1e-6)
    for at in range(2):
        step = np.eye(2)[at] * 1e-5
        higher, lower = (_likelihood(cells, logits + side * step, 1.4) for side in (1, -1))
        assert gradient[at] == pytest.approx((higher[0] - lower[0]) / 2e-5, abs=1e-5)
        assert -hessian[at] == pytest.approx((higher[1] - lower[1]) / 2e-5, abs=1e-5)


def test_with_much_data_the_posterior_is_the_sampling_distribution():
    stream = np.random.default_rng(0)
    cell = np.repeat(np.arange(3), 400)
    count = np.full(1200, 5.0)
    right = stream.binomial(5, special.expit(np.array([0.0, 1.0, 2.0])[cell])).astype(float)
    effects = np.concatenate([np.ones((3, 1)), np.eye(3)], axis=1)
    found = posterior(Cells(right, count, cell, np.arange(1200), effects), 2000, 0)
    share = np.array([right[cell == at].mean() / 5 for at in range(3)])
    assert found.mean(axis=0) == pytest.approx(share, abs=0.01)
    assert found.std(axis=0) == pytest.approx(np.sqrt(share * (1 - share) / 2000), rel=0.15)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"clips": [1] * 6}, "no combination has two clips"),
        ({"accuracy": [1.0] * 6}, "all predictions are right"),
    ],
)
def test_what_cannot_be_fitted_says_why_and_gives_no_number(change, reason):
    table = partial_pooling(**drawn(**{"accuracy": [0.7] * 6, "clips": [5] * 6} | change))
    assert table[["estimate", "low", "high"]].isna().all(axis=None)
    assert table["method"].str.startswith("cannot be estimated: ").all() and table["method"].str.contains(reason).all()
    assert table["raw"].notna().all()


def test_crossed_clusters_and_two_combinations_say_so():
    data = drawn([0.7] * 6, [5] * 6)
    crossed = data | {"clusters": np.stack([data["clusters"], data["clusters"] % 7], axis=1)}
    assert partial_pooling(**crossed)["method"].str.contains("crossed").all()
    few = data["sensitive_features"].assign(race="a")
    assert partial_pooling(**data | {"sensitive_features": few})["method"].str.contains("needs three").all()


def test_a_face_without_one_of_the_attributes_is_in_no_combination():
    data = drawn([0.7] * 6, [5] * 6)
    data["sensitive_features"].loc[:7, "race"] = None
    table = partial_pooling(**data)
    assert table["samples"].sum() == len(data["y_true"]) - 8
    assert table["clusters"].tolist() == [4, 5, 5, 5, 5, 5]

"""Ensembles: the fitted weights, and one model that combines its members."""

import keras
import numpy as np
import pytest

from fer.models import build_model
from fer.models.ensemble import best_weights, build_ensemble

FACES = np.random.default_rng(0).integers(0, 256, (5, 48, 48, 1), dtype=np.uint8)


def _told(truth: list[float]) -> np.ndarray:
    """Return probabilities of two classes that give the true one (always 0) these values."""
    return np.stack([np.array(truth), 1 - np.array(truth)], axis=1)


def test_weights_are_those_of_the_lowest_cross_entropy():
    members = np.stack([_told([0.9, 0.2, 0.7, 0.6]), _told([0.3, 0.8, 0.6, 0.7]), _told([0.1, 0.1, 0.2, 0.1])])
    weights = best_weights(members, np.zeros(4, dtype=int))
    assert weights.sum() == pytest.approx(1) and (weights >= 0).all()
    assert weights[2] == pytest.approx(0, abs=1e-6)

    def loss(share: float) -> float:
        return -np.log(share * members[0, :, 0] + (1 - share) * members[1, :, 0]).mean()

    grid = np.linspace(0, 1, 2001)
    assert weights[0] == pytest.approx(grid[np.argmin([loss(share) for share in grid])], abs=2e-3)


def test_members_that_say_the_same_share_equally_and_a_sure_mistake_costs_no_infinity():
    same = np.stack([_told([0.9, 0.2])] * 3)
    assert best_weights(same, np.zeros(2, dtype=int)) == pytest.approx([1 / 3] * 3)
    wrong = np.stack([_told([0.0, 1.0]), _told([0.0, 0.5])])
    assert best_weights(wrong, np.zeros(2, dtype=int)) == pytest.approx([1, 0], abs=1e-4)


def test_one_model_gives_the_weighted_sum_and_is_saved_and_loaded_alone(tmp_path):
    members = [build_model("cnn", (48, 48, 1), 7, 0.2), build_model("cnn", (48, 48, 1), 7, 0.2),
               build_model("assistive1", (48, 48, 1), 7, 0.2)]  # fmt: skip
    expected = sum(w * np.asarray(member(FACES)) for w, member in zip((0.5, 0.2, 0.3), members, strict=True))
    ensemble = build_ensemble(members, (0.5, 0.2, 0.3))
    assert np.allclose(np.asarray(ensemble(FACES)), expected, atol=1e-6)
    assert ensemble.count_params() == sum(member.count_params() for member in members)
    ensemble.save(tmp_path / "ensemble.keras")
    again = keras.models.load_model(tmp_path / "ensemble.keras")
    assert np.array_equal(np.asarray(again(FACES)), np.asarray(ensemble(FACES)))
    ours = [layer for layer in ensemble._flatten_layers() if not type(layer).__module__.startswith("keras")]
    assert ours == []

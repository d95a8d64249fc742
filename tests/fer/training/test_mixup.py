"""Mixup: faces and targets are blended with the same share and the same partner."""

import numpy as np

from fer.training.mixup import mixed


def test_faces_and_targets_are_blended_alike() -> None:
    faces = np.repeat(np.array([0, 100, 200], dtype=np.uint8), 4).reshape(3, 2, 2, 1)
    targets = np.eye(3, dtype=np.float32)
    levels = np.array([0, 100, 200], dtype=np.float32)
    for seed in range(20):
        blended, soft = mixed(faces, targets, 0.5, np.random.default_rng(seed))
        assert blended.dtype == np.uint8
        assert blended.shape == faces.shape
        np.testing.assert_allclose(soft.sum(axis=1), 1, rtol=1e-6)
        np.testing.assert_allclose(blended[:, 0, 0, 0], soft @ levels, atol=0.51)


def test_a_small_alpha_blends_little() -> None:
    rows = [mixed(np.zeros((4, 1, 1, 1), np.uint8), np.eye(4, dtype=np.float32), 0.05, np.random.default_rng(seed))[1]
            for seed in range(200)]  # fmt: skip
    assert np.mean([row.max(axis=1).min() > 0.95 for row in rows]) > 0.7

"""Sharpness: what it measures, and the warning it gives."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from fer.data import quality
from fer.data.dataset import write_packed


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(0).integers(0, 256, (28, 32, 32, 1), dtype=np.uint8)


def blurred(faces, sigma):
    return gaussian_filter(faces.astype(float), (0, sigma, sigma, 0)).astype(np.uint8)


def test_blur_lowers_sharpness_and_contrast_does_not_matter(noise):
    sharp = quality.sharpness(noise)
    assert sharp.shape == (28,)
    assert (quality.sharpness(blurred(noise, 1.0)) < sharp / 3).all()
    assert quality.sharpness(noise // 2) == pytest.approx(sharp, rel=0.02)


def test_sharpness_is_the_laplacians_deviation_over_that_of_the_gray_levels():
    face = np.zeros((1, 4, 4, 1), np.uint8)
    face[0, 1, 1, 0] = 16
    # Laplacian of the inner 2x2: [[-64, 16], [16, 0]]; gray levels: one 16, fifteen 0.
    inner, gray = np.array([-64.0, 16, 16, 0]), np.array([16.0] + [0] * 15)
    assert quality.sharpness(face) == pytest.approx([inner.std() / gray.std()], rel=1e-6)


def test_a_flat_face_is_nan_and_colour_is_averaged(noise):
    faces = np.repeat(noise[:2], 3, axis=3)
    faces[1] = 77
    values = quality.sharpness(faces)
    assert values[0] == pytest.approx(quality.sharpness(noise[:1])[0], rel=1e-5)
    assert np.isnan(values[1])


def packed(folder, samples, faces):
    return write_packed(folder, "faces", samples, faces, faces.shape[1:3], {})


def test_a_blurred_split_is_named_in_the_warning(tmp_path, tiny_samples, noise):
    samples = tiny_samples(28)
    faces = noise[..., 0].copy()
    test = (samples["split"] == "test").to_numpy()
    alike = packed(tmp_path / "alike", samples, faces)
    assert quality.sharpness_warning(alike) is None
    assert set(quality.sharpness_by_split(alike).index) == {"train", "validation", "test"}
    faces[test] = blurred(noise, 2.0)[test, ..., 0]
    sentence = quality.sharpness_warning(packed(tmp_path / "blurred", samples, faces))
    assert "the test faces are blurred" in sentence
    assert "faces:" in sentence


def test_one_split_alone_gives_no_warning(tmp_path, tiny_samples, noise):
    samples = tiny_samples(28).assign(split="train")
    assert quality.sharpness_warning(packed(tmp_path / "one", samples, noise[..., 0])) is None


def test_no_more_faces_are_read_than_stated(tmp_path, tiny_samples, noise, monkeypatch):
    seen = []
    measure = quality.sharpness
    monkeypatch.setattr(quality, "_SAMPLED", 10)
    monkeypatch.setattr(quality, "sharpness", lambda faces: seen.append(len(faces)) or measure(faces))
    quality.sharpness_by_split(packed(tmp_path / "many", tiny_samples(28).assign(split="train"), noise[..., 0]))
    assert len(seen) == 1
    assert 5 <= seen[0] <= 10

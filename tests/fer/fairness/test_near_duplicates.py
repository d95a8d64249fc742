"""The perceptual hash against its definition; near-duplicates found and strangers not."""

import numpy as np
import pandas as pd
import pytest
from scipy.fft import dctn
from scipy.ndimage import gaussian_filter

from fer.evaluation.perturbations import perturb
from fer.fairness import near_duplicates
from fer.fairness.near_duplicates import THRESHOLD, near_duplicates_between, nearest, perceptual_hash
from fer.synthetic import SyntheticOptions, draw_population


@pytest.fixture(scope="module")
def faces():
    """Return 300 pictures of smooth noise, all different, uint8 (300, 48, 48)."""
    rough = np.random.default_rng(0).normal(size=(300, 48, 48))
    smooth = gaussian_filter(rough, (0, 3, 3))
    return np.clip(128 + 400 * smooth, 0, 255).astype(np.uint8)


def test_the_hash_is_the_signs_of_the_low_frequencies(faces):
    for face, result in zip(faces[:5], perceptual_hash(faces[:5]), strict=True):
        lowest = dctn(face.astype(float), norm="ortho")[1:9, 1:9].ravel()
        bits = np.unpackbits(np.array([result]).view(np.uint8))
        assert bits.tolist() == (lowest > np.median(lowest)).astype(int).tolist()


def test_colour_size_and_batches_do_not_matter(faces):
    whole = perceptual_hash(faces)
    assert np.array_equal(whole, perceptual_hash(np.repeat(faces[..., None], 3, axis=3)))
    assert np.array_equal(whole[:2], perceptual_hash(faces[:2]))
    doubled = faces.repeat(2, axis=1).repeat(2, axis=2)
    assert np.bitwise_count(whole ^ perceptual_hash(doubled)).max() <= THRESHOLD
    tiny = faces[:20, :8, :5]
    enlarged = tiny.repeat(2, axis=1).repeat(2, axis=2)
    assert np.array_equal(perceptual_hash(tiny), perceptual_hash(enlarged))
    many = np.concatenate([faces] * 5)
    assert np.array_equal(perceptual_hash(many), np.tile(whole, 5))


@pytest.mark.parametrize(("kind", "severity"), [("blur", 2), ("noise", 1), ("jpeg", 2), ("resolution", 2)])
def test_a_corrupted_picture_stays_the_nearest(faces, kind, severity):
    corrupted = perturb(faces[..., None], kind, severity)
    found = nearest(perceptual_hash(corrupted), perceptual_hash(faces))
    assert (found["nearest"] == np.arange(len(faces))).mean() > 0.99
    assert (found["distance"] <= THRESHOLD).mean() > 0.95


def test_strangers_differ_in_about_half_of_the_bits(faces):
    hashes = perceptual_hash(faces)
    found = nearest(hashes[:150], hashes[150:])
    assert (found["within"] == 0).all()
    assert found["distance"].between(10, 32).all()


def test_nearest_against_a_plain_loop_and_without_a_reference():
    stream = np.random.default_rng(1)
    query, reference = (stream.integers(0, 2**63, size, dtype=np.uint64) for size in (7, 60))
    found = nearest(query, reference, threshold=25)
    for row, one in enumerate(query):
        distances = [int(one ^ other).bit_count() for other in reference]
        assert found.loc[row].tolist() == [np.argmin(distances), min(distances), sum(d <= 25 for d in distances)]
    assert nearest(query, reference[:0]).loc[0].tolist() == [-1, 65, 0]
    assert nearest(query[:0], reference).empty


def test_parts_are_compared_with_each_other_and_not_with_themselves(faces):
    hashes = perceptual_hash(np.concatenate([faces[:20], faces[:5], faces[10:12]]))
    part = pd.Series(["train"] * 20 + ["test"] * 5 + [None] * 2)
    table = near_duplicates_between(hashes, part)
    assert table.loc[("train", "test")].tolist() == [20, 5, 0.25]
    assert table.loc[("test", "train")].tolist() == [5, 5, 1.0]
    assert len(table) == 2
    assert near_duplicates_between(hashes[:20], part[:20]).empty


def test_frames_of_a_clip_are_near_duplicates_and_flat_faces_of_each_other():
    options = SyntheticOptions(train=40, validation=0, test=0, frames_per_clip=2, difficulty=0)
    hashes = perceptual_hash(draw_population(options)[1])
    assert np.median(np.bitwise_count(hashes[::2] ^ hashes[1::2])) <= THRESHOLD
    assert perceptual_hash(np.full((2, 48, 48), 77, np.uint8)).tolist() == [0, 0]


@pytest.mark.parametrize("threshold", [0, 3, THRESHOLD, 7, 8])
def test_the_index_finds_what_comparing_all_pairs_finds(threshold, monkeypatch):
    stream = np.random.default_rng(threshold)
    reference = stream.integers(0, 2**64, 3000, dtype=np.uint64)
    query = stream.integers(0, 2**64, 900, dtype=np.uint64)
    for place in range(600):
        changed = stream.choice(64, stream.integers(0, 12), replace=False).astype(np.uint64)
        query[place] = reference[place % 400] ^ np.bitwise_or.reduce(np.uint64(1) << changed, initial=np.uint64(0))
    query[-100:] = query[:100]
    expected = nearest(query, reference, threshold)["within"].to_numpy() > 0
    # Copies of the nearest, of which the first counts, and of all others.
    reference = np.concatenate([reference[200:], reference[::-1], reference[:500]])
    twins = nearest(query, reference, threshold)
    assert near_duplicates.near_twins(query, reference, threshold).equals(twins[twins["within"] > 0])
    monkeypatch.setattr(near_duplicates, "_PAIRS", 0)
    monkeypatch.setattr(near_duplicates, "_COMPARED", 7)
    assert np.array_equal(near_duplicates.have_near(query, reference, threshold), expected)
    assert near_duplicates.near_twins(query, reference, threshold).equals(twins[twins["within"] > 0])
    assert near_duplicates.near_twins(query, reference[:0], threshold).empty
    assert near_duplicates.near_twins(query[:0], reference, threshold).empty
    assert expected.any() and not expected.all()
    assert not near_duplicates.have_near(query, reference[:0], threshold).any()

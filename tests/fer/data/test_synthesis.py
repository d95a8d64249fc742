"""Made faces: what alterations do to known pictures, and SMOTE as imbalanced-learn does it on pixels."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from imblearn.over_sampling import SMOTE

from fer.data.dataset import FaceDataset, PackedFaces
from fer.data.samples import conform
from fer.data.synthesis import AugmentOptions, SmoteOptions, alter, altered_copies, smote_mixtures

STILL = AugmentOptions(flip=0, shift=0, rotation=0, brightness=0)
MIDDLE = np.full((1, 5), 0.5)


@pytest.fixture
def happy():
    """Return a maker of datasets of n random happy training faces."""

    def make(n, shape=(8, 8)):
        pixels = np.random.default_rng(n).integers(0, 256, (n, *shape), dtype=np.uint8)
        samples = pd.DataFrame(
            {"sample_id": [f"happy/{row}" for row in range(n)], "label": "happy", "split": "train", "source": "happy",
             "row": np.arange(n)}
        )  # fmt: skip
        return FaceDataset("happy", conform(samples), {"happy": PackedFaces("", "", pixels)}, pd.DataFrame(), {})

    return make


def picture(size=33):
    """A smooth gray picture without symmetry, uint8 (1, size, size, 1)."""
    down, right = np.mgrid[0:size, 0:size] / size
    return (40 + 150 * right + 50 * np.sin(5 * down)).round().astype(np.uint8)[None, :, :, None]


def draws(**of):
    names = ("flip", "rotation", "across", "down", "light")
    return np.array([[of.get(name, 0.5) for name in names]])


def test_without_alterations_a_face_stays():
    assert np.array_equal(alter(picture(), np.random.default_rng(0).random((1, 5)), STILL), picture())


def test_a_flip_mirrors_left_and_right():
    always = STILL.model_copy(update={"flip": 1.0})
    assert np.array_equal(alter(picture(), MIDDLE, always), picture()[:, :, ::-1])


def test_a_shift_moves_by_a_share_of_the_side_and_reflects_at_the_border():
    options = STILL.model_copy(update={"shift": 4 / 33})
    moved = alter(picture(), draws(across=1.0), options)
    assert np.array_equal(moved[:, :, 4:], picture()[:, :, :-4])
    assert np.array_equal(moved[:, :, :4], picture()[:, :, 3::-1])


def test_a_quarter_turn_is_a_quarter_turn():
    options = STILL.model_copy(update={"rotation": 90.0})
    turned = alter(picture(), draws(rotation=1.0), options)
    assert np.abs(turned[0].astype(int) - np.rot90(picture()[0], -1)).max() <= 1


@pytest.mark.parametrize(("light", "expected"), [(1.0, [51, 153, 255]), (0.0, [0, 102, 204]), (0.5, [0, 128, 255])])
def test_light_moves_each_level_a_share_of_its_way(light, expected):
    flat = np.array([0, 128, 255], np.uint8).reshape(3, 1, 1, 1) * np.ones((1, 9, 9, 1), np.uint8)
    options = STILL.model_copy(update={"brightness": 0.2})
    lit = alter(flat, np.repeat(draws(light=light), 3, axis=0), options)
    assert lit[:, 4, 4, 0].tolist() == expected


@given(
    random=st.lists(st.floats(0, 0.999), min_size=5, max_size=5),
    level=st.integers(0, 255),
    channels=st.sampled_from([1, 3]),
)
def test_no_alteration_brings_black_borders_or_clips(random, level, channels):
    flat = np.full((1, 12, 10, channels), level, np.uint8)
    altered = alter(flat, np.array([random]), AugmentOptions(shift=0.5, rotation=180))
    assert altered.shape == flat.shape and altered.dtype == np.uint8
    assert np.ptp(altered) == 0  # a flat picture has no border to show
    assert abs(int(altered[0, 0, 0, 0]) - level) <= 0.2 * 255 + 1


@pytest.mark.parametrize("options", [{"flip": 1.1}, {"shift": -0.1}, {"brightness": 2}, {"rotation": 181}])
def test_ranges_beyond_reason_are_refused(options):
    with pytest.raises(ValueError):
        AugmentOptions(**options)


def test_faces_are_made_only_when_they_are_read(happy):
    dataset = happy(4)
    _, faces = altered_copies(dataset, np.arange(4), 10**6, 0, AugmentOptions())
    assert next(faces).shape == (8, 8, 1)


@pytest.mark.parametrize(("n", "k_neighbors"), [(30, 5), (30, 2), (4, 5), (2, 5)])
def test_mixtures_are_those_of_smote_on_flattened_pixels(happy, n, k_neighbors):
    dataset, count = happy(n, (8, 8, 3)), 300
    _, faces = smote_mixtures(dataset, np.arange(n), count, 11, SmoteOptions(k_neighbors=k_neighbors))
    pixels = np.vstack([dataset.faces().reshape(n, -1), np.zeros((1, 192))]).astype(float)
    plain = SMOTE(sampling_strategy={0: n + count}, random_state=11, k_neighbors=min(k_neighbors, n - 1))
    expected = plain.fit_resample(pixels, [0] * n + [1])[0][n + 1 :]
    mine = np.stack(list(faces)).reshape(count, -1)
    assert np.abs(mine - expected).max() <= 0.51


def test_a_mixture_s_neighbours_are_counted_by_the_option(happy):
    partners = {}
    for k_neighbors in (1, 6):
        samples, _ = smote_mixtures(happy(20), np.arange(20), 2000, 0, SmoteOptions(k_neighbors=k_neighbors))
        pairs = samples[["mixed_from", "mixed_with"]].apply(frozenset, axis=1)
        assert (samples["mixed_from"] != samples["mixed_with"]).all()
        partners[k_neighbors] = pairs.nunique()
    assert partners[1] <= 20 < partners[6] <= 120


def test_identical_faces_still_mix(happy):
    dataset = happy(6)
    dataset.parts["happy"].array[:] = 90
    _, faces = smote_mixtures(dataset, np.arange(6), 20, 0, SmoteOptions())
    assert {int(level) for face in faces for level in np.unique(face)} == {90}

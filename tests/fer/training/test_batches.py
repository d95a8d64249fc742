"""Batches and augmentation: every face once per epoch, in independent streams determined by a seed."""

import numpy as np
import pytest

from fer.errors import InputError
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.training.augmentation import AUGMENTATIONS, augmentation_named
from fer.training.batches import Batches
from fer.training.sampling import sampler_named
from fer.training.weighting import weighting_named


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("batches") / "drawn"
    return preprocess(Recipe("synthetic", options={"train": 50, "validation": 10, "test": 10}), folder).dataset.split(
        "train"
    )


def _epoch(batches: Batches) -> np.ndarray:
    return np.concatenate([batches[number][0] for number in range(len(batches))])


def test_an_epoch_holds_every_face_once_with_its_label(dataset):
    batches = Batches(dataset, 16, seed=3)
    assert [len(batches[number][0]) for number in range(len(batches))] == [16, 16, 16, 2]
    faces = dataset.faces()
    for number in range(len(batches)):
        for face, target in zip(*batches[number], strict=True):
            match = np.flatnonzero((faces == face).all(axis=(1, 2, 3)))
            assert target.argmax() in dataset.codes()[match]
    assert sorted(map(bytes, _epoch(batches))) == sorted(map(bytes, faces))


def test_the_order_follows_seed_and_epoch_alone(dataset):
    batches = Batches(dataset, 16, seed=3)
    first = _epoch(batches)
    batches.start_epoch(1)
    second = _epoch(batches)
    assert not np.array_equal(first, second)
    batches.start_epoch(0)
    assert np.array_equal(first, _epoch(batches))
    assert not np.array_equal(first, _epoch(Batches(dataset, 16, seed=4)))
    assert np.array_equal(_epoch(Batches(dataset, 16)), dataset.faces())


def test_a_number_of_steps_makes_full_batches_of_the_same_passes(dataset):
    batches = Batches(dataset, 16, seed=3, steps=5)
    assert (len(batches), batches.faces_per_epoch) == (5, 80)
    assert [len(batches[number][0]) for number in range(5)] == [16] * 5
    assert np.array_equal(_epoch(batches)[:50], _epoch(Batches(dataset, 16, seed=3)))


def test_augmentation_does_not_shift_the_order(dataset):
    plain, augmented = Batches(dataset, 16, seed=3), Batches(dataset, 16, seed=3, augment=AUGMENTATIONS["affine"])
    assert np.array_equal(plain[1][1], augmented[1][1])
    assert np.array_equal(augmented[1][0], augmented[1][0])
    assert not np.array_equal(plain[1][0], augmented[1][0])


@pytest.mark.parametrize("name", [name for name, function in AUGMENTATIONS.items() if function])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_augmentation_keeps_shape_and_type_and_changes_faces(name, channels):
    faces = np.random.default_rng(0).integers(0, 256, (40, 48, 48, channels), dtype=np.uint8)
    before = faces.copy()
    moved = augmentation_named(name)(faces, np.random.default_rng(1))
    assert moved.shape == faces.shape and moved.dtype == np.uint8
    assert np.array_equal(faces, before)
    assert (moved != faces).any(axis=(1, 2, 3)).all()


def test_about_half_of_the_faces_are_flipped():
    ramp = np.broadcast_to(np.arange(0, 240, 5, dtype=np.uint8)[None, None, :, None], (400, 48, 48, 1)).copy()
    moved = AUGMENTATIONS["affine"](ramp, np.random.default_rng(0)).astype(int)
    falling = (moved[:, 20:28, 40:46].mean((1, 2, 3)) < moved[:, 20:28, 2:8].mean((1, 2, 3))).mean()
    assert 0.42 < falling < 0.58


def test_an_unknown_augmentation_is_answered_with_the_valid_names():
    with pytest.raises(InputError, match="none, affine, affine_noise, age, assistive"):
        augmentation_named("mixup")


def _flat(count, value=100, size=40):
    return np.full((count, size, size, 1), value, dtype=np.uint8)


def test_age_shifts_by_a_fifth_flips_half_and_changes_brightness_by_half():
    ramp = np.broadcast_to(np.arange(40, dtype=np.float32)[None, None, :, None] * 6, (600, 40, 40, 1)).astype(np.uint8)
    moved = AUGMENTATIONS["age"](ramp, np.random.default_rng(0)).astype(float)
    falling = moved[:, 20, 2:6, 0].mean(1) > moved[:, 20, -6:-2, 0].mean(1)
    assert 0.44 < falling.mean() < 0.56
    # The brightest pixel is stretched to 255, then multiplied by 0.5..1.5: a tenth of the factors leaves it under 153.
    brightest = moved.max(axis=(1, 2, 3))
    assert brightest.min() >= 126 and (brightest < 153).mean() == pytest.approx(0.1, abs=0.04)
    # A shift repeats the edge: up to 8 of 40 columns are alike on one side (where nothing is cut off at 255).
    steps = np.abs(np.diff(moved[brightest < 250, 20, :, 0], axis=1)) > 1
    assert 6 <= max(steps.argmax(axis=1).max(), steps[:, ::-1].argmax(axis=1).max()) <= 8


def test_age_stretches_as_the_study_s_generator_does():
    faces = np.random.default_rng(0).integers(90, 121, (3, 20, 20, 1), dtype=np.uint8)
    moved = AUGMENTATIONS["age"](faces, np.random.default_rng(3))
    assert (moved.min(axis=(1, 2, 3)) == 0).all() and (moved.max(axis=(1, 2, 3)) > 126).all()
    assert np.array_equal(np.unique(AUGMENTATIONS["age"](_flat(2), np.random.default_rng(0))), [0])


def _counts(codes: np.ndarray) -> dict[int, int]:
    values, counts = np.unique(codes, return_counts=True)
    return dict(zip(values.tolist(), counts.tolist(), strict=True))


@pytest.fixture(scope="module")
def uneven(dataset):
    """30 faces: 20 of one emotion, 7 of another, 3 of a third."""
    codes = dataset.codes()
    # The drawn set has about ten of an emotion: faces are taken again, since only counts matter here.
    rows = [np.resize(np.flatnonzero(codes == code), count) for code, count in ((0, 20), (3, 7), (4, 3))]
    return dataset.where(np.concatenate(rows))


def test_balanced_sampling_shows_each_class_equally_often(uneven):
    batches = Batches(uneven, 8, seed=3, sampling="balanced")
    targets = np.concatenate([batches[number][1] for number in range(len(batches))]).argmax(axis=1)
    assert _counts(targets) == {0: 10, 3: 10, 4: 10}
    assert [len(batches[number][0]) for number in range(len(batches))] == [8, 8, 8, 6]
    rows = batches._order
    assert _counts(uneven.codes()[rows]) == {0: 10, 3: 10, 4: 10}
    large, small = _counts(rows[rows < 20]), _counts(rows[rows >= 27])
    assert set(large.values()) == {1} and sorted(small.values()) == [3, 3, 4]


def test_balanced_sampling_draws_anew_each_epoch_from_a_stream_of_its_own(uneven):
    batches = Batches(uneven, 8, seed=3, sampling="balanced")
    first = batches._order
    batches.start_epoch(1)
    assert not np.array_equal(np.sort(first), np.sort(batches._order))
    batches.start_epoch(0)
    assert np.array_equal(first, batches._order)
    plain = Batches(uneven, 8, seed=3, augment=AUGMENTATIONS["affine"])
    assert np.array_equal(plain._order, Batches(uneven, 8, seed=3)._order)


def test_balanced_weights_are_scikit_learns_and_every_class_counts_alike(uneven):
    codes = uneven.codes()
    weights = weighting_named("balanced")(uneven, codes)
    assert [weights[row] for row in (0, 20, 27)] == pytest.approx([30 / (3 * 20), 30 / (3 * 7), 30 / (3 * 3)])
    assert [weights[codes == code].sum() for code in (0, 3, 4)] == pytest.approx([10, 10, 10])
    batches = Batches(uneven, 8, seed=3, weights=weights)
    faces, targets, counted = batches[1]
    assert len(faces) == len(targets) == len(counted) == 8
    by_class = {0: weights[0], 3: weights[20], 4: weights[27]}
    assert counted.tolist() == [by_class[code] for code in targets.argmax(axis=1)]
    assert weighting_named("none") is None


def test_weighted_faces_train_as_keras_class_weights_do(uneven):
    import keras

    def trained(weights, class_weight):
        keras.utils.set_random_seed(1)
        model = keras.Sequential(
            [keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(7, activation="softmax")]
        )
        model.compile("sgd", "categorical_crossentropy")
        model.fit(Batches(uneven, 8, seed=3, weights=weights), class_weight=class_weight, shuffle=False, verbose=0)
        return model.get_weights()

    weights = weighting_named("balanced")(uneven, uneven.codes())
    ours, theirs = trained(weights, None), trained(None, {0: 0.5, 3: 30 / 21, 4: 10 / 3})
    assert all(np.allclose(a, b, rtol=1e-4, atol=1e-5) for a, b in zip(ours, theirs, strict=True))


def test_soft_targets_take_the_place_of_labels(uneven):
    soft = np.full((len(uneven), 7), 1 / 7, dtype=np.float32)
    assert np.array_equal(Batches(uneven, 8, seed=3, targets=soft)[0][1], soft[:8])


@pytest.mark.parametrize("named", [sampler_named, weighting_named])
def test_unknown_ways_against_imbalance_are_answered_with_the_valid_names(named, refused):
    with refused("'focal'", "balanced"):
        named("focal")

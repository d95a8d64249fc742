"""Batches and augmentation: every face once an epoch, streams that a seed decides and do not shift each other."""

import numpy as np
import pytest

from fer.errors import InputError
from fer.preprocessing import Recipe, preprocess
from fer.training.augmentation import AUGMENTATIONS, augmentation_named
from fer.training.batches import Batches


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
    with pytest.raises(InputError, match="none, affine, affine_noise"):
        augmentation_named("mixup")

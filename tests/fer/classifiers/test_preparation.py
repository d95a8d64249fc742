"""Faces of any size and colour become a network's input."""

import cv2
import numpy as np
import pytest

from fer.classifiers.preparation import SCALINGS, Changes, Preparation, Scaling, check_faces, scaling_of

STREAM = np.random.default_rng(0)


def noise(*shape):
    return STREAM.integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("none", [0.0], [255.0]),
        ("unit", [0.0], [1.0]),
        ("symmetric", [-1.0], [1.0]),
        ("imagenet", [-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225], [0.515 / 0.229, 0.544 / 0.224, 0.594 / 0.225]),
        ({"mean": 0.5, "std": 0.25}, [-2.0], [2.0]),
    ],
)
def test_black_and_white_are_scaled_as_the_name_says(name, low, high):
    faces = np.stack([np.zeros((2, 2, 3), np.uint8), np.full((2, 2, 3), 255, np.uint8)])
    scaled = Preparation((2, 2), "rgb", scaling_of(name)).apply(faces)
    assert scaled.dtype == np.float32
    assert scaled[0] == pytest.approx(np.broadcast_to(low, (2, 2, 3)), abs=1e-6)
    assert scaled[1] == pytest.approx(np.broadcast_to(high, (2, 2, 3)), abs=1e-5)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("0..1", "none, unit, symmetric, imagenet"),
        ({"mean": 0.5}, "mean"),
        ({"mean": 127.5, "std": 127.5}, "divide"),
        ({"mean": 0.5, "std": 0}, "more than 0"),
        ({"mean": [0.1, 0.2], "std": 1}, "one per channel"),
        ({"mean": "a", "std": 1}, "mean"),
        ({"mean": float("nan"), "std": 1}, "mean"),
        (3, "must be"),
    ],
)
def test_a_scaling_that_cannot_be_is_refused(written, words):
    with pytest.raises(ValueError, match=words):
        scaling_of(written)


def test_faces_that_fit_are_left_as_they_are():
    faces = noise(3, 8, 8, 1)
    assert Preparation((8, 8), "gray", SCALINGS["none"]).fit(faces) is faces


def test_a_face_is_shrunk_by_area_and_enlarged_linearly():
    checks = np.kron(np.array([[0, 100], [200, 50]], np.uint8), np.ones((4, 4), np.uint8))
    assert Preparation((2, 2), "gray", SCALINGS["none"]).fit([checks])[0, ..., 0].tolist() == [[0, 100], [200, 50]]
    small = noise(5, 4)
    larger = Preparation((9, 8), "gray", SCALINGS["none"]).fit([small])[0, ..., 0]
    assert np.array_equal(larger, cv2.resize(small, (8, 9), interpolation=cv2.INTER_LINEAR))


def test_colours_are_converted_both_ways():
    red = np.zeros((1, 4, 4, 3), np.uint8)
    red[..., 0] = 200
    assert Preparation((4, 4), "gray", SCALINGS["none"]).fit(red).ravel()[0] == round(0.299 * 200)
    gray = Preparation((4, 4), "gray_as_rgb", SCALINGS["none"]).fit(red)
    assert gray.shape[3] == 3 and gray[0, 0, 0].tolist() == [60, 60, 60]
    assert Preparation((4, 4), "bgr", SCALINGS["none"]).fit(red)[0, 0, 0].tolist() == [0, 0, 200]
    gray = noise(1, 4, 4)
    assert np.array_equal(Preparation((4, 4), "rgb", SCALINGS["none"]).fit(gray), np.stack([gray] * 3, axis=-1))


def test_faces_of_different_sizes_and_colours_go_together():
    mixed = [noise(8, 8), noise(30, 20, 3), noise(5, 9, 1)]
    fitted = Preparation((8, 8), "gray", SCALINGS["unit"]).apply(mixed)
    assert (fitted.shape, fitted.dtype) == ((3, 8, 8, 1), np.float32)
    assert 0 <= fitted.min() <= fitted.max() <= 1
    assert np.array_equal(fitted[0, ..., 0], mixed[0] / np.float32(255))


def changed(preparation, *batches):
    seen = Changes(preparation)
    for faces in batches:
        seen.note(check_faces(faces))
    return " ".join(seen.sentences())


def test_what_is_changed_is_said_in_one_sentence():
    gray = Preparation((48, 48), "gray", SCALINGS["unit"])
    assert changed(gray, noise(2, 48, 48, 1), []) == changed(gray) == ""
    size = "resized from 64 x 60 to 48 x 48 pixels"
    assert changed(gray, *[noise(2, 64, 60, 1)] * 2) == f"The faces were {size} for the model."
    assert changed(gray, noise(2, 48, 48, 3)) == "The faces were converted from RGB to gray for the model."
    both = changed(Preparation((9, 9), "rgb", SCALINGS["unit"]), [noise(8, 8), noise(7, 8, 3)])
    assert (
        both
        == "The faces were resized from several sizes to 9 x 9 pixels and converted from gray to RGB for the model."
    )


@pytest.mark.parametrize(
    ("faces", "words"),
    [
        (np.zeros((2, 8, 8, 1)), "float64, not uint8"),
        (noise(8, 8), "no batch"),
        (noise(8, 8, 3), "put a single face in a list"),
        (noise(2, 8, 8, 4), "4 channels"),
        (np.zeros((2, 0, 8, 1), np.uint8), "show nothing"),
        ([noise(8, 8, 3), noise(8, 8, 2)], "2 channels"),
        ([np.zeros((8, 0), np.uint8)], "show nothing"),
        ([3], "a face is int"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_face_is_refused(faces, words, refused):
    with refused(words):
        check_faces(faces)


def test_a_scaling_has_a_name_that_people_read():
    assert scaling_of({"mean": [0.5], "std": [0.25]}) == Scaling("mean 0.5, std 0.25", (0.5,), (0.25,))

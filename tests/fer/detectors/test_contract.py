"""The interface that every detector of the registry must fulfil."""

import subprocess
import sys

import numpy as np
import pytest

from fer.detectors import DETECTORS, open_detector
from fer.detectors.contract import Detections

SHAPES = [(1, 1), (1, 9), (9, 1), (10, 10), (23, 31), (32, 96), (2000, 3), (11, 300), (48, 48)]


def noise(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def check(name, image, found):
    """Check one result against the interface."""
    count = len(found)
    assert isinstance(found, Detections)
    assert (found.boxes.shape, found.boxes.dtype) == ((count, 4), np.float64)
    assert (found.confidences.shape, found.confidences.dtype) == ((count,), np.float64)
    assert np.isfinite(found.boxes).all()
    height, width = image.shape[:2]
    assert (found.boxes[:, 2:] > 0).all()
    assert (found.boxes[:, :2] < [width, height]).all()
    assert (found.boxes[:, :2] + found.boxes[:, 2:] > 0).all()
    assert (found.boxes[:, 2:] <= 2 * max(width, height, 20)).all()
    if DETECTORS[name].probability:
        assert ((found.confidences >= 0) & (found.confidences <= 1)).all()
        assert (np.diff(found.confidences) <= 0).all()
    else:
        assert np.isnan(found.confidences).all() == (found.method != "mtcnn" or count == 0)
    if DETECTORS[name].landmarks:
        assert (found.landmarks.shape, found.landmarks.dtype) == ((count, 5, 2), np.float64)
        assert np.isfinite(found.landmarks).all()
    else:
        assert found.landmarks is None
    assert found.method in (("haar", "mtcnn", "whole") if name == "cascade" else (name,))


def same(one, other):
    assert np.allclose(one.boxes, other.boxes, atol=0.01)
    assert np.allclose(one.confidences, other.confidences, atol=1e-4, equal_nan=True)
    assert one.method == other.method


@pytest.fixture
def pictures(faces, place):
    """Return pictures with no, one, and two faces, of different sizes."""
    return [
        place()[0],
        place((faces[0], 100, 60))[0],
        place((faces[1], 10, 20), (faces[2], 190, 90))[0],
        place((faces[3], 0, 0), height=160, width=160)[0],
        noise(120, 90),
    ]


def test_answers_keep_the_contract(detector, pictures):
    name, opened = detector
    answers = opened.detect(pictures)
    assert len(answers) == len(pictures)
    for picture, found in zip(pictures, answers, strict=True):
        check(name, picture, found)
    assert sum(len(found) for found in answers) > 1


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_any_size_from_one_pixel_is_answered(detector, shape):
    name, opened = detector
    for image in (np.zeros((*shape, 3), dtype=np.uint8), noise(*shape)):
        check(name, image, opened.detect([image])[0])


def test_no_images_give_no_answers(detector):
    assert detector[1].detect([]) == []


def test_a_batch_is_answered_as_its_images_one_by_one(detector, pictures):
    _, opened = detector
    for picture, found in zip(pictures, opened.detect(pictures), strict=True):
        same(found, opened.detect([picture])[0])


def test_images_stay_as_they_were_and_need_not_be_writable_or_contiguous(detector, pictures):
    _, opened = detector
    expected = opened.detect([pictures[1]])[0]
    frame = np.concatenate([pictures[1], pictures[1]], axis=1)
    before = frame.copy()
    frame.setflags(write=False)
    same(opened.detect([frame[:, : pictures[1].shape[1]]])[0], expected)
    assert np.array_equal(frame, before)


def test_a_gray_picture_turned_to_rgb_is_looked_at(detector, pictures):
    name, opened = detector
    gray = np.repeat(pictures[1].mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)
    found = opened.detect([gray])[0]
    check(name, gray, found)
    assert len(found) == 1


@pytest.mark.parametrize("name", [name for name in DETECTORS if name not in ("yolo", "yunet")])
def test_a_detector_without_a_file_opens_without_options(name, opened):
    opened(name)  # Skips where its library is not installed.
    assert hasattr(open_detector(name), "detect")


def test_importing_and_naming_detectors_loads_no_framework():
    code = (
        "import sys; from fer.detectors import DETECTORS, detector_named, parse_detector;"
        "parse_detector('mtcnn', {}); parse_detector('cascade', {}); import fer.detectors.yolo, fer.detectors.yunet;"
        "print([name for name in ('torch', 'ultralytics', 'tensorflow', 'keras', 'requests') if name in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"

"""YOLO's arithmetic: an image into the network's square, and its output back into boxes of the image."""

import numpy as np
import pytest

from fer.detectors.yolo_boxes import decode, letterbox


def output(*faces, rows=5, candidates=21):
    """Return an output (rows, candidates) with these faces, the rest far below any threshold."""
    values = np.zeros((rows, candidates), dtype=np.float32)
    for column, face in enumerate(faces):
        values[: len(face), column] = face
    return values


@pytest.mark.parametrize(
    ("height", "width", "square", "shape", "back"),
    [
        (100, 200, True, (64, 64), [0.32, 0.32, 0, 16]),
        (200, 100, True, (64, 64), [0.32, 0.32, 16, 0]),
        (100, 200, False, (32, 64), [0.32, 0.32, 0, 0]),
        (100, 180, False, (64, 64), [64 / 180, 0.36, 0, 14]),
        (32, 16, True, (64, 64), [2, 2, 16, 0]),
        (1, 1, True, (64, 64), [64, 64, 0, 0]),
        (5000, 1, True, (64, 64), [1, 0.0128, 31, 0]),
    ],
)
def test_an_image_is_fitted_and_padded_evenly(height, width, square, shape, back):
    image = np.full((height, width, 3), (255, 0, 51), dtype=np.uint8)
    pixels, way_back = letterbox(image, 64, square)
    assert (pixels.shape, pixels.dtype) == ((1, 3, *shape), np.float32)
    assert way_back == pytest.approx(back)
    left, top = int(back[2]), int(back[3])
    assert pixels[0, :, top, left] == pytest.approx([1.0, 0.0, 0.2])
    assert pixels[0, :, -1, -1] == pytest.approx([114 / 255] * 3 if left or top else [1.0, 0.0, 0.2])


@pytest.mark.parametrize(("height", "width"), [(100, 200), (333, 90), (64, 64), (20, 30)])
@pytest.mark.parametrize("square", [True, False])
def test_boxes_and_points_come_back_to_the_pixels_of_the_image(height, width, square):
    image = np.zeros((height, width, 3), dtype=np.uint8)
    _, (scale_x, scale_y, left, top) = back = letterbox(image, 64, square)
    x, y, w, h = 0.25 * width, 0.125 * height, 0.5 * width, 0.5 * height
    points = [(x + w * share, y + h * share) for share in (0.1, 0.3, 0.5, 0.7, 0.9)]
    said = [(x + w / 2) * scale_x + left, (y + h / 2) * scale_y + top, w * scale_x, h * scale_y, 0.8]
    flat = [value for px, py in points for value in (px * scale_x + left, py * scale_y + top, 0.9)]
    found = decode(output([*said, *flat], rows=20), back[1], 0.25, 0.7)
    assert found.boxes[0] == pytest.approx([x, y, w, h], abs=1e-3)
    assert found.landmarks[0] == pytest.approx(np.array(points), abs=1e-3)
    assert (found.confidences[0], found.method) == (pytest.approx(0.8), "yolo")


def test_points_without_visibility_are_read_too():
    points = [10, 11, 20, 21, 15, 30, 12, 40, 18, 41]
    found = decode(output([16, 24, 20, 40, 0.9, *points], rows=15), np.array([1, 1, 0, 0]), 0.25, 0.7)
    assert found.landmarks[0].ravel().tolist() == points


def test_faces_come_surest_first_and_the_unsure_and_repeated_are_dropped():
    values = output([10, 10, 8, 8, 0.5], [40, 40, 8, 8, 0.9], [40, 41, 8, 8, 0.7], [20, 50, 6, 6, 0.2])
    found = decode(values, np.array([1, 1, 0, 0]), 0.25, 0.7)
    assert found.confidences == pytest.approx([0.9, 0.5])
    assert found.boxes.tolist() == [[36, 36, 8, 8], [6, 6, 8, 8]]
    assert found.landmarks is None
    assert decode(values, np.array([1, 1, 0, 0]), 0.25, 0.9).confidences == pytest.approx([0.9, 0.7, 0.5])
    assert decode(values, np.array([1, 1, 0, 0]), 0.1, 0.7).confidences == pytest.approx([0.9, 0.5, 0.2])


@pytest.mark.parametrize("rows", [5, 20])
def test_no_face_is_an_empty_answer_of_the_same_kind(rows):
    found = decode(output(rows=rows), np.array([1, 1, 0, 0]), 0.25, 0.7)
    assert (len(found), found.boxes.shape) == (0, (0, 4))
    assert (found.landmarks is None) == (rows == 5)

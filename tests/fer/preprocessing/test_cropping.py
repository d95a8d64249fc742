"""From detections to one face: boxes, the choice, eyes made level, the turn of the head."""

import math

import numpy as np
import pytest

from fer.detectors.contract import Detections, no_faces
from fer.preprocessing.cropping import FoundFace, choose, cut, percent_box, pose_of, roll_of, yaw_of

LEVEL = np.array([[30, 40], [70, 40], [50, 60], [35, 80], [65, 80]], dtype=float)


def detections(*faces, landmarks=None):
    boxes = np.array([face[:4] for face in faces], dtype=float)
    return Detections(boxes, np.array([face[4] for face in faces], dtype=float), landmarks, "test")


@pytest.mark.parametrize(
    ("box", "pixels"),
    [
        ((0, 0, 100, 100), (0, 0, 200, 100)),
        ((25, 50, 50, 25), (50, 50, 150, 75)),
        ((-10, -10, 20, 20), (0, 0, 20, 10)),
        ((90, 90, 50, 50), (180, 90, 200, 100)),
        ((100, 0, 5, 5), None),
        ((-5, 0, 5, 5), None),
        ((50, 50, 0.1, 0.1), None),
    ],
)
def test_a_box_in_percent_is_clipped_to_the_frame(box, pixels):
    assert percent_box(np.array(box), 100, 200) == pixels


def test_the_surest_face_wins_and_the_others_are_counted():
    found = detections((5, 5, 10, 10, 0.9), (30, 5, 10, 10, 0.7), (60, 5, 10, 10, 0.5))
    face = choose(found, 0.6, 100, 100)
    assert face.box.tolist() == [5, 5, 10, 10]
    assert (face.confidence, face.method, face.others) == (0.9, "test", 1)


def test_a_face_below_the_threshold_is_none():
    assert choose(detections((5, 5, 10, 10, 0.59)), 0.6, 100, 100) is None
    assert choose(no_faces("test"), 0.0, 100, 100) is None


def test_a_face_without_confidence_passes_any_threshold():
    face = choose(detections((5, 5, 10, 10, math.nan)), 0.99, 100, 100)
    assert math.isnan(face.confidence) and face.others == 0


def test_a_box_over_the_edge_is_clipped_and_one_outside_is_none():
    assert choose(detections((-5, 90, 20, 20, 0.9)), 0.6, 100, 100).box.tolist() == [0, 90, 15, 10]
    inside = detections((200, 0, 10, 10, 0.9), (1, 2, 3, 4, 0.8))
    assert choose(inside, 0.6, 100, 100).box.tolist() == [1, 2, 3, 4]


def face_of(box, landmarks=None):
    return FoundFace(np.array(box, dtype=float), 0.9, "test", 0, landmarks)


def test_a_cut_is_the_box():
    image = np.arange(100 * 80, dtype=np.uint32).reshape(100, 80).astype(np.uint8)
    assert np.array_equal(cut(image, face_of((10, 20, 30, 40))), image[20:60, 10:40])
    assert cut(image, face_of((79.2, 99.4, 0.8, 0.6))).shape == (1, 1)


@pytest.mark.parametrize("degrees", [-35, -10, 0, 20, 60])
def test_an_upright_cut_has_level_eyes(degrees):
    image = np.zeros((200, 200, 3), np.uint8)
    turn = np.radians(degrees)
    middle, half = np.array([100, 90]), 25 * np.array([np.cos(turn), np.sin(turn)])
    points = np.array([middle - half, middle + half, middle + 5, middle + 20, middle + 20], dtype=float)
    for place, colour in zip(points[:2], ((255, 0, 0), (0, 255, 0)), strict=True):
        x, y = place.round().astype(int)
        image[y - 3 : y + 4, x - 3 : x + 4] = colour
    assert roll_of(points) == pytest.approx(degrees)
    upright = cut(image, face_of((50, 50, 100, 100), points), upright=True)
    left, right = (np.argwhere(upright[..., channel] > 127).mean(axis=0) for channel in (0, 1))
    assert abs(left[0] - right[0]) <= 1.5  # pixels; the eyes are squares of seven
    assert right[1] - left[1] == pytest.approx(50, abs=2)
    assert np.array_equal(cut(image, face_of((50, 50, 100, 100), points)), image[50:150, 50:150])


def projected(yaw, roll):
    """Return the five points of a head turned by ``yaw`` and ``roll`` degrees, in parallel projection."""
    head = np.array([[-31.5, 0, 0], [31.5, 0, 0], [0, 30, 30.24], [-25, 60, 10], [25, 60, 10]])
    turn, lean = np.radians(yaw), np.radians(roll)
    x = head[:, 0] * np.cos(turn) + head[:, 2] * np.sin(turn)
    flat = np.stack([x, head[:, 1]], axis=1)
    return flat @ np.array([[np.cos(lean), np.sin(lean)], [-np.sin(lean), np.cos(lean)]]) + 200


@pytest.mark.parametrize("yaw", [-80, -45, -20, 0, 5, 30, 60])
def test_yaw_is_that_of_the_projected_head(yaw):
    assert yaw_of(projected(yaw, 0)) == pytest.approx(yaw, abs=0.01)


def test_yaw_is_not_known_of_two_eyes_in_one_point_nor_without_landmarks():
    assert math.isnan(yaw_of(np.zeros((5, 2))))
    assert math.isnan(face_of((0, 0, 1, 1)).yaw)
    assert face_of((0, 0, 1, 1), LEVEL).yaw == pytest.approx(0)


@pytest.mark.parametrize(
    ("yaw", "pose"),
    [(0, "frontal"), (-19.9, "frontal"), (20, "turned"), (-49, "turned"), (50, "profile"), (-90, "profile")],
)
def test_poses_are_bins_of_the_turn_either_way(yaw, pose):
    assert pose_of(yaw) == pose


def test_an_unknown_turn_has_no_pose():
    assert pose_of(math.nan) is None

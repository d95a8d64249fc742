"""Drawn faces at known places are found there: boxes, landmarks, sizes, order."""

import cv2
import numpy as np
import pytest
from detector_checks import overlap

from fer.detectors import DETECTORS

SEEING = [name for name in DETECTORS if name != "yolo"]  # Here YOLO's network is a constant.
POINTED = [name for name in SEEING if DETECTORS[name].landmarks]


@pytest.mark.parametrize("name", SEEING)
def test_faces_are_found_where_they_were_drawn(name, opened, faces, place):
    put = [place((face, 20 + 14 * row, 10 + 9 * row)) for row, face in enumerate(faces)]
    answers = opened(name).detect([picture for picture, _, _ in put])
    right = [
        len(found) > 0 and overlap(found.boxes[0], boxes[0]) > 0.5
        for found, (_, boxes, _) in zip(answers, put, strict=True)
    ]
    assert sum(right) >= 9


@pytest.mark.parametrize("name", SEEING)
def test_boxes_are_in_the_pixels_of_a_large_image(name, opened, faces, place):
    large = cv2.resize(faces[1], (700, 700), interpolation=cv2.INTER_CUBIC)
    picture, boxes, _ = place((large, 500, 200), height=1000, width=1500)
    found = opened(name).detect([picture])[0]
    assert max(overlap(box, boxes[0]) for box in found.boxes) > 0.6


# Not the cascade: it is done as soon as Haar is sure of one face.
@pytest.mark.parametrize("name", [name for name in SEEING if name != "cascade"])
def test_two_faces_in_one_picture_are_both_found(name, opened, faces, place):
    picture, boxes, _ = place((faces[1], 10, 20), (faces[10], 190, 90))
    found = opened(name).detect([picture])[0]
    for true in boxes:
        assert max(overlap(box, true) for box in found.boxes) > 0.6


@pytest.mark.parametrize("name", POINTED)
@pytest.mark.parametrize("factor", [1, 4])
def test_landmarks_are_in_order_and_on_the_eyes(name, factor, opened, faces, place):
    for face in faces[:4]:
        face = cv2.resize(face, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
        picture, _, eyes = place((face, 70, 40), height=40 + len(face) + 60, width=70 + len(face) + 60)
        left_eye, right_eye, nose, left_mouth, right_mouth = opened(name).detect([picture])[0].landmarks[0]
        assert np.abs(np.array([left_eye, right_eye]) - eyes[0]).max() < 0.1 * len(face)
        assert left_eye[0] < nose[0] < right_eye[0]
        assert left_mouth[0] < nose[0] < right_mouth[0]
        assert max(left_eye[1], right_eye[1]) < nose[1] < min(left_mouth[1], right_mouth[1])


@pytest.mark.parametrize("name", POINTED)
def test_a_mirrored_picture_keeps_the_images_left_first(name, opened, faces, place):
    picture = place((faces[2], 30, 60))[0]
    plain, mirrored = opened(name).detect([picture, np.ascontiguousarray(picture[:, ::-1])])
    back = picture.shape[1] - 1 - mirrored.landmarks[0][[1, 0, 2, 4, 3], 0]
    assert np.abs(back - plain.landmarks[0][:, 0]).max() < 8


@pytest.mark.parametrize("name", [name for name in SEEING if name != "cascade"])
def test_a_plain_picture_has_no_face(name, opened, place):
    assert [len(found) for found in opened(name).detect([place()[0], place(height=90, width=70)[0]])] == [0, 0]

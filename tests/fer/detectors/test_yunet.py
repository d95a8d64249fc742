"""YuNet's answers are OpenCV's own, on drawn faces and on real frames where they are at hand."""

import csv

import cv2
import numpy as np
import pytest
from detector_checks import DATA, YUNET, overlap

from fer.detectors import open_detector
from fer.identity import file_digest
from fer.preprocessing.cropping import percent_box


@pytest.fixture
def picture(faces, place):
    picture = place((faces[1], 10, 20), (faces[2], 190, 90))[0]
    picture[..., 0] //= 2  # Colours that matter: red and blue must not be taken for each other.
    return picture


def test_answers_are_opencvs_own(opened, picture):
    network = cv2.FaceDetectorYN.create(str(YUNET), "", picture.shape[1::-1], 0.3, 0.3, 5000)
    theirs = network.detect(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1]
    found = open_detector("yunet", {"longest_side": 360}).detect([picture])[0]
    assert len(found) == len(theirs) == 2
    assert np.allclose(found.boxes, theirs[:, :4], atol=1e-3)
    assert np.allclose(found.landmarks.reshape(2, 10), theirs[:, 4:14], atol=1e-3)
    assert np.allclose(found.confidences, theirs[:, 14], atol=1e-6)


def test_the_shipped_file_is_the_opencv_zoos_own_and_its_licence_is_beside_it():
    assert file_digest(YUNET) == "ebafce4e3c118d6554634be5c27ab333b4c047a9a8c3faf1d7cf93101c22f0f0"
    assert "MIT License" in (YUNET.parent / "LICENSE.yunet").read_text()


def test_another_file_may_be_given(picture, tmp_path):
    other = tmp_path / "yunet.onnx"
    other.write_bytes(YUNET.read_bytes())
    found = [open_detector("yunet", options).detect([picture])[0] for options in ({}, {"weights": str(other)})]
    assert found[0].boxes.tolist() == found[1].boxes.tolist()


def test_only_confident_faces_are_kept(picture):
    every = open_detector("yunet").detect([picture])[0].confidences
    assert every.min() < 0.95
    kept = open_detector("yunet", {"confidence": 0.95}).detect([picture])[0].confidences
    assert kept.tolist() == every[every > 0.95].tolist()


def test_real_faces_are_found_and_their_landmarks_are_in_order(opened):
    clip = DATA / "eila_clips" / "clip01_01"
    if not clip.is_dir():
        pytest.skip(f"{clip} is not at hand: real faces are licensed and stay out of the repository")
    read, frame = cv2.VideoCapture(str(clip / "Complete.mp4")).read()
    assert read

    def rows(name):
        with open(clip.parent / name, newline="") as file:
            return [row for row in csv.DictReader(file) if (row["Video Tag"], row["Frame Number"]) == (clip.name, "0")]

    truth = {row["Person Id"]: np.array([float(row[side]) for side in "xywh"]) for row in rows("truth.csv")}
    annotated = rows("annotations.csv")
    assert len(annotated) == 2
    for row in annotated:
        box = np.array([float(row[name]) for name in ("X", "Y", "Width", "Height")])
        left, top, right, bottom = percent_box(box, *frame.shape[:2])
        found = opened("yunet").detect([cv2.cvtColor(frame[top:bottom, left:right], cv2.COLOR_BGR2RGB)])[0]
        assert overlap(found.boxes[0] + [left, top, 0, 0], truth[row["Person Id"]]) > 0.5
        left_eye, right_eye, nose, left_mouth, right_mouth = found.landmarks[0]
        assert left_eye[0] < right_eye[0]
        assert left_mouth[0] < right_mouth[0]
        assert max(left_eye[1], right_eye[1]) < nose[1] < max(left_mouth[1], right_mouth[1])

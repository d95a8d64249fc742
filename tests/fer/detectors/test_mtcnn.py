"""MTCNN returns the package's results without its defects with batches, rounding and the working folder."""

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="TensorFlow, which mtcnn needs, is not installed")

from fer.detectors import open_detector


@pytest.fixture
def picture(faces, place):
    return place((faces[1], 10, 20), (faces[2], 190, 90))[0]


def test_boxes_and_points_are_the_packages_own(opened, picture):
    from mtcnn import MTCNN

    opened("mtcnn")  # Imports TensorFlow without a word.
    theirs = MTCNN().detect_faces(picture, fit_to_image=False, threshold_onet=0.6)
    found = open_detector("mtcnn", {"longest_side": max(picture.shape)}).detect([picture])[0]
    assert len(theirs) == len(found) == 2
    for row, face in enumerate(theirs):
        assert np.abs(found.boxes[row] - face["box"]).max() <= 1.0  # They round.
        assert found.confidences[row] == pytest.approx(face["confidence"], abs=1e-5)
        names = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
        points = np.array([face["keypoints"][name] for name in names])
        assert np.abs(found.landmarks[row] - points).max() <= 1.0


def test_fewer_faces_pass_a_higher_confidence(picture):
    every = open_detector("mtcnn").detect([picture])[0].confidences
    between = float(every.mean())
    kept = open_detector("mtcnn", {"confidence": between}).detect([picture])[0].confidences
    assert kept.tolist() == every[every > between].tolist()
    assert 0 < len(kept) < len(every)


def test_an_image_without_a_face_takes_nothing_from_its_neighbours(opened, picture):
    blank, wide = np.zeros_like(picture), np.zeros((200, 700, 3), dtype=np.uint8)
    alone = opened("mtcnn").detect([picture])[0]
    answers = opened("mtcnn").detect([blank, wide, picture, blank])
    assert [len(found) for found in answers] == [0, 0, 2, 0]
    assert np.array_equal(answers[2].boxes, alone.boxes)


def test_weights_in_the_working_folder_are_not_read(tmp_path, monkeypatch):
    for name in ("pnet", "rnet", "onet"):
        (tmp_path / f"{name}.lz4").write_bytes(b"a pickle of somebody else")
    monkeypatch.chdir(tmp_path)
    open_detector("mtcnn")


def test_one_network_serves_all_image_sizes(picture):
    detector = open_detector("mtcnn")
    for side in (64, 100, 131, 200):
        detector.detect([picture[:side, :side]])
    assert all(stage.model.experimental_get_tracing_count() == 1 for stage in detector._stages[:1])

"""Haar's results are OpenCV's own, the most confident first."""

import cv2
import pytest

from fer.detectors import open_detector


@pytest.fixture
def picture(faces, place):
    return place((faces[10], 10, 20), (faces[1], 190, 90), (faces[2], 370, 30), width=540)[0]


@pytest.mark.parametrize("options", [{}, {"scale_factor": 1.3, "min_neighbors": 2}, {"min_size": 130}])
def test_boxes_are_opencvs_own_by_falling_weight(options, picture):
    cascade = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_default.xml")
    side = options.get("min_size", 24)
    theirs, _, weights = cascade.detectMultiScale3(
        cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY),
        scaleFactor=options.get("scale_factor", 1.1),
        minNeighbors=options.get("min_neighbors", 5),
        minSize=(side, side),
        outputRejectLevels=True,
    )
    expected = [box.tolist() for _, box in sorted(zip(weights, theirs, strict=True), key=lambda pair: -pair[0])]
    found = open_detector("haar", options).detect([picture])[0]
    assert found.boxes.tolist() == expected
    assert len(expected) > 0


def test_stricter_settings_find_fewer_faces(picture):
    def count(**options):
        return len(open_detector("haar", options).detect([picture])[0])

    assert (count(), count(min_neighbors=200), count(min_size=200)) == (3, 0, 0)

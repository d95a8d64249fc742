"""Rows of pictures and faces are answered with boxes, emotions, probabilities; others are refused by their number."""

import base64
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from known_answers import Blocks, ByBrightness
from PIL import Image

from fer.detectors.contract import Detections
from fer.serving.service import Service


@pytest.fixture
def service():
    return Service(Blocks(), ByBrightness())


@pytest.fixture
def text():
    """Return the base64 text of a picture with a bright and a dark face."""
    picture = np.zeros((100, 200, 3), dtype=np.uint8)
    picture[10:50, 20:60], picture[30:60, 120:150] = 250, 80
    file = BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def test_the_faces_of_a_picture(service, text):
    [answer] = service.answer(pd.DataFrame({"picture": [text]}))
    assert [(face["x"], face["y"], face["width"], face["height"]) for face in answer["faces"]] == [
        (20, 10, 40, 40),
        (120, 30, 30, 30),
    ]
    assert [face["emotion"] for face in answer["faces"]] == ["happy", "sad"]
    for face in answer["faces"]:
        assert face["probability"] == max(face["probabilities"].values())
        assert sum(face["probabilities"].values()) == pytest.approx(1)
        assert face["confidence"] == 0.9
    assert answer["model"] == "brightness"
    assert "not what the person feels" in answer["limits"]


def test_a_face_is_answered_without_a_box_and_beside_pictures(service, text):
    rows = pd.DataFrame({"picture": [text, None], "face": [None, [[250, 250], [250, 240]]]})
    both = service.answer(rows)
    assert len(both[0]["faces"]) == 2
    assert set(both[1]["faces"][0]) == {"emotion", "probability", "probabilities"}


def test_the_least_confidence_is_a_parameter(service, text, refused):
    [answer] = service.answer(pd.DataFrame({"picture": [text]}), {"confidence": 0.95})
    assert answer["faces"] == []
    with refused("confidence 2.0"):
        service.answer(pd.DataFrame({"picture": [text]}), {"confidence": 2})


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"picture": [None], "face": [None]}, "row 1 has neither"),
        ({"picture": ["", "x"], "face": [None, [[1]]]}, "the picture of row 1 is empty"),
        ({"picture": ["x"], "face": [[[1]]]}, "row 1 has picture and face"),
        ({"picture": [5]}, "the picture of row 1 is int"),
        ({"pixels": [5]}, "a column 'pixels'"),
        ({"picture": []}, "at least one row"),
    ],
)
def test_other_rows_are_refused(rows, words, service, refused):
    with refused(words):
        service.answer(pd.DataFrame(rows))


def test_of_a_crowd_the_surest_200_faces_are_answered(text):
    class Crowd:
        def detect(self, images):
            boxes = np.array([[place % 50 * 4.0, place // 50 * 10.0, 4.0, 10.0] for place in range(450)])
            return [Detections(boxes, np.linspace(0.99, 0.7, 450), None, "crowd") for _ in images]

    [answer] = Service(Crowd(), ByBrightness()).answer(pd.DataFrame({"picture": [text]}))
    assert len(answer["faces"]) == 200
    assert min(face["confidence"] for face in answer["faces"]) > 0.86

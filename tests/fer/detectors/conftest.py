"""Drawn faces at known places, and every detector that can be opened here."""

from functools import cache
from importlib.util import find_spec

import numpy as np
import pytest
from tiny_onnx import constant_yolo

from fer.detectors import DETECTORS, open_detector
from fer.synthetic import SyntheticOptions, draw_population

# Of a drawn picture, by the way it is drawn: the head without its hair, and the two eyes (image-left first).
HEAD = np.array([0.14, 0.09, 0.72, 0.85])
EYES = np.array([[0.36, 0.49], [0.64, 0.49]])
YOLO_SIDE = 64
# What the constant network says of any image: a face in the middle (in the padding, it would be off a narrow image).
YOLO_BOX = (32.0, 32.0, 20.0, 30.0)


@cache
def _faces():
    options = SyntheticOptions(train=12, validation=0, test=0, size=160, channels=3, difficulty=0.0, frames_per_clip=1)
    return draw_population(options)[1]


@pytest.fixture(scope="session")
def faces():
    """Return twelve drawn faces, uint8 (12, 160, 160, 3), of twelve clips."""
    return _faces()


@pytest.fixture(scope="session")
def place():
    """Return a maker of a plain picture with faces at (face, x, y); also the true boxes and eyes, in its pixels."""

    def make(*put, height=300, width=360):
        picture = np.full((height, width, 3), 150, dtype=np.uint8)
        boxes, eyes = [], []
        for face, x, y in put:
            side = len(face)
            picture[y : y + side, x : x + side] = face
            boxes.append(HEAD * side + [x, y, 0, 0])
            eyes.append(EYES * side + [x, y])
        return picture, np.array(boxes), np.array(eyes)

    return make


@pytest.fixture(scope="session")
def opened(tmp_path_factory):
    """Return a giver of each detector by name, opened once; skips, with the reason, what cannot be opened here."""

    @cache
    def give(name):
        options = {}
        if name in ("mtcnn", "cascade") and find_spec("tensorflow") is None:
            pytest.skip("TensorFlow, which mtcnn needs, is not installed")
        if name == "yolo":
            path = tmp_path_factory.mktemp("yolo") / "constant.onnx"
            path.write_bytes(constant_yolo(YOLO_SIDE, YOLO_BOX, score=0.9))
            options = {"weights": str(path), "image_size": YOLO_SIDE}
        return open_detector(name, options)

    return give


@pytest.fixture(params=DETECTORS)
def detector(request, opened):
    """Return each detector of the registry in turn, with its name."""
    return request.param, opened(request.param)

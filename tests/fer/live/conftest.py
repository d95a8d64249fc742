"""Detectors and classifiers that say what a test tells them, and frames to give them."""

import numpy as np
import pytest

from fer.classifiers.contract import ClassifierDescription
from fer.detectors.contract import Detections
from fer.live import Threshold
from fer.pictures.faces import FaceReader

EMOTIONS = ("happy", "neutral", "sad")


class Told:
    """A detector that finds what ``boxes`` says, and a classifier that answers ``probabilities`` for every face."""

    def __init__(self):
        self.boxes, self.probabilities_of_each = [[100, 100, 80, 80]], [0.9, 0.05, 0.05]
        self.fault, self.detected = None, 0
        self.description = ClassifierDescription(
            "onnx", "told", "told.onnx", "c0ffee", EMOTIONS, EMOTIONS, (48, 48), "gray", "none", "probabilities"
        )

    def detect(self, images):
        self.detected += 1
        if self.fault is not None:
            raise self.fault
        boxes = np.array(self.boxes, dtype=float).reshape(-1, 4)
        return [Detections(boxes, np.ones(len(boxes)), None, "told") for _ in images]

    def probabilities(self, faces):
        return np.tile(np.asarray(self.probabilities_of_each, dtype=np.float32), (len(faces), 1))

    def remarks(self):
        return []


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def face_reader(told):
    return FaceReader(told, told, 0.5)


@pytest.fixture
def threshold():
    return Threshold(0.6, 0.7)


@pytest.fixture
def frame():
    """Return noise that is smooth enough for optical flow, uint8 (480, 640, 3)."""
    import cv2

    coarse = np.random.default_rng(0).integers(0, 255, (15, 20, 3), dtype=np.uint8)
    return cv2.resize(coarse, (640, 480), interpolation=cv2.INTER_CUBIC)

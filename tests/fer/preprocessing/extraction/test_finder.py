"""A confidence below a detector's own floor reaches it; detectors that know no probability know no threshold."""

from dataclasses import replace

import numpy as np
import pytest

from fer.detectors import parse_detector
from fer.detectors.contract import Detections
from fer.preprocessing.extraction import Finder

IMAGE = np.full((60, 50, 3), 128, np.uint8)


class Unsure:
    """A detector that sees one face, sure to a tenth."""

    def detect(self, images):
        return [Detections(np.array([[5.0, 6.0, 20.0, 30.0]]), np.array([0.1]), None, "unsure") for _ in images]


@pytest.fixture
def weights(tmp_path):
    """Return options that name a file, which is not opened here."""
    (tmp_path / "any.onnx").write_bytes(b"any")
    return {"weights": str(tmp_path / "any.onnx")}


@pytest.mark.parametrize("name", ["yolo", "yunet", "mtcnn"])
@pytest.mark.parametrize("confidence", [0.0, 0.1, 0.95])
def test_the_lower_of_the_threshold_and_the_floor_reaches_the_detector(name, confidence, weights, bright):
    options = {} if name == "mtcnn" else weights
    floor = parse_detector(name, options).confidence
    assert 0.1 < floor < 0.95
    Finder(name, options, confidence=confidence).open()
    assert bright == [{**options, "confidence": min(floor, confidence)}]
    assert parse_detector(name, bright[0]).confidence == min(floor, confidence)


@pytest.mark.parametrize("asked", [0.05, 0.5, 0.9])
def test_a_confidence_among_the_options_wins(asked, bright):
    Finder("mtcnn", {"confidence": asked}, confidence=0.2).open()
    assert bright == [{"confidence": asked}]


@pytest.mark.parametrize("name", ["haar", "cascade"])
def test_detectors_without_a_probability_are_opened_as_they_are(name, bright):
    Finder(name, {"min_neighbors": 3}, confidence=0.1).open()
    assert bright == [{"min_neighbors": 3}]


@pytest.mark.parametrize("name", ["haar", "cascade", "none"])
def test_the_threshold_passes_over_what_knows_no_probability(name):
    [(face, pixels)] = Finder(name, confidence=1.0, size=16).find(Unsure(), [IMAGE])
    assert face.box.tolist() == [5, 6, 20, 30]
    assert pixels.shape == (16, 16)


@pytest.mark.parametrize("name", ["yolo", "yunet", "mtcnn"])
def test_the_threshold_holds_where_a_probability_is_known(name):
    finder = Finder(name, confidence=0.11)
    assert finder.find(Unsure(), [IMAGE]) == [(None, None)]
    [(face, _)] = replace(finder, confidence=0.1).find(Unsure(), [IMAGE])
    assert face.confidence == 0.1

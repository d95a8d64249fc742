"""Study C's order: Haar and Haar again, else MTCNN, else the whole image; TensorFlow only when it is needed."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from fer.detectors import cascade, haar, mtcnn
from fer.detectors.contract import Detections, no_faces

PICTURE = np.zeros((90, 120, 3), dtype=np.uint8)


class Scripted:
    """A detector that returns the boxes it was given and records the sizes of the images."""

    def __init__(self, method, answer, confidence=np.nan):
        self.method, self.answer, self.confidence, self.seen = method, answer, confidence, []

    def detect(self, images):
        self.seen += [image.shape[:2] for image in images]
        return [self._faces(self.answer(image)) for image in images]

    def _faces(self, boxes):
        if not boxes:
            return no_faces(self.method, landmarks=self.method == "mtcnn")
        points = np.zeros((len(boxes), 5, 2)) if self.method == "mtcnn" else None
        return Detections(np.array(boxes, dtype=float), np.full(len(boxes), self.confidence), points, self.method)


@pytest.fixture
def staged(monkeypatch):
    """Return a maker of a cascade whose stages return given boxes."""

    def make(first, again=lambda crop: [(0, 0, 1, 1)], second=lambda image: []):
        stages = [Scripted("haar", first), Scripted("haar", again), Scripted("mtcnn", second, 0.9)]
        haars = iter(stages)
        monkeypatch.setattr(haar, "open", lambda options: next(haars))
        monkeypatch.setattr(mtcnn, "open", lambda options: stages[2])
        return cascade.open(cascade.Options()), stages

    return make


def test_a_verified_haar_face_wins_and_mtcnn_is_not_asked(staged):
    detector, (_, again, second) = staged(lambda image: [(10, 20, 30, 40)])
    found = detector.detect([PICTURE])[0]
    assert (found.method, found.boxes.tolist(), found.landmarks) == ("haar", [[10, 20, 30, 40]], None)
    assert np.isnan(found.confidences).all()
    assert again.seen == [(40, 30)]
    assert second.seen == []


def test_only_faces_whose_crop_is_a_face_again_are_kept(staged):
    boxes = [(0, 0, 20, 20), (10, 20, 30, 30), (50, 50, 25, 25)]
    detector, _ = staged(lambda image: boxes, again=lambda crop: [] if len(crop) == 30 else [(0, 0, 1, 1)])
    found = detector.detect([PICTURE])[0]
    assert found.boxes.tolist() == [[0, 0, 20, 20], [50, 50, 25, 25]]


def test_what_haar_does_not_confirm_goes_to_mtcnn(staged):
    detector, (_, _, second) = staged(lambda image: [(1, 2, 30, 40)], lambda crop: [], lambda image: [(5, 6, 7, 8)])
    found = detector.detect([PICTURE])[0]
    assert (found.method, found.boxes.tolist(), found.landmarks) == ("mtcnn", [[5, 6, 7, 8]], None)
    assert found.confidences.tolist() == [0.9]
    assert second.seen == [(90, 120)]


def test_without_any_face_the_whole_image_is_the_face(staged):
    detector, _ = staged(lambda image: [])
    found = detector.detect([PICTURE])[0]
    assert (found.method, found.boxes.tolist(), found.landmarks) == ("whole", [[0, 0, 120, 90]], None)
    assert np.isnan(found.confidences).all()


def test_every_image_of_a_batch_takes_its_own_way(staged):
    pictures = [np.zeros((side, side, 3), dtype=np.uint8) for side in (40, 50, 60, 41)]
    detector, (_, _, second) = staged(
        lambda image: [(0, 0, 9, 9)] if len(image) in (40, 41) else [],
        second=lambda image: [(0, 0, 8, 8)] if len(image) == 60 else [],
    )
    assert [found.method for found in detector.detect(pictures)] == ["haar", "whole", "mtcnn", "haar"]
    assert second.seen == [(50, 50), (60, 60)]


def test_the_stages_have_study_cs_settings(monkeypatch):
    given = []
    monkeypatch.setattr(haar, "open", given.append)
    cascade.open(cascade.Options(verify_neighbors=3))
    settings = [(each.scale_factor, each.min_neighbors, each.min_size) for each in given]
    assert settings == [(1.1, 10, 74), (1.1, 3, 74)]
    assert cascade.Options().verify_neighbors == 10


def test_drawn_faces_are_found_by_both_stages(opened, faces, place):
    pictures = [place((face, 100, 60))[0] for face in faces]
    methods = {found.method for found in opened("cascade").detect([*pictures, place()[0]])}
    assert methods == {"haar", "mtcnn", "whole"}


QUIET = """
import sys
import numpy as np
from fer.detectors import open_detector
from fer.synthetic import SyntheticOptions, draw_population
faces = draw_population(SyntheticOptions(train=12, validation=0, test=0, size=160, channels=3, difficulty=0.0,
                                         frames_per_clip=1))[1]
detector = open_detector("cascade")
loaded = []
picture = np.full((300, 300, 3), 150, dtype=np.uint8)
picture[60:220, 80:240] = faces[10]
for image in (picture, np.zeros((200, 200, 3), dtype=np.uint8)):
    assert len(detector.detect([image])[0]) == 1
    loaded.append("tensorflow" in sys.modules)
assert loaded == [False, True], loaded
"""


@pytest.mark.skipif(find_spec("tensorflow") is None, reason="TensorFlow, which mtcnn needs, is not installed")
def test_tensorflow_comes_with_the_first_image_that_needs_it_and_nothing_is_printed():
    root = Path(__file__).parents[3]
    ran = subprocess.run([sys.executable, "-c", QUIET], capture_output=True, text=True, cwd=root)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")

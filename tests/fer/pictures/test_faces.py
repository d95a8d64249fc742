"""Faces are found, cut out with the classifier's margin and classified in one batch, from left to right."""

import numpy as np
from known_answers import Blocks, ByBrightness

from fer.detectors.contract import Detections
from fer.pictures.faces import LONGEST_SIDE, FaceReader, with_margin


def test_faces_come_from_left_to_right_with_their_own_answers(reader, classifier, picture):
    [two, none] = reader.read([picture((120, 30, 40, 250), (20, 10, 30, 80)), picture()])
    assert [face.box.tolist() for face in two] == [[20, 10, 30, 30], [120, 30, 40, 40]]
    assert [reader.emotions[face.probabilities.argmax()] for face in two] == ["sad", "happy"]
    assert none == []
    assert classifier.seen == [(30, 30, 3), (40, 40, 3)]


def test_a_gray_picture_gives_gray_faces(reader, classifier, picture):
    reader.read([picture((20, 10, 30, 80))[..., 0]])
    assert classifier.seen == [(30, 30)]


def test_the_margin_of_the_classifier_is_cut_with_the_face(picture):
    classifier = ByBrightness(margin=0.5)
    FaceReader(Blocks(), classifier).read([picture((0, 10, 30, 80))])
    assert classifier.seen == [(60, 60, 3)]


def test_pixels_outside_the_picture_repeat_its_edge():
    picture = np.arange(16, dtype=np.uint8).reshape(4, 4)
    assert with_margin(picture, np.array([2, 2, 2, 2]), 0.5)[-1].tolist() == [13, 14, 15, 15]
    assert with_margin(picture, np.array([1, 1, 2, 2]), 0.0).tolist() == [[5, 6], [9, 10]]


def test_boxes_of_a_large_picture_are_in_its_own_pixels(reader, picture):
    [[face]] = reader.read([picture((2000, 100, 400, 250), width=2 * LONGEST_SIDE, height=1000)])
    assert np.allclose(face.box, [2000, 100, 400, 400], atol=4)


def test_unsure_faces_and_faces_beyond_the_bound_are_left_out(picture):
    class Crowd:
        def detect(self, images):
            boxes = np.array([[10.0 * place, 0, 8, 8] for place in range(10)])
            return [Detections(boxes, np.linspace(0.95, 0.5, 10), None, "crowd") for _ in images]

    [seen] = FaceReader(Crowd(), ByBrightness(), confidence=0.81).read([picture()])
    assert [round(face.confidence, 2) for face in seen] == [0.95, 0.9, 0.85]
    [most] = FaceReader(Crowd(), ByBrightness(), confidence=0.0, most=3).read([picture()])
    assert [face.box[0] for face in most] == [0, 10, 20]


def test_a_box_outside_the_picture_is_no_face(picture):
    class Beside:
        def detect(self, images):
            boxes = np.array([[-50.0, 0, 20, 20], [190, 90, 40, 40]])
            return [Detections(boxes, np.array([0.9, 0.8]), None, "beside") for _ in images]

    [[face]] = FaceReader(Beside(), ByBrightness()).read([picture()])
    assert face.box.tolist() == [190, 90, 10, 10]

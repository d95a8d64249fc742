"""The faces of a picture: found by a detector, cut out with a margin, and classified in one batch."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from fer.classifiers.contract import Classifier
from fer.detectors.contract import Detections, Detector

# Pictures are shrunk to this longest side for detection (not for the cut): a face of a hundredth of it is still found.
LONGEST_SIDE = 1600
CONFIDENCE = 0.6
# To which YuNet and MTCNN shrink a picture by themselves; their own default is for crops of one face.
LONGEST_SIDE_OF_DETECTOR = 960
MOST_FACES = 200


@dataclass(frozen=True)
class Face:
    """One face in a picture.

    Attributes:
        box: float64 (4,): x, y, width, height in pixels of the picture, within it.
        confidence: the detector's, 0..1; NaN for a detector without probabilities.
        probabilities: float64 (k,), in the order of the classifier's emotions.

    """

    box: np.ndarray
    confidence: float
    probabilities: np.ndarray


class FaceReader:
    """Finds and classifies the faces of pictures.

    Args:
        detector: see :mod:`fer.detectors`.
        classifier: see :mod:`fer.classifiers`; faces are cut with its margin, without one where that is unknown.
        confidence: least confidence of a face, 0..1; without effect on a detector without probabilities.
        most: the most faces per picture, the most confident ones: a bound for a crowd.

    """

    def __init__(
        self, detector: Detector, classifier: Classifier, confidence: float = CONFIDENCE, most: int = MOST_FACES
    ) -> None:
        self._detector, self._classifier = detector, classifier
        self._confidence, self._most = confidence, most
        self._margin = classifier.description.crop_margin or 0.0

    @property
    def emotions(self) -> tuple[str, ...]:
        """The emotions, in the order of the probabilities."""
        return self._classifier.description.emotions

    def read(self, pictures: Sequence[np.ndarray]) -> list[list[Face]]:
        """Return the faces of each picture (uint8, gray or RGB, any sizes), from left to right."""
        found = [self.find(picture) for picture in pictures]
        # Gray pictures are cut as they are: the classifier decides on colours.
        cuts = [
            with_margin(picture, box, self._margin)
            for picture, (boxes, _) in zip(pictures, found, strict=True)
            for box in boxes
        ]
        answers = iter(self._classifier.probabilities(cuts) if cuts else ())
        return [
            [
                Face(box, float(sure), np.asarray(next(answers), dtype=np.float64))
                for box, sure in zip(*one, strict=True)
            ]
            for one in found
        ]

    def classify(self, picture: np.ndarray, boxes: np.ndarray) -> np.ndarray:
        """Return the probabilities, float64 (k, emotions), of the faces in given boxes (k, 4) of a picture."""
        if not len(boxes):
            return np.empty((0, len(self.emotions)))
        cuts = [with_margin(picture, box, self._margin) for box in boxes]
        return np.asarray(self._classifier.probabilities(cuts), dtype=np.float64)

    def find(self, picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return boxes (k, 4) within a picture (uint8, gray or RGB) and confidences (k,), from left to right."""
        if picture.ndim == 2:
            picture = cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB)
        height, width = picture.shape[:2]
        scale = min(1.0, LONGEST_SIDE / max(height, width))
        if scale < 1.0:
            size = (max(1, round(width * scale)), max(1, round(height * scale)))
            [found] = self._detector.detect([cv2.resize(picture, size, interpolation=cv2.INTER_AREA)])
        else:
            [found] = self._detector.detect([picture])
        boxes, confidences = _kept(found, self._confidence, self._most)
        boxes = boxes / scale
        corners = np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1).clip(0, [width, height] * 2)
        inside = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)
        seen = (inside[:, 2:] >= 1).all(axis=1)
        order = np.argsort(inside[seen, 0], kind="stable")
        return inside[seen][order], confidences[seen][order]


def _kept(found: Detections, least: float, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the boxes and confidences of at least ``least``; of more than ``most`` the first, which are the surest."""
    passed = ~(found.confidences < least)  # Also where there is none: NaN.
    return found.boxes[passed][:most], found.confidences[passed][:most]


def with_margin(picture: np.ndarray, box: np.ndarray, margin: float) -> np.ndarray:
    """Return the pixels of a box (x, y, width, height) and ``margin`` of its sides around it; edges are repeated."""
    x, y, wide, high = box
    left, right = round(x - margin * wide), round(x + wide + margin * wide)
    top, bottom = round(y - margin * high), round(y + high + margin * high)
    right, bottom = max(right, left + 1), max(bottom, top + 1)
    height, width = picture.shape[:2]
    inside = picture[max(0, top) : max(bottom, 1), max(0, left) : max(right, 1)]
    around = (max(0, -top), max(0, bottom - height), max(0, -left), max(0, right - width))
    return cv2.copyMakeBorder(inside, *around, cv2.BORDER_REPLICATE) if any(around) else inside

"""The interface of all face detectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

# Rows of a face's landmarks, as seen in the image: "left" is the image's left, not the person's.
LANDMARKS = ("left_eye", "right_eye", "nose_tip", "left_mouth_corner", "right_mouth_corner")


@dataclass(frozen=True)
class Detections:
    """The faces found in one image, the most confident first.

    Attributes:
        boxes: float64 ``(k, 4)``: x, y, width, height in pixels of the image; may extend beyond its edges.
        confidences: float64 ``(k,)`` in 0..1, descending; NaN from a detector without probabilities.
        landmarks: float64 ``(k, 5, 2)`` in pixels, in the order of :data:`LANDMARKS`; None from a detector
            without landmarks.
        method: name of the detector ("yunet"); for a cascade of detectors, of the stage that found the faces.

    """

    boxes: np.ndarray
    confidences: np.ndarray
    landmarks: np.ndarray | None
    method: str

    def __len__(self) -> int:
        return len(self.boxes)


class Detector(Protocol):
    """Finds the faces in a batch of images."""

    def detect(self, images: Sequence[np.ndarray]) -> list[Detections]:
        """Return one :class:`Detections` per image; images are uint8 ``(h, w, 3)`` RGB, each of any size from 1x1."""
        ...


def no_faces(method: str, landmarks: bool = False) -> Detections:
    """Return the result for an image without a face."""
    return Detections(np.empty((0, 4)), np.empty(0), np.empty((0, 5, 2)) if landmarks else None, method)

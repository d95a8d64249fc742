"""What every face detector takes and gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

# Rows of a face's landmarks, as seen in the image: "left" is the image's left, not the person's.
LANDMARKS = ("left_eye", "right_eye", "nose_tip", "left_mouth_corner", "right_mouth_corner")


@dataclass(frozen=True)
class Detections:
    """The faces found in one image, the surest first.

    Attributes:
        boxes: float64 ``(k, 4)``: x, y, width, height in pixels of the image; may overshoot its edges.
        confidences: float64 ``(k,)`` in 0..1, falling; NaN from a detector that knows no probability.
        landmarks: float64 ``(k, 5, 2)`` in pixels, in the order of :data:`LANDMARKS`; None from a detector
            that finds none.
        method: what found them ("yunet"); a cascade of detectors names the stage that did.

    """

    boxes: np.ndarray
    confidences: np.ndarray
    landmarks: np.ndarray | None
    method: str

    def __len__(self) -> int:
        return len(self.boxes)


class Detector(Protocol):
    """Finds faces in a batch of images."""

    def detect(self, images: Sequence[np.ndarray]) -> list[Detections]:
        """Return one :class:`Detections` an image; images are uint8 ``(h, w, 3)`` RGB, each of any size from 1x1."""
        ...


def no_faces(method: str, landmarks: bool = False) -> Detections:
    """Return the answer for an image without a face."""
    return Detections(np.empty((0, 4)), np.empty(0), np.empty((0, 5, 2)) if landmarks else None, method)

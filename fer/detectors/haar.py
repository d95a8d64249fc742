"""OpenCV's frontal-face Haar cascade (Viola and Jones): no download, no probability, frontal faces only.

The detector of study B (the live app) and, with ``min_neighbors=10, min_size=74`` (a third of 224), the first
stage of study C's cropping.
"""

from collections.abc import Sequence
from pathlib import Path

import cv2
import cv2.data
import numpy as np
from pydantic import Field

from fer.detectors.contract import Detections, no_faces
from fer.errors import InputError
from fer.options import Options as DeclaredOptions

CASCADE = "haarcascade_frontalface_default.xml"


class Options(DeclaredOptions):
    """Options of the cascade.

    scale_factor: ratio between successive search sizes.
    min_neighbors: overlapping hits required for a face; more are stricter.
    min_size: smallest face in pixels, so that no face is found in a smaller image; the cascade finds none under 24.
    """

    scale_factor: float = Field(1.1, gt=1.0, le=4.0)
    min_neighbors: int = Field(5, ge=0)
    min_size: int = Field(24, ge=1)


class HaarDetector:
    """See :class:`fer.detectors.contract.Detector`; confidences are NaN, there are no landmarks."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._cascade = cv2.CascadeClassifier(str(Path(cv2.data.haarcascades) / CASCADE))
        if self._cascade.empty():
            raise InputError(f"detector haar: this OpenCV has no {CASCADE}; install opencv-python with its data.")

    def detect(self, images: Sequence[np.ndarray]) -> list[Detections]:
        """Return the faces of each image, in descending order of the margin in the cascade's last stage."""
        return [self._detect(image) for image in images]

    def _detect(self, image: np.ndarray) -> Detections:
        gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        boxes, _, weights = self._cascade.detectMultiScale3(
            gray,
            scaleFactor=self._options.scale_factor,
            minNeighbors=self._options.min_neighbors,
            minSize=(self._options.min_size, self._options.min_size),
            outputRejectLevels=True,
        )
        if len(boxes) == 0:  # In this case cv2 returns empty tuples, not arrays.
            return no_faces("haar")
        # The margin orders the boxes; it is not a probability, so it is not returned as one.
        order = np.argsort(-np.asarray(weights, dtype=np.float64).ravel(), kind="stable")
        return Detections(np.asarray(boxes, dtype=np.float64)[order], np.full(len(boxes), np.nan), None, "haar")


def open(options: Options) -> HaarDetector:
    """Return the detector; only the cascade file that comes with OpenCV is read."""
    return HaarDetector(options)

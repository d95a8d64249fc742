"""YuNet (Wu, Peng, Yu: "YuNet: a tiny millisecond-level face detector", 2023) through OpenCV's FaceDetectorYN.

Its file comes with this package: the OpenCV Zoo's, unchanged, under the licence beside it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np
from pydantic import Field

from fer.detectors.contract import Detections, no_faces
from fer.detectors.quiet_opencv import opencv_silenced
from fer.detectors.shrinking import shrunk
from fer.detectors.weights import WeightsOptions
from fer.errors import InputError

_OVERLAP = 0.3  # Intersection over union above which the less confident of two boxes is dropped.
_CANDIDATES = 5000
# OpenCV 4.14 pads to multiples of 32 pixels; if one side is 32, it returns confident faces at infinity.
_LEAST_SIDE = 64
_SCORE = 14  # Columns of a row: box 0-3, five points 4-13, score.


class Options(WeightsOptions):
    """Options of YuNet, in addition to those of its weights file, which is needed only for another than the shipped.

    confidence: minimum confidence (0..1); the caller may apply a higher threshold.
    longest_side: larger images are downscaled to this many pixels; faces below about a thirtieth of it are missed.
    """

    detector: ClassVar[str] = "yunet"
    where: ClassVar[str] = (
        "get face_detection_yunet from the OpenCV Zoo (github.com/opencv/opencv_zoo, models/face_detection_yunet)"
    )
    suffixes: ClassVar[tuple[str, ...]] = (".onnx",)
    shipped: ClassVar[Path | None] = Path(__file__).parent / "shipped" / "face_detection_yunet_2026may.onnx"

    confidence: float = Field(0.3, ge=0.0, le=1.0)
    longest_side: int = Field(320, ge=32)


class YuNetDetector:
    """See :class:`fer.detectors.contract.Detector`."""

    def __init__(self, options: Options) -> None:
        self._longest_side = options.longest_side
        path = options.file()
        settings = ("", (32, 32), options.confidence, _OVERLAP, _CANDIDATES)
        try:
            with opencv_silenced():
                self._network = cv2.FaceDetectorYN.create(str(path), *settings)
                self._find(
                    np.zeros((32, 32, 3), dtype=np.uint8)
                )  # Another network fails here and not later in a batch.
        except cv2.error:
            raise InputError(f"detector yunet: {path} is not a YuNet model; {options.where}.") from None

    def detect(self, images: Sequence[np.ndarray]) -> list[Detections]:
        """Return the faces of each image, the most confident first."""
        return [self._detect(image) for image in images]

    def _detect(self, image: np.ndarray) -> Detections:
        smaller, back = shrunk(image, self._longest_side)
        rows = self._find(smaller)
        if rows is None:
            return no_faces("yunet", landmarks=True)
        rows = rows[np.argsort(-rows[:, _SCORE], kind="stable")].astype(np.float64)
        # YuNet's first point is the person's right eye, the left one in the image: the order of LANDMARKS.
        points = rows[:, 4:_SCORE].reshape(-1, 5, 2) * back
        return Detections(rows[:, :4] * np.tile(back, 2), rows[:, _SCORE].clip(0.0, 1.0), points, "yunet")

    def _find(self, image: np.ndarray) -> np.ndarray | None:
        """Return YuNet's rows (k, 15) in the pixels of this RGB image, None without a face."""
        below, beside = (max(0, _LEAST_SIDE - side) for side in image.shape[:2])
        padded = cv2.copyMakeBorder(image, 0, below, 0, beside, cv2.BORDER_CONSTANT)
        self._network.setInputSize((padded.shape[1], padded.shape[0]))
        return self._network.detect(cv2.cvtColor(padded, cv2.COLOR_RGB2BGR))[1]


def open(options: Options) -> YuNetDetector:
    """Return the detector; raises InputError for a file that is missing, altered or not a YuNet model."""
    return YuNetDetector(options)

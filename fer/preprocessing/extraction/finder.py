"""Options of face detection, and detection in one batch of images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import cv2
import numpy as np

from fer.detectors import DETECTORS, Detector, detector_named, open_detector, parse_detector
from fer.detectors.contract import Detections
from fer.errors import InputError
from fer.preprocessing.cropping import FoundFace, choose, cut
from fer.sentinels import NONE
from fer.sources.images import prepare_face

# Larger images are shrunk to this longest side for detection (not for the cut): a face of a hundredth of the image
# is still found, and a photograph of 64 megapixels does not take minutes.
_LONGEST_SIDE = 1600


@dataclass(frozen=True)
class Finder:
    """Options of detection and cropping; with the images, they determine every pixel.

    Attributes:
        detector: name in :data:`fer.detectors.DETECTORS`, or ``none``: the image (or annotated box) is the face.
        options: of the detector.
        confidence: least confidence, 0..1; no effect on a detector without probabilities. A detector's own
            threshold is lowered to it, unless ``options`` set one.
        align: turn the face until its eyes are level; needs a detector with landmarks.
        size, channels, interpolation: of the face, see :func:`fer.sources.images.prepare_face`.

    """

    detector: str
    options: Mapping[str, Any] = field(default_factory=dict)
    confidence: float = 0.6
    align: bool = False
    size: int = 48
    channels: int = 1
    interpolation: str = "bilinear"

    @property
    def face_shape(self) -> tuple[int, ...]:
        """Shape of one face: ``(size, size)`` or ``(size, size, 3)``."""
        return (self.size, self.size) if self.channels == 1 else (self.size, self.size, 3)

    def check(self) -> None:
        """Raise InputError for an invalid detector, option or combination."""
        if not 0 <= self.confidence <= 1:
            raise InputError(f"confidence {self.confidence} is outside 0..1; the study's is 0.6.")
        if self.detector == NONE:
            if self.options or self.align:
                raise InputError("detector none takes no options and aligns nothing; name a detector.")
            return
        if self.align and not detector_named(self.detector).landmarks:
            raise InputError(f"align needs a detector with landmarks, {self.detector} has none; use yunet or mtcnn.")
        parse_detector(self.detector, self.options)

    def libraries(self) -> dict[str, str | None]:
        """Return the versions of the libraries that affect the faces, by name; None for one that is not installed."""
        of_detector = () if self.detector == NONE else DETECTORS[self.detector].libraries
        return {name: _version(name) for name in ("numpy", "opencv-python", "pillow", *of_detector)}

    @property
    def _least(self) -> float:
        known = self.detector != NONE and detector_named(self.detector).probability
        return self.confidence if known else 0.0

    def open(self) -> Detector:
        """Return the detector, ready."""
        if self.detector == NONE:
            return _Whole()
        own = parse_detector(self.detector, self.options)
        floor = getattr(own, "confidence", None)
        lower = {} if floor is None or "confidence" in self.options else {"confidence": min(floor, self.confidence)}
        return open_detector(self.detector, {**self.options, **lower})

    def find(
        self, detector: Detector, images: Sequence[np.ndarray]
    ) -> list[tuple[FoundFace | None, np.ndarray | None]]:
        """Return for each image (uint8 RGB or gray) the face, placed in that image, and its pixels; or None twice."""
        coloured = [image if image.ndim == 3 else cv2.cvtColor(image, cv2.COLOR_GRAY2RGB) for image in images]
        scales = [min(1.0, _LONGEST_SIDE / max(image.shape[:2])) for image in coloured]
        shrunk = [_shrink(image, scale) for image, scale in zip(coloured, scales, strict=True)]
        answers = []
        for image, scale, found in zip(coloured, scales, detector.detect(shrunk), strict=True):
            face = choose(_grow(found, scale), self._least, *image.shape[:2])
            pixels = None if face is None else cut(image, face, self.align)
            ready = None if pixels is None else prepare_face(pixels, self.size, self.channels, self.interpolation)
            answers.append((face, ready))
        return answers


class _Whole:
    """No detector: the image is the face."""

    def detect(self, images: Sequence[np.ndarray]) -> list[Detections]:
        boxes = [np.array([[0.0, 0.0, image.shape[1], image.shape[0]]]) for image in images]
        return [Detections(box, np.array([np.nan]), None, NONE) for box in boxes]


def _shrink(image: np.ndarray, scale: float) -> np.ndarray:
    if scale == 1.0:
        return image
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def _grow(found: Detections, scale: float) -> Detections:
    if scale == 1.0:
        return found
    landmarks = None if found.landmarks is None else found.landmarks / scale
    return Detections(found.boxes / scale, found.confidences, landmarks, found.method)


def _version(library: str) -> str | None:
    """Return a library's version; None if it is not installed, as ultralytics need not be for an ONNX file."""
    try:
        return version(library)
    except PackageNotFoundError:
        return None

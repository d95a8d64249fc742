"""The detection of study C (age generalization): Haar with verification, else MTCNN, else the whole image."""

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from fer.detectors import haar, mtcnn
from fer.detectors.contract import Detections
from fer.options import Options as DeclaredOptions

_MTCNN_CONFIDENCE = 0.8  # The package's default: study C does not state a threshold.


class Options(DeclaredOptions):
    """Options of the Haar stages; the defaults are study C's. See :class:`fer.detectors.haar.Options`.

    verify_neighbors: ``min_neighbors`` of the second run, on the crop. Study C only says that the cascade
        is run again, so the default is the same as for the first run.
    """

    scale_factor: float = Field(1.1, gt=1.0, le=4.0)
    min_neighbors: int = Field(10, ge=0)
    min_size: int = Field(74, ge=1)
    verify_neighbors: int = Field(10, ge=0)


class CascadeDetector:
    """See :class:`fer.detectors.contract.Detector`; ``method`` is "haar", "mtcnn" or "whole".

    Every image gets a box. Confidences are MTCNN's for "mtcnn", NaN otherwise.
    """

    def __init__(self, options: Options) -> None:
        first, again = (
            haar.Options(scale_factor=options.scale_factor, min_size=options.min_size, min_neighbors=neighbors)
            for neighbors in (options.min_neighbors, options.verify_neighbors)
        )
        self._first, self._again = haar.open(first), haar.open(again)
        self._mtcnn: mtcnn.MtcnnDetector | None = None

    def detect(self, images: Sequence[np.ndarray]) -> list[Detections]:
        """Return the faces of each image by the first stage that finds one."""
        found = [self._verified(image, boxes) for image, boxes in zip(images, self._first.detect(images), strict=True)]
        missed = [row for row, faces in enumerate(found) if len(faces) == 0]
        if missed:
            if self._mtcnn is None:  # Opened when first needed, as it imports TensorFlow.
                self._mtcnn = mtcnn.open(mtcnn.Options(confidence=_MTCNN_CONFIDENCE))
            for row, faces in zip(missed, self._mtcnn.detect([images[row] for row in missed]), strict=True):
                found[row] = _whole(images[row]) if len(faces) == 0 else _without_landmarks(faces)
        return found

    def _verified(self, image: np.ndarray, faces: Detections) -> Detections:
        """Keep the boxes in whose crop the cascade finds a face again."""
        corners = np.concatenate([faces.boxes[:, :2], faces.boxes[:, :2] + faces.boxes[:, 2:]], axis=1).astype(int)
        crops = [np.ascontiguousarray(image[top:bottom, left:right]) for left, top, right, bottom in corners]
        kept = np.array([len(again) > 0 for again in self._again.detect(crops)], dtype=bool)
        return Detections(faces.boxes[kept], faces.confidences[kept], None, "haar")


def _without_landmarks(faces: Detections) -> Detections:
    # The other stages have no landmarks, and all results of a detector must be of one kind.
    return Detections(faces.boxes, faces.confidences, None, faces.method)


def _whole(image: np.ndarray) -> Detections:
    height, width = image.shape[:2]
    return Detections(np.array([[0.0, 0.0, width, height]]), np.array([np.nan]), None, "whole")


def open(options: Options) -> CascadeDetector:
    """Return the detector; MTCNN (with TensorFlow) is opened when an image first needs it."""
    return CascadeDetector(options)

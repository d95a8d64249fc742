"""MTCNN (Zhang et al., "Joint face detection and alignment using multitask cascaded convolutional networks", 2016).

PyPI's mtcnn 1.0.0, whose weights are in the package. Its three stages are called one by one and not through
``MTCNN.detect_faces``, which pads a batch and removes the wrong image's padding if an image has no face, returns
nothing for a whole batch if one image has no candidates, rounds to whole pixels, and looks for weights in the working
folder first.
"""

from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Any

import numpy as np
from pydantic import Field

from fer.detectors.contract import Detections, no_faces
from fer.detectors.shrinking import shrunk
from fer.options import Options as DeclaredOptions
from fer.quiet_tensorflow import load_keras, native_stderr_held


class Options(DeclaredOptions):
    """Options of MTCNN.

    confidence: minimum confidence (0..1) of the last network.
    longest_side: larger images are downscaled to this many pixels; faces below 20 pixels after that are missed.
    """

    confidence: float = Field(0.6, ge=0.0, le=1.0)
    longest_side: int = Field(320, ge=32)


class MtcnnDetector:
    """See :class:`fer.detectors.contract.Detector`."""

    def __init__(self, options: Options) -> None:
        self._options = options
        load_keras()
        import tensorflow

        self._tensorflow = tensorflow
        with (
            native_stderr_held(),
            tensorflow.device("CPU:0"),
        ):  # The first tensor searches for GPUs and prints messages.
            self._stages = _open_stages()

    def detect(self, images: Sequence[np.ndarray]) -> list[Detections]:
        """Return the faces of each image, the most confident first."""
        return [self._detect(image) for image in images]

    def _detect(self, image: np.ndarray) -> Detections:
        smaller, back = shrunk(image, self._options.longest_side)
        rows = self._find(smaller)
        if len(rows) == 0:
            return no_faces("mtcnn", landmarks=True)
        rows = rows[np.argsort(-rows[:, 5], kind="stable")]
        corners = rows[:, 1:5].reshape(-1, 2, 2) * back
        boxes = np.concatenate([corners[:, 0], corners[:, 1] - corners[:, 0]], axis=1)
        # Five x, then five y, starting with the image's left eye: the order of fer.detectors.contract.
        points = rows[:, 6:16].reshape(-1, 2, 5).swapaxes(1, 2) * back
        return Detections(boxes, rows[:, 5].astype(np.float64), points, "mtcnn")

    def _find(self, image: np.ndarray) -> np.ndarray:
        """Return mtcnn's rows (k, 16): 0, x1, y1, x2, y2, confidence, five x, five y; k is 0 without a face."""
        batch = (image[np.newaxis].astype(np.float32) - 127.5) / 128.0
        rows: np.ndarray | None = None
        with self._tensorflow.device("CPU:0"):  # As in the package: its networks are too small for a GPU.
            for stage in self._stages:
                rows = stage(
                    bboxes_batch=rows,
                    images_normalized=batch,
                    images_oshapes=[image.shape],
                    threshold_onet=self._options.confidence,
                )
                if len(rows) == 0:  # The next network cannot run without candidates.
                    break
        return np.empty((0, 16)) if rows is None or len(rows) == 0 else rows


def _open_stages() -> list[Callable[..., np.ndarray]]:
    import tensorflow
    from mtcnn.stages import StageONet, StagePNet, StageRNet

    stages: list[Any] = []
    for maker, name, side in ((StagePNet, "pnet", None), (StageRNet, "rnet", 24), (StageONet, "onet", 48)):
        # By its full path, as mtcnn would unpickle a file of that name in the working folder.
        stage = maker(weights=str(files("mtcnn.assets.weights") / f"{name}.lz4"))
        # One trace for all image sizes; if run layer by layer, Keras itself takes most of the time.
        pixels = tensorflow.TensorSpec((None, side, side, 3), tensorflow.float32)
        stage._model = tensorflow.function(stage.model, input_signature=[pixels])
        stages.append(stage)
    return stages


def open(options: Options) -> MtcnnDetector:
    """Return the detector; this imports TensorFlow."""
    return MtcnnDetector(options)

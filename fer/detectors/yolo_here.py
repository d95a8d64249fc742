"""YOLO in this process: prepare images, run a network, decode boxes."""

from collections.abc import Callable, Sequence

import numpy as np

from fer.detectors.contract import Detections
from fer.detectors.yolo_boxes import ROWS, decode, letterbox
from fer.detectors.yolo_options import Options
from fer.errors import InputError


class YoloDetector:
    """See :class:`fer.detectors.contract.Detector`; landmarks only from a model that has five points.

    ``network`` maps float32 ``(1, 3, height, width)`` RGB in 0..1 to ``(1, rows, candidates)``; it only takes squares
    if ``square``. Raises InputError if its output is not that of a YOLOv8-face model.
    """

    def __init__(self, network: Callable[[np.ndarray], np.ndarray], options: Options, square: bool) -> None:
        self._network, self._options, self._square = network, options, square
        side = options.image_size
        shape = network(np.zeros((1, 3, side, side), dtype=np.float32)).shape
        candidates = sum((side // stride) ** 2 for stride in (8, 16, 32))
        if len(shape) != 3 or shape[1] not in ROWS or shape[2] != candidates:
            raise InputError(
                f"detector yolo: the output of {options.weights} is {shape}, but a YOLOv8 model of one class (face) "
                f"gives (1, 5, {candidates}) for image_size={side}, or 15 or 20 rows with five points; {options.where}."
            )

    def detect(self, images: Sequence[np.ndarray]) -> list[Detections]:
        """Return the faces of each image, the most confident first."""
        return [self._detect(image) for image in images]

    def _detect(self, image: np.ndarray) -> Detections:
        pixels, back = letterbox(image, self._options.image_size, self._square)
        return decode(self._network(pixels)[0], back, self._options.confidence, self._options.iou)


def open_here(options: Options) -> YoloDetector:
    """Return the detector with its network in this process, which must not import TensorFlow if it is a checkpoint."""
    if options.suffix == ".onnx":
        from fer.detectors.yolo_onnx import load_network

        return YoloDetector(load_network(options), options, square=True)
    from fer.detectors.yolo_torch import load_network

    return YoloDetector(load_network(options), options, square=False)

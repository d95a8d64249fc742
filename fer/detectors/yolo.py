"""YOLOv8-face (study A's detector), from an ONNX file through OpenCV, or a PyTorch checkpoint through ultralytics.

An ONNX file needs neither torch nor ultralytics (which is AGPL-3.0). A checkpoint (``.pt``) is a pickle: it is loaded
by PyTorch's weights-only rule, or not at all. TensorFlow and torch in one process end it, so a checkpoint
runs in a process of its own, unless this one already is such a process: see :func:`open`.
"""

import multiprocessing
import sys
from collections.abc import Callable, Sequence
from typing import ClassVar

import numpy as np
from pydantic import Field

from fer.detectors.contract import Detections, Detector
from fer.detectors.weights import WeightsOptions
from fer.detectors.yolo_boxes import ROWS, STRIDE, decode, letterbox
from fer.errors import InputError


class Options(WeightsOptions):
    """Options of YOLO, besides those of its file.

    image_size: longer side of the network's input in pixels; an ONNX file must have been exported for it.
    confidence: lowest confidence (0..1) kept; what is done with it is the caller's, who may ask for more.
    iou: intersection over union above which the less confident of two boxes is dropped.
    """

    detector: ClassVar[str] = "yolo"
    where: ClassVar[str] = (
        "get a YOLOv8-face model (.onnx or .pt, for instance from github.com/lindevs/yolov8-face), or train one with "
        "benchmarks/train_yolo_faces.py"
    )
    suffixes: ClassVar[tuple[str, ...]] = (".onnx", ".pt")

    image_size: int = Field(640, ge=STRIDE, multiple_of=STRIDE)
    confidence: float = Field(0.25, ge=0.0, le=1.0)
    iou: float = Field(0.7, ge=0.0, le=1.0)


class YoloDetector:
    """See :class:`fer.detectors.contract.Detector`; landmarks only from a model that has five points.

    ``network`` maps float32 ``(1, 3, height, width)`` RGB in 0..1 to ``(1, rows, candidates)``; it takes squares only
    if ``square``. Raises InputError for one whose output is not a YOLOv8-face model's.
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
    """Return the detector, its network in this process. A checkpoint brings torch: TensorFlow must never be here."""
    if options.suffix == ".onnx":
        from fer.detectors.yolo_onnx import load_network

        return YoloDetector(load_network(options), options, square=True)
    from fer.detectors.yolo_torch import load_network

    return YoloDetector(load_network(options), options, square=False)


def open(options: Options) -> Detector:
    """Return the detector.

    An ONNX file is opened here. A checkpoint is opened here if this is a worker process (another process started it,
    to run one detector) that has not imported TensorFlow; in any other, a worker is started for it, for the
    caller may have imported TensorFlow, or may do so later. Raises InputError for a file that is missing, altered,
    or no YOLOv8-face model, and if a checkpoint is named and ultralytics is not installed.
    """
    if options.suffix == ".onnx" or (multiprocessing.parent_process() is not None and "tensorflow" not in sys.modules):
        return open_here(options)
    from fer.detectors.yolo_process import YoloProcess

    return YoloProcess(options)

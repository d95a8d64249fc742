"""A YOLOv8 network from an ONNX file, run by OpenCV.

ONNX Runtime is 1.5 times as fast for YOLOv8n at 640 pixels (93 to 141 ms, one thread), which is not worth another
dependency.
"""

from collections.abc import Callable

import cv2
import numpy as np

from fer.detectors.quiet_opencv import opencv_silenced
from fer.detectors.yolo_options import Options
from fer.errors import InputError


def load_network(options: Options) -> Callable[[np.ndarray], np.ndarray]:
    """Return the network as a function.

    Raises InputError if the file is not an ONNX model or has another input size, and for a GPU.
    """
    if options.device != "cpu":
        raise InputError(
            f"detector yolo: ONNX files are run by OpenCV on the CPU, not on {options.device}; leave device out, or "
            "give the checkpoint (.pt)."
        )
    path = options.file()
    try:
        with opencv_silenced():
            network = cv2.dnn.readNetFromONNX(str(path))
    except cv2.error:
        raise InputError(f"detector yolo: {path} is not an ONNX model that OpenCV can read; {options.where}.") from None

    def run(pixels: np.ndarray) -> np.ndarray:
        network.setInput(pixels)
        return network.forward()

    try:
        with opencv_silenced():
            run(np.zeros((1, 3, options.image_size, options.image_size), dtype=np.float32))
    except cv2.error:
        raise InputError(
            f"detector yolo: {path} does not take images of {options.image_size} pixels; "
            "give image_size= as it was exported."
        ) from None
    return run

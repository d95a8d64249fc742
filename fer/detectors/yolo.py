"""YOLOv8-face (study A's detector), from an ONNX file through OpenCV, or a PyTorch checkpoint through ultralytics.

An ONNX file needs neither torch nor ultralytics (which is AGPL-3.0). A checkpoint (``.pt``) is a pickle: it is loaded
with PyTorch's weights-only rule, or not at all. TensorFlow and torch in one process crash it, so a checkpoint
runs in its own process, unless this one already is such a process: see :func:`open`.
"""

import multiprocessing
import sys

from fer.detectors.contract import Detector
from fer.detectors.yolo_here import open_here
from fer.detectors.yolo_options import Options

__all__ = ["Options", "open", "open_here"]


def open(options: Options) -> Detector:
    """Return the detector.

    An ONNX file is opened here. A checkpoint is opened here if this is a worker process (started by another process
    to run one detector) that has not imported TensorFlow; otherwise a worker is started for it, because the
    caller may have imported TensorFlow or may do so later. Raises InputError for a file that is missing, altered,
    or no YOLOv8-face model, and if a checkpoint is named and ultralytics is not installed.
    """
    if options.suffix == ".onnx" or (multiprocessing.parent_process() is not None and "tensorflow" not in sys.modules):
        return open_here(options)
    from fer.detectors.yolo_process import YoloProcess

    return YoloProcess(options)

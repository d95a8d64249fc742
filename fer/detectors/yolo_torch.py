"""A YOLOv8 network from a PyTorch checkpoint, through ultralytics 8.4.190.

This imports torch; :func:`fer.detectors.yolo.open` decides in which process. Only the network is ultralytics': images
are prepared and boxes decoded as for an ONNX file, so nothing is printed or saved.
"""

import os
import tempfile
from collections.abc import Callable
from importlib.util import find_spec

import cv2
import numpy as np

from fer.detectors.yolo_options import Options
from fer.errors import InputError

# Read by ultralytics when it is imported. YOLO_OFFLINE also keeps it from sending usage statistics.
_ENVIRONMENT = {"YOLO_OFFLINE": "1", "YOLO_AUTOINSTALL": "0", "YOLO_VERBOSE": "0", "ULTRALYTICS_SAFE_LOAD": "1"}


def check_installed() -> None:
    """Raise InputError, with alternatives, if ultralytics is not installed; it is not imported."""
    if find_spec("ultralytics") is None or find_spec("torch") is None:
        raise InputError(
            "detector yolo: a .pt file needs ultralytics, which is not installed: pip install 'fair-fer[detection]' "
            "(AGPL-3.0), or export the file to ONNX elsewhere, or use detector mtcnn or haar."
        )


def load_network(options: Options) -> Callable[[np.ndarray], np.ndarray]:
    """Return the network as a function, on the CPU, with as many threads as OpenCV may use here.

    Raises InputError if ultralytics is missing or the file cannot be loaded with PyTorch's
    weights-only rule; it is never fully unpickled.
    """
    check_installed()
    path = options.file()
    os.environ.update(_ENVIRONMENT)
    # ultralytics writes its settings when it is imported, here into a temporary folder.
    with tempfile.TemporaryDirectory() as settings:
        os.environ["YOLO_CONFIG_DIR"] = settings
        import torch
        from ultralytics.nn import tasks

    torch.set_num_threads(max(1, cv2.getNumThreads()))
    if not (tasks.SAFE_LOAD and tasks._SafeLoad.SUPPORTED):
        # It would silently fall back to full unpickling.
        raise InputError(
            "detector yolo: this ultralytics or torch cannot load weights only; pip install 'fair-fer[detection]'."
        )
    try:
        network, _ = tasks.load_checkpoint(str(path), device="cpu", fuse=True)
    except Exception as error:  # An unknown file can fail in any way.
        raise InputError(
            f"detector yolo: {path} cannot be loaded as weights only ({type(error).__name__}), so it is not opened; "
            "if you trust it, export it to ONNX with ultralytics and give that file, or use mtcnn or haar."
        ) from error

    def run(pixels: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            answer = network(torch.from_numpy(pixels))
        return (answer[0] if isinstance(answer, (tuple, list)) else answer).numpy()

    return run

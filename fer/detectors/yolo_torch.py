"""A YOLOv8 network from a PyTorch checkpoint, through ultralytics 8.4.190.

This imports torch; :func:`fer.detectors.yolo.open` decides in which process. Only the network is ultralytics': images
are prepared and boxes decoded as for an ONNX file, so nothing is printed or saved.
"""

import os
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from fer.detectors.yolo_options import Options
from fer.errors import InputError

# Read by ultralytics when it is imported. YOLO_OFFLINE also keeps it from sending usage statistics.
_ENVIRONMENT = {"YOLO_OFFLINE": "1", "YOLO_AUTOINSTALL": "0", "YOLO_VERBOSE": "0", "ULTRALYTICS_SAFE_LOAD": "1"}

_DETECTOR = "detector yolo"
_OTHER_DETECTORS = ", or use detector mtcnn or haar"


class Checkpoint(NamedTuple):
    """A network and what its file says of it.

    Attributes:
        run: maps float32 ``(b, 3, height, width)`` to the network's first output.
        names: the classes, in the order of their numbers.
        task: ``detect``, ``classify`` or another.
        image_size: longer side in pixels of the images that it was trained on; None if the file does not say.

    """

    run: Callable[[np.ndarray], np.ndarray]
    names: tuple[str, ...]
    task: str
    image_size: int | None


def check_installed(what: str = _DETECTOR, otherwise: str = _OTHER_DETECTORS) -> None:
    """Raise InputError, with alternatives, if ultralytics is not installed; it is not imported.

    ``what`` is named in the message, ``otherwise`` ends it.
    """
    if find_spec("ultralytics") is None or find_spec("torch") is None:
        raise InputError(
            f"{what}: a .pt file needs ultralytics, which is not installed: pip install 'fair-fer[detection]' "
            f"(AGPL-3.0), or export the file to ONNX elsewhere{otherwise}."
        )


def load_network(options: Options) -> Callable[[np.ndarray], np.ndarray]:
    """Return the network of a detector as a function, see :func:`load_checkpoint`."""
    check_installed()
    return load_checkpoint(options.file(), device=options.device).run


def load_checkpoint(
    path: Path, what: str = _DETECTOR, otherwise: str = _OTHER_DETECTORS, trust: bool = False, device: str = "cpu"
) -> Checkpoint:
    """Return the network of a checkpoint, on ``device`` (PyTorch's name), with as many threads as OpenCV may use here.

    Raises InputError, with ``what`` and ``otherwise`` as in :func:`check_installed`, if ultralytics or the device is
    missing or the file cannot be loaded with PyTorch's weights-only rule. Only with ``trust`` is it fully unpickled,
    which runs code in it.
    """
    check_installed(what, otherwise)
    os.environ.update(_ENVIRONMENT | ({"ULTRALYTICS_SAFE_LOAD": "0"} if trust else {}))
    # ultralytics writes its settings when it is imported, here into a temporary folder.
    with tempfile.TemporaryDirectory() as settings:
        os.environ["YOLO_CONFIG_DIR"] = settings
        import torch
        from ultralytics.nn import tasks

    kind, _, number = device.partition(":")
    if kind == "cuda" and int(number or 0) >= torch.cuda.device_count():
        raise InputError(
            f"{what} cannot be run on {device}, as PyTorch finds {torch.cuda.device_count() or 'no'} GPU; give another "
            "device."
        )
    torch.set_num_threads(max(1, cv2.getNumThreads()))
    if not trust and not (tasks.SAFE_LOAD and tasks._SafeLoad.SUPPORTED):
        # It would silently fall back to full unpickling.
        raise InputError(
            f"{what}: this ultralytics or torch cannot load weights only; pip install 'fair-fer[detection]'."
        )
    try:
        network, _ = tasks.load_checkpoint(str(path), device=device, fuse=True)
    except Exception as error:  # An unknown file can fail in any way.
        raise InputError(
            f"{what}: {path} cannot be loaded{'' if trust else ' as weights only'} ({type(error).__name__}), so it is "
            f"not opened; if you trust it, export it to ONNX with ultralytics and give that file{otherwise}."
        ) from error

    def run(pixels: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            answer = network(torch.from_numpy(pixels).to(device))
        return (answer[0] if isinstance(answer, (tuple, list)) else answer).cpu().numpy()

    names = getattr(network, "names", {})
    named = names.values() if isinstance(names, dict) else names
    side = network.args.get("imgsz")
    return Checkpoint(run, tuple(map(str, named)), str(network.task), side if isinstance(side, int) else None)

"""Run a YOLO checkpoint in a separate process that imports torch, independent of the caller's imports."""

import os
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from loky.process_executor import ProcessPoolExecutor, TerminatedWorkerError

from fer.detectors.contract import Detections
from fer.detectors.yolo_here import YoloDetector, open_here
from fer.detectors.yolo_options import Options
from fer.detectors.yolo_torch import check_installed
from fer.errors import InputError
from fer.launching.parent import leave_with

_opened: list[YoloDetector] = []  # In the worker: its only detector.


class YoloProcess:
    """See :class:`fer.detectors.contract.Detector`; the process ends with this object."""

    def __init__(self, options: Options) -> None:
        check_installed()
        # loky and not the standard library, which would run the caller's script, including TensorFlow, again in the
        # worker. Opened by a job and not by an initializer, whose exceptions would not reach the user.
        self._pool = ProcessPoolExecutor(max_workers=1, initializer=leave_with, initargs=(os.getpid(),))
        self._ask(_open, options, cv2.getNumThreads())

    def detect(self, images: Sequence[np.ndarray]) -> list[Detections]:
        """Return the faces of each image, the most confident first."""
        return self._ask(_detect, list(images))

    def _ask(self, job: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return self._pool.submit(job, *arguments).result()
        except TerminatedWorkerError as error:
            raise InputError(
                "detector yolo: its process was killed, probably by a lack of memory; use a smaller image_size."
            ) from error


def _open(options: Options, threads: int) -> None:
    cv2.setNumThreads(threads)
    _opened[:] = [open_here(options)]


def _detect(images: list[np.ndarray]) -> list[Detections]:
    return _opened[0].detect(images)

"""Run a YOLO checkpoint in a process of its own, which imports torch: beside TensorFlow it would abort."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from loky.process_executor import ProcessPoolExecutor, TerminatedWorkerError

from fer.detectors.yolo_torch import Checkpoint, check_installed, load_checkpoint
from fer.errors import InputError
from fer.launching.parent import leave_with

_OTHERWISE = ""
_opened: list[Checkpoint] = []  # In the worker: its only network.


class CheckpointProcess:
    """A checkpoint: what its file says, and its network as a function; the process ends with this object."""

    def __init__(self, path: Path, what: str, trust: bool, device: str = "cpu") -> None:
        check_installed(what, _OTHERWISE)
        self._what = what
        self._pool = ProcessPoolExecutor(max_workers=1, initializer=leave_with, initargs=(os.getpid(),))
        self.names, self.task, self.image_size = self._ask(_open, path, what, trust, device, cv2.getNumThreads())

    def run(self, pixels: np.ndarray) -> np.ndarray:
        """Return the network's first output for float32 ``(b, 3, height, width)``."""
        return self._ask(_run, pixels)

    def _ask(self, job: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return self._pool.submit(job, *arguments).result()
        except TerminatedWorkerError as error:
            raise InputError(
                f"{self._what}: its process was killed, probably by a lack of memory; use a smaller input_size."
            ) from error


def _open(path: Path, what: str, trust: bool, device: str, threads: int) -> tuple[tuple[str, ...], str, int | None]:
    cv2.setNumThreads(threads)
    opened = load_checkpoint(path, what, _OTHERWISE, trust, device)
    _opened[:] = [opened]
    return opened.names, opened.task, opened.image_size


def _run(pixels: np.ndarray) -> np.ndarray:
    return _opened[0].run(pixels)

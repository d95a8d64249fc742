"""Run exported files as their users do: by ONNX Runtime or ``ai-edge-litert`` on one thread, without TensorFlow."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from fer.export.kinds import FORMATS
from fer.quiet_tensorflow import native_stderr_held

Classify = Callable[[np.ndarray], np.ndarray]
_ERRORS_ONLY = 3
_WARM, _FEWEST, _MOST = 3, 5, 200
_SECONDS = 1.0


def open_exported(file: Path) -> Classify:
    """Return the function of an exported file: uint8 faces ``(n, h, w, c)`` to float32 probabilities ``(n, k)``.

    It computes on one thread. Raises ValueError for a suffix that no format has.
    """
    openers = {FORMATS["onnx"].suffix: _onnx, FORMATS["litert"].suffix: _litert}
    if file.suffix not in openers:
        raise ValueError(f"{file.name} is no exported file: its name ends in none of {', '.join(openers)}")
    return openers[file.suffix](file)


def _onnx(file: Path) -> Classify:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    [taken] = session.get_inputs()

    def classify(faces: np.ndarray) -> np.ndarray:
        [found] = session.run(None, {taken.name: faces})
        return np.asarray(found)

    return classify


def _litert(file: Path) -> Classify:
    from ai_edge_litert.interpreter import Interpreter

    with native_stderr_held():  # It names its delegate.
        interpreter: Any = Interpreter(model_path=str(file), num_threads=1)
        interpreter.allocate_tensors()
    [taken], [given] = interpreter.get_input_details(), interpreter.get_output_details()
    allocated: list[tuple[int, ...]] = []

    def classify(faces: np.ndarray) -> np.ndarray:
        if allocated != [faces.shape]:
            interpreter.resize_tensor_input(taken["index"], faces.shape)
            interpreter.allocate_tensors()
            allocated[:] = [faces.shape]
        interpreter.set_tensor(taken["index"], faces)
        interpreter.invoke()
        return np.asarray(interpreter.get_tensor(given["index"]))

    return classify


def seconds_per_face(classify: Classify, faces: np.ndarray, batch: int) -> float:
    """Return the median computing time of a call divided by its number of faces, in seconds.

    It is the time of the calling thread, on which :func:`open_exported` computes: where the machine is idle, the time
    that passes; other work on it does not count. ``faces`` is uint8 ``(n, h, w, c)``, n at least 1, repeated to fill a
    ``batch``. After three calls that are not timed, calls are timed for about a second: at least 5, at most 200.

    Example:
        >>> faces = np.zeros((4, 48, 48, 1), np.uint8)
        >>> seconds_per_face(lambda batch: batch.mean(axis=(1, 2)), faces, batch=32) < 0.1
        True

    """
    asked = np.ascontiguousarray(np.resize(faces, (batch, *faces.shape[1:])))
    for _ in range(_WARM):
        classify(asked)
    taken: list[float] = []
    while len(taken) < _FEWEST or (len(taken) < _MOST and sum(taken) < _SECONDS):
        before = time.thread_time()
        classify(asked)
        taken.append(time.thread_time() - before)
    return statistics.median(taken) / batch

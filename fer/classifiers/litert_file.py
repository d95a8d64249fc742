"""A network from a LiteRT (TFLite) file, run by ``ai-edge-litert`` on the CPU. The file holds no code."""

import os
from threading import Lock
from typing import Any

import numpy as np

from fer.classifiers.contract import Classifier
from fer.classifiers.geometry import Shape
from fer.classifiers.messages import first_line
from fer.classifiers.prepared import Network, classifier_of
from fer.classifiers.request import Request
from fer.errors import InputError
from fer.identity import file_digest
from fer.quiet_tensorflow import native_stderr_held

_MARK = b"TFL3"  # After the first four bytes.
_BATCH = 32


def open(request: Request) -> Classifier:
    """Return the classifier; raises InputError for a file that is damaged, or no classifier of pictures."""
    request.device.refuse_gpu(request.what, "LiteRT files are run on the CPU")
    request.check_digest()
    content = request.file.read_bytes()
    if content[4:8] != _MARK:
        raise InputError(f"{request.what} is no LiteRT file, or damaged; convert it again.")
    return classifier_of(_network(content, request), request, "litert", file_digest(request.file))


def _network(content: bytes, request: Request) -> Network:
    from ai_edge_litert.interpreter import Interpreter

    try:
        with native_stderr_held():  # It tells how it computes.
            interpreter = Interpreter(model_content=content, num_threads=request.threads or os.cpu_count())
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise InputError(
            f"{request.what} cannot be opened by LiteRT ({first_line(error)}); convert it again, with LiteRT's own "
            "operators only."
        ) from None
    inputs = interpreter.get_input_details()
    taken, given = inputs[0], _output(interpreter.get_output_details(), request)
    if len(inputs) != 1:
        raise InputError(f"{request.what} takes {len(inputs)} inputs, not faces alone; it cannot be used.")
    if not len(taken["shape_signature"]):
        raise InputError(f"{request.what} takes a single number, not faces; it cannot be used.")
    kinds = (np.uint8, np.int8, np.float32)
    if taken["dtype"] not in kinds or given["dtype"] not in kinds:
        raise InputError(
            f"{request.what} maps {np.dtype(taken['dtype'])} to {np.dtype(given['dtype'])}; convert it to take and "
            "return uint8, int8 or float32."
        )
    count, *shape = (int(length) if length > 0 else None for length in taken["shape_signature"])
    # With an open length, the shape that is allocated shows 1 for it: nothing is known of it.
    open_batch = count is None
    run = _Runner(interpreter, taken, given, request)
    lengths = [int(length) for length in given["shape_signature"][1:] if length != 1]
    known = len(lengths) == 1 and lengths[0] > 0
    sides: Shape = tuple(shape)
    takes_bytes = taken["dtype"] is np.uint8 and not taken["quantization"][0]
    eight_bits = given["dtype"] is not np.float32
    return Network(
        run, sides, lengths[0] if known else None, takes_bytes, eight_bits, _BATCH if open_batch else count or 1,
        fixed=not open_batch,
    )  # fmt: skip


def _output(outputs: list[dict[str, Any]], request: Request) -> dict[str, Any]:
    names = [one["name"] for one in outputs]
    wanted = request.said.output_name
    if wanted is None and len(outputs) > 1:
        raise request.needed("output_name", f"has several outputs ({', '.join(names)})", names[0])
    if wanted is not None and wanted not in names:
        raise InputError(f"{request.where} names the output {wanted!r}; {request.what} has: {', '.join(names)}.")
    return outputs[0 if wanted is None else names.index(wanted)]


class _Runner:
    """Maps prepared faces to outputs; real numbers are rounded as the file's eight-bit input asks, and back."""

    def __init__(self, interpreter: Any, taken: dict[str, Any], given: dict[str, Any], request: Request) -> None:
        self._interpreter, self._taken, self._given, self._request = interpreter, taken, given, request
        self._shape = tuple(taken["shape"])
        self._alone = Lock()  # An interpreter holds one batch: threads of a server take turns.

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        with self._alone:
            outputs = self._run(pixels)
        scale, zero = self._given["quantization"]
        return (outputs.astype(np.float32) - zero) * np.float32(scale) if scale else outputs

    def _run(self, pixels: np.ndarray) -> np.ndarray:
        try:
            if pixels.shape != self._shape:
                self._interpreter.resize_tensor_input(self._taken["index"], pixels.shape)
                self._interpreter.allocate_tensors()
                self._shape = pixels.shape
            self._interpreter.set_tensor(self._taken["index"], self._rounded(pixels))
            self._interpreter.invoke()
        except (ValueError, RuntimeError) as error:
            raise InputError(
                f"{self._request.what} cannot be run on pixels of shape {pixels.shape} ({first_line(error)}); correct "
                f"{self._request.where}, or convert it again."
            ) from None
        return self._interpreter.get_tensor(self._given["index"])

    def _rounded(self, pixels: np.ndarray) -> np.ndarray:
        kind = self._taken["dtype"]
        scale, zero = self._taken["quantization"]
        if scale:
            limits = np.iinfo(kind)
            return np.clip(np.round(pixels / np.float32(scale)) + zero, limits.min, limits.max).astype(kind)
        return pixels.astype(kind, copy=False)

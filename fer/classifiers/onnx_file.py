"""A network from an ONNX file, run by ONNX Runtime. The file holds no code."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fer.classifiers.contract import Classifier
from fer.classifiers.geometry import Shape
from fer.classifiers.messages import first_line
from fer.classifiers.onnx_session import session_of
from fer.classifiers.prepared import BATCH, Network, classifier_of
from fer.classifiers.request import Request
from fer.errors import InputError
from fer.identity import file_digest

_TYPES: Mapping[str, Any] = {
    "tensor(uint8)": np.uint8,
    "tensor(float16)": np.float16,
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
}


def open(request: Request) -> Classifier:
    """Return the classifier; a YOLO model, which says so in the file's metadata, is opened as one.

    Raises InputError for a file that is damaged, or no classifier of pictures.
    """
    request.check_digest()
    return open_file(request.file, request)


def open_file(file: Path, request: Request) -> Classifier:
    """Return the classifier in a file, as :func:`open`."""
    session = session_of(file, request)
    if "task" in session.get_modelmeta().custom_metadata_map:
        from fer.classifiers import yolo

        return yolo.open_session(session, request, file_digest(file))
    return classifier_of(network_of(session, request), request, "onnx", file_digest(file))


def network_of(session: Any, request: Request) -> Network:
    """Return the network of a session with one input of faces; raises InputError for another."""
    inputs = session.get_inputs()
    if len(inputs) != 1:
        names = ", ".join(one.name for one in inputs)
        raise InputError(f"{request.what} takes {len(inputs)} inputs ({names}), not faces alone; it cannot be used.")
    taken = inputs[0]
    if taken.type not in _TYPES:
        raise InputError(f"{request.what} takes {taken.type}, not uint8 or real numbers; it cannot be used.")
    if not taken.shape:
        raise InputError(f"{request.what} takes a single number, not faces; it cannot be used.")
    kind = _TYPES[taken.type]
    given = _output(session.get_outputs(), request)
    count, *shape = _lengths(taken.shape)
    lengths = [length for length in _lengths(given.shape)[1:] if length != 1]

    def run(pixels: np.ndarray) -> np.ndarray:
        try:
            return session.run([given.name], {taken.name: pixels.astype(kind, copy=False)})[0]
        except Exception as error:  # As above.
            raise InputError(
                f"{request.what} cannot be run on pixels of shape {pixels.shape} ({first_line(error)}); correct "
                f"{request.where}, or export it again."
            ) from None

    return Network(
        run,
        tuple(shape),
        lengths[0] if len(lengths) == 1 else None,
        takes_bytes=kind is np.uint8,
        batch=count or BATCH,
        fixed=count is not None,
    )


def _output(outputs: list[Any], request: Request) -> Any:
    """Return the output that holds the emotions: the one that is named, else the only one of real numbers."""
    names = ", ".join(one.name for one in outputs)
    wanted = request.said.output_name
    if wanted is not None:
        chosen = [one for one in outputs if one.name == wanted]
        if not chosen:
            raise InputError(f"{request.where} names the output {wanted!r}; {request.what} has: {names}.")
    else:
        chosen = [one for one in outputs if one.type in _TYPES]
        if len(chosen) > 1:
            raise request.needed("output_name", f"has several outputs ({names})", chosen[0].name)
    if not chosen or chosen[0].type not in _TYPES:
        types = ", ".join(one.type for one in outputs)
        raise InputError(
            f"{request.what} gives {types}, not an array of numbers; export it without a map of classes (zipmap=False)."
        )
    return chosen[0]


def _lengths(shape: list[Any] | None) -> Shape:
    """Return lengths as numbers; those that are left open have a name in the file, or are 0."""
    return tuple(length if isinstance(length, int) and length > 0 else None for length in shape or ())

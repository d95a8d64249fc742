"""Sessions of ONNX Runtime, on the device that was asked for."""

from pathlib import Path
from typing import Any

from fer.classifiers.devices import onnx_providers
from fer.classifiers.messages import first_line
from fer.classifiers.request import Request
from fer.errors import InputError

_ERRORS_ONLY = 4  # Its log would repeat what exceptions say.


def session_of(file: Path, request: Request) -> Any:
    """Return an ``onnxruntime.InferenceSession`` of a file on the request's device.

    Raises InputError if the file cannot be read, or the device is not there.
    """
    import onnxruntime

    providers = onnx_providers(request.device, onnxruntime.get_available_providers(), request.what)

    options = onnxruntime.SessionOptions()
    options.log_severity_level = _ERRORS_ONLY
    if request.threads is not None:
        options.intra_op_num_threads = options.inter_op_num_threads = request.threads
    try:
        session = onnxruntime.InferenceSession(str(file), options, providers=providers)
    except Exception as error:  # Its errors have no common class but this.
        raise InputError(
            f"{request.what} cannot be opened by ONNX Runtime ({first_line(error)}); export it again."
        ) from None
    # Where a GPU cannot be used, ONNX Runtime takes the CPU without an error.
    used = session.get_providers()[0]
    if used != providers[0][0]:
        where = f"{request.what} cannot be run on {request.device}"
        raise InputError(f"{where}: ONNX Runtime takes {used} in its place; leave device out.")
    return session

"""A Keras network from a ``.keras``, ``.h5`` or ``.hdf5`` file, read in Keras' safe mode unless it is trusted."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from fer.classifiers.contract import Classifier
from fer.classifiers.devices import CUDA
from fer.classifiers.geometry import Shape
from fer.classifiers.preparation import SCALINGS
from fer.classifiers.prepared import Network, classifier_of
from fer.classifiers.request import Request
from fer.errors import InputError
from fer.identity import file_digest
from fer.progress import announce_loading
from fer.sentinels import AUTO

if TYPE_CHECKING:
    import keras

# A network scales bytes itself if one of its first layers multiplies by so little; after 0 to 1, none does.
_FIRST, _OF_BYTES = 4, 1 / 50
REMEDY = "if you trust who made it, say trust=true"


def open(request: Request) -> Classifier:
    """Return the classifier; raises InputError for a damaged file, and for one with code in it that is not trusted."""
    request.check_digest()
    return open_file(request.file, request)


def open_file(file: Path, request: Request) -> Classifier:
    """Return the classifier in a file, as :func:`open`."""
    announce_loading()
    from fer.models.loading import load_network  # Keras takes seconds.

    choose_device(request)
    model = load_network(file, request.address, not request.trust, REMEDY)
    network = network_of(model, request)
    refuse_scaling_twice(model, request)
    return classifier_of(network, request, "keras", file_digest(file))


def choose_device(request: Request) -> None:
    """Let TensorFlow run on the request's device; raises InputError for one that it does not find."""
    if request.device.kind == AUTO:
        return
    from fer.models.devices import use_gpu, visible_gpus

    request.device.refuse_absent(request.what, visible_gpus(), "TensorFlow")
    use_gpu(request.device.number if request.device.kind == CUDA else None)


def network_of(model: "keras.Model", request: Request) -> Network:
    """Return a Keras model as a network; raises InputError for one with several inputs or outputs, or none."""
    taken, given = (getattr(model, f"{end}_shape", None) for end in ("input", "output"))
    if not _one_shape(taken) or not _one_shape(given):
        raise InputError(f"{request.what} maps {taken} to {given}, not faces to emotions; it cannot be used.")
    kind = str(model.inputs[0].dtype)
    if kind not in ("uint8", "float16", "bfloat16", "float32", "float64"):
        raise InputError(f"{request.what} takes {kind}, not uint8 or real numbers; it cannot be used.")

    def run(pixels: np.ndarray) -> np.ndarray:
        return model.predict_on_batch(pixels)

    outputs = [length for length in given[1:] if length != 1]
    shape: Shape = tuple(taken[1:])
    return Network(run, shape, outputs[0] if len(outputs) == 1 else None, takes_bytes=kind == "uint8")


def refuse_scaling_twice(model: "keras.Model", request: Request) -> None:
    """Raise InputError if pixels are to be scaled for a network that scales those of 0 to 255 itself."""
    said = request.said.scaling
    if said is None or said == SCALINGS["none"]:
        return
    for layer in model.layers[:_FIRST]:
        factors = getattr(layer, "scale", None) if type(layer).__name__ == "Rescaling" else None
        if factors is not None and np.max(factors) <= _OF_BYTES:
            raise InputError(
                f"{request.where} says scaling: {said.name}, but {request.what} itself scales pixels of 0 to 255, by "
                f"its layer {layer.name}; write scaling: none."
            )


def _one_shape(shape: Any) -> TypeGuard[tuple[int | None, ...]]:
    return isinstance(shape, tuple) and len(shape) > 1 and all(isinstance(side, int | None) for side in shape)

"""A backbone's weights in and out of an ONNX file, in which batch normalisation is part of the convolutions.

ONNX files are for prediction: what normalisation does is multiplied into each convolution. To train on from such a
file, a network needs the two apart. So the normalisation's own values are kept in the file's metadata, and a
convolution's weights are divided by them again.
"""

import base64
import io
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from fer.errors import InputError
from fer.models.backbone_layers import flat_layers

KEY = "batch_normalization"
_CONVOLUTION = "Conv"


def with_normalization(model: keras.Model, file: Path) -> None:
    """Add the values of a model's batch normalisation to the metadata of the ONNX file that was made from it."""
    onnx = _onnx()
    kept = io.BytesIO()
    np.savez(kept, *[np.stack(layer.get_weights()) for layer in _normalizations(model)])
    content = onnx.load(file)
    content.metadata_props.add(key=KEY, value=base64.b64encode(kept.getvalue()).decode("ascii"))
    onnx.save(content, file)


def backbone_weights(file: Path, backbone: keras.Model) -> None:
    """Set a backbone's weights to those of an ONNX file that :func:`with_normalization` completed.

    The backbone's convolutions, each followed by batch normalisation, must be in the order of the file's. Raises
    InputError for a file without these values, and for one of another network.
    """
    content = _onnx().load(file)
    kept = {entry.key: entry.value for entry in content.metadata_props}.get(KEY)
    if kept is None:
        raise InputError(f"{file.name} does not hold its batch normalisation; give the model's run, or a Keras file.")
    with np.load(io.BytesIO(base64.b64decode(kept)), allow_pickle=False) as values:
        normalized = [values[name] for name in values.files]
    kernels = _kernels(content)
    convolutions = [layer for layer in flat_layers(backbone) if isinstance(layer, layers.Conv2D)]
    own = list(_normalizations(backbone))
    found = [kernel.shape for kernel in kernels]
    if found != [tuple(layer.kernel.shape) for layer in convolutions] or len(own) != len(normalized) != len(found):
        raise InputError(f"{file.name} is of another network than {backbone.name}; give weights of the same backbone.")
    for convolution, layer, kernel, all_four in zip(convolutions, own, kernels, normalized, strict=True):
        gamma, _, _, variance = all_four
        scale = gamma / np.sqrt(variance + layer.epsilon)
        convolution.kernel.assign(np.divide(kernel, scale, out=np.zeros_like(kernel), where=scale != 0))
        layer.set_weights(list(all_four))


def _normalizations(model: keras.Model) -> list[layers.BatchNormalization]:
    return [layer for layer in flat_layers(model) if isinstance(layer, layers.BatchNormalization)]


def _kernels(content: Any) -> list[np.ndarray]:
    """Return the weights of the convolutions, float32 (height, width, in, out), in the order of the graph."""
    from onnx import numpy_helper

    stored = {one.name: one for one in content.graph.initializer}
    names = [node.input[1] for node in content.graph.node if node.op_type == _CONVOLUTION]
    return [numpy_helper.to_array(stored[name]).astype(np.float32).transpose(2, 3, 1, 0) for name in names]


def _onnx() -> Any:
    try:
        import onnx
    except ImportError:
        raise InputError(
            "weights from an ONNX file need the package onnx; install it: pip install 'fair-fer[export]'."
        ) from None
    return onnx

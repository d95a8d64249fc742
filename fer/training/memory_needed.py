"""The memory that a model and its batches take at least, checked before it is taken."""

import math
from collections.abc import Iterator

import keras

from fer.storage.memory import refuse_too_large

# Bytes of a weight in training: its value, its gradient and the optimizer's two moments.
_A_WEIGHT = 4 * 4


def refuse_large_head(weights: int) -> None:
    """Raise InputError if this many weights of one layer do not fit into the free memory while they are trained."""
    refuse_too_large(
        weights * _A_WEIGHT,
        f"the head has {weights:,} weights on its flattened map",
        "lower the input_size, or give a head that pools",
    )


def refuse_large_batches(model: keras.Model, faces: int) -> None:
    """Raise InputError if the largest layer's output for a batch of ``faces`` does not fit into the free memory.

    The whole of a step takes several times as much; this much it takes in any case, and a system that has less ends the
    process without a word.
    """
    side = max(model.input_shape[1:3] + _resized(model))
    needed = faces * max(_bytes(tensor) for tensor in _outputs(model))
    refuse_too_large(
        needed,
        f"{faces:,} faces of {side} x {side} pixels go through {model.name} at a time",
        "lower the batch_size or the input_size",
    )


def _outputs(model: keras.Model) -> Iterator[keras.KerasTensor]:
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _outputs(layer)
        else:
            yield from layer.output if isinstance(layer.output, list | tuple) else (layer.output,)


def _bytes(tensor: keras.KerasTensor) -> int:
    each = next((size for kind, size in (("8", 1), ("16", 2), ("64", 8)) if tensor.dtype.endswith(kind)), 4)
    return math.prod(size or 1 for size in tensor.shape[1:]) * each


def _resized(model: keras.Model) -> tuple[int, ...]:
    return next((layer.output.shape[1:3] for layer in model.layers if layer.name == "resize"), ())

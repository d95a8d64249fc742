"""Precision: the data types of a model's computation and weights, by the names of Keras' dtype policies."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras

from fer.errors import InputError

FLOAT32, MIXED_FLOAT16, MIXED_BFLOAT16 = "float32", "mixed_float16", "mixed_bfloat16"
# The mixed ones compute at 16 bits and store weights at 32.
PRECISIONS: tuple[str, ...] = (FLOAT32, MIXED_FLOAT16, MIXED_BFLOAT16)


def check_precision(name: str) -> None:
    """Raise InputError for an unknown precision."""
    if name not in PRECISIONS:
        raise InputError(f"unknown precision {name!r}; use one of {', '.join(PRECISIONS)}.")


@contextmanager
def computing_in(name: str) -> Iterator[None]:
    """Set the precision of the layers that are created in this block; afterwards Keras' global setting is restored.

    Keras' applications do not take a policy as an argument; they follow the global one.
    """
    check_precision(name)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def scaled(optimizer: keras.optimizers.Optimizer, precision: str) -> keras.optimizers.Optimizer:
    """Return the optimizer, for float16 with Keras' loss scaling, so that small gradients do not become 0."""
    return keras.optimizers.LossScaleOptimizer(optimizer) if precision == MIXED_FLOAT16 else optimizer

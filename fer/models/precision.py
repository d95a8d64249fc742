"""Precision: the types that a model computes in and keeps its weights in, Keras' dtype policies by name."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras

from fer.errors import InputError

FLOAT32, MIXED_FLOAT16, MIXED_BFLOAT16 = "float32", "mixed_float16", "mixed_bfloat16"
# The mixed ones compute at 16 bits and keep weights at 32.
PRECISIONS: tuple[str, ...] = (FLOAT32, MIXED_FLOAT16, MIXED_BFLOAT16)


def check_precision(name: str) -> None:
    """Raise InputError for a word that is no precision."""
    if name not in PRECISIONS:
        raise InputError(f"unknown precision {name!r}; use one of {', '.join(PRECISIONS)}.")


@contextmanager
def computing_in(name: str) -> Iterator[None]:
    """Let the layers that are made in this block compute in this precision; Keras' own setting is as before after it.

    Keras' applications take no policy as an argument: they follow the global one.
    """
    check_precision(name)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def scaled(optimizer: keras.optimizers.Optimizer, precision: str) -> keras.optimizers.Optimizer:
    """Return the optimizer, at float16 with its loss scaled, so that small gradients do not become 0 (Keras')."""
    return keras.optimizers.LossScaleOptimizer(optimizer) if precision == MIXED_FLOAT16 else optimizer

"""Losses by name, each built with the protocol's label smoothing. Targets are rows that sum to 1, one-hot or soft."""

from collections.abc import Callable

import keras

from fer.errors import InputError

LOSSES: dict[str, Callable[[float], keras.losses.Loss]] = {
    "crossentropy": lambda smoothing: keras.losses.CategoricalCrossentropy(label_smoothing=smoothing),
}


def loss_named(name: str, smoothing: float) -> keras.losses.Loss:
    """Return the loss of this name; raises InputError with the valid names for an unknown one."""
    if name not in LOSSES:
        raise InputError(f"unknown loss {name!r}; use one of {', '.join(LOSSES)}.")
    return LOSSES[name](smoothing)

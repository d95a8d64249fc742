"""Streams of random numbers: every part of a training has its own, made of the seed and the part's name.

A part that is switched on or draws more shifts no other: initial weights, order of the faces, dropout and augmentation
each stay what they are when an option changes another. DomainBed seeds its hyperparameters so.
"""

import hashlib
from collections.abc import Iterator

import keras
import numpy as np

INITIALISATION = "initialisation"
ORDER = "order"
AUGMENTATION = "augmentation"
DROPOUT = "dropout"


def stream_seed(seed: int, part: str) -> int:
    """Return the seed, 0 to 2**31 - 1, of a part's own stream."""
    return int.from_bytes(hashlib.sha256(f"{seed} {part}".encode()).digest()[:4], "big") >> 1


def stream(seed: int, part: str, *place: int) -> np.random.Generator:
    """Return a part's stream at a place, such as (epoch, batch): the same whatever was drawn elsewhere."""
    return np.random.default_rng([stream_seed(seed, part), *place])


def seed_initialisation(seed: int) -> None:
    """Let the layers that are made next draw their initial weights from the seed's own stream for them."""
    keras.utils.set_random_seed(stream_seed(seed, INITIALISATION))


def seed_dropout(model: keras.Model, seed: int) -> None:
    """Give every layer that is random in training a stream of its own, by its place in the model.

    Layers draw the seeds that nobody gave them where the initial weights are drawn.
    """
    for place, layer in enumerate(_flat(model)):
        generator = getattr(layer, "seed_generator", None)
        if generator is not None:
            generator.state.assign([stream_seed(seed, f"{DROPOUT} {place}"), 0])


def _flat(model: keras.Model) -> Iterator[keras.Layer]:
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _flat(layer)
        else:
            yield layer

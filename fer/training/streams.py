"""Random streams: every part of a training has its own, derived from the seed and the part's name.

So a part that is switched on or draws more numbers does not affect the others: initial weights, the order of the faces,
dropout and augmentation are independent of each other's options. DomainBed seeds its hyperparameters in this way.
"""

import hashlib

import keras
import numpy as np

from fer.models.backbone_layers import flat_layers

INITIALISATION = "initialisation"
ORDER = "order"
AUGMENTATION = "augmentation"
DROPOUT = "dropout"
MIXUP = "mixup"


def stream_seed(seed: int, part: str) -> int:
    """Return the seed of a part's stream, 0 to 2**31 - 1."""
    return int.from_bytes(hashlib.sha256(f"{seed} {part}".encode()).digest()[:4], "big") >> 1


def stream(seed: int, part: str, *place: int) -> np.random.Generator:
    """Return a part's stream at a place, such as (epoch, batch), independent of what was drawn elsewhere."""
    return np.random.default_rng([stream_seed(seed, part), *place])


def seed_initialisation(seed: int) -> None:
    """Seed the initial weights of the layers that are created next."""
    keras.utils.set_random_seed(stream_seed(seed, INITIALISATION))


def seed_dropout(model: keras.Model, seed: int) -> None:
    """Give every layer that is random in training its own stream, by its position in the model.

    Otherwise layers draw their seeds from the same stream as the initial weights.
    """
    for place, layer in enumerate(flat_layers(model)):
        generator = getattr(layer, "seed_generator", None)
        if generator is not None:
            generator.state.assign([stream_seed(seed, f"{DROPOUT} {place}"), 0])

"""Sampling: which training faces make an epoch, and in which order.

A sampler maps (dataset, class numbers ``(n,)``, a stream of this epoch's own) to table positions. One that draws by
group needs no more than the dataset's columns; it is registered here.
"""

from collections.abc import Callable

import numpy as np

from fer.data.dataset import FaceDataset
from fer.errors import InputError

Sampler = Callable[[FaceDataset, np.ndarray, np.random.Generator], np.ndarray]


def shuffled(dataset: FaceDataset, codes: np.ndarray, stream: np.random.Generator) -> np.ndarray:
    """Return every face once, in random order."""
    return stream.permutation(np.arange(len(dataset)))


def balanced(dataset: FaceDataset, codes: np.ndarray, stream: np.random.Generator) -> np.ndarray:
    """Return every class that the faces have equally often, together about as many faces as there are.

    A class that is too small is gone through again, each time in another order, so none of its faces comes more than
    once oftener than another; of one that is too large each epoch draws others. No face is made.
    """
    present = np.unique(codes)
    share = max(1, round(len(codes) / len(present)))
    drawn = []
    for code in present:
        rows = np.flatnonzero(codes == code)
        rounds = [stream.permutation(rows) for _ in range(-(-share // len(rows)))]
        drawn.append(np.concatenate(rounds)[:share])
    return stream.permutation(np.concatenate(drawn))


SAMPLERS: dict[str, Sampler] = {"shuffled": shuffled, "balanced": balanced}


def sampler_named(name: str) -> Sampler:
    """Return the sampler of this name; InputError with the valid names for any other."""
    if name not in SAMPLERS:
        raise InputError(f"unknown sampling {name!r}; use one of {', '.join(SAMPLERS)}.")
    return SAMPLERS[name]

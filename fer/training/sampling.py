"""Sampling: which training faces are in an epoch, and in which order.

A sampler maps (dataset, class codes ``(n,)``, a random stream for this epoch) to positions in the table. A sampler by
group finds the groups in the dataset's columns; it is registered here.
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
    """Return every class that is present equally often, in total about as many faces as there are.

    Faces of a small class are repeated, each time in another order, so that the numbers of repeats differ by at most
    one; of a large class, each epoch draws a different subset. No faces are generated. ``codes`` may also be groups, or
    combinations of group and class.
    """
    present = np.unique(codes)
    share = max(1, round(len(codes) / len(present)))
    drawn = []
    for code in present:
        rows = np.flatnonzero(codes == code)
        rounds = [stream.permutation(rows) for _ in range(-(-share // len(rows)))]
        drawn.append(np.concatenate(rounds)[:share])
    return stream.permutation(np.concatenate(drawn))


def held(draw: Callable[[int], np.ndarray], epoch: int, faces: int) -> np.ndarray:
    """Return the faces of an epoch of a fixed length: the passes over the data one after another, cut into epochs.

    Every face is thus used equally often, to within one pass, however large the dataset is.

    Args:
        draw: the order of the pass of this number, int (n,); the same length for every pass.
        epoch: 0-based.
        faces: number of faces in an epoch.

    """
    first = epoch * faces
    size = len(draw(0))
    passes = range(first // size, (first + faces - 1) // size + 1)
    start = first - passes.start * size
    return np.concatenate([draw(number) for number in passes])[start : start + faces]


SAMPLERS: dict[str, Sampler] = {"shuffled": shuffled, "balanced": balanced}


def sampler_named(name: str) -> Sampler:
    """Return the sampler of this name; raises InputError with the valid names for an unknown one."""
    if name not in SAMPLERS:
        raise InputError(f"unknown sampling {name!r}; use one of {', '.join(SAMPLERS)}.")
    return SAMPLERS[name]

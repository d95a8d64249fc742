"""The number of optimiser steps per epoch, which can be held over datasets of different size."""

import math

from fer.data.dataset import FaceDataset
from fer.data.kept_aside import BASE_TRAINING_FACES
from fer.errors import InputError
from fer.sentinels import AUTO

BASE = "base"
_MADE = ("integrate", "balance")
_LONGEST = 9


def check_steps(asked: str) -> None:
    """Raise InputError unless ``steps_per_epoch`` is ``auto``, ``base`` or a whole number of 1 or more."""
    number = asked.isascii() and asked.isdigit() and len(asked) <= _LONGEST and int(asked) > 0
    if asked not in (AUTO, BASE) and not number:
        raise InputError(
            f"steps_per_epoch {asked!r} is not a whole number of 1 or more; give one such as 100, base or auto."
        )


def held_steps(asked: str, dataset: FaceDataset, batch_size: int) -> int | None:
    """Return the optimiser steps of an epoch that ``steps_per_epoch`` asks for; None for one pass over the faces.

    ``base`` is the number of steps that one pass over the training faces of a mixture's base takes, without those kept
    aside: every mixture of one base then has the same number of steps. A dataset that is no mixture is its own base.
    Raises InputError, as :func:`check_steps` does, and for ``base`` if the size of the base is not recorded.
    """
    check_steps(asked)
    if asked == AUTO:
        return None
    if asked != BASE:
        return int(asked)
    faces = dataset.provenance.get(BASE_TRAINING_FACES)
    if faces is None and dataset.provenance.get("made_by") in _MADE:
        raise InputError(
            f"{dataset.name} does not record the size of its base; give steps_per_epoch as a number, or integrate it "
            "again without balancing it."
        )
    if faces is None:
        faces = int((dataset.samples["split"] == "train").sum())
    return math.ceil(faces / batch_size)

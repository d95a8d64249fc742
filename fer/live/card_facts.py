"""What a user of a live model must know of it: how right it is for whom, what it learned from, what it is not for."""

from dataclasses import dataclass

from fer.live.thresholds import GroupPromise
from fer.text.limits import LIMITS


@dataclass(frozen=True)
class MeasuredGroup:
    """The accuracy of a model on one group of a test set.

    Attributes:
        test_set: such as ``eila, test``.
        attribute: by what the faces are grouped: ``emotion``, ``race``, ...
        group: the group's name, as the dataset has it; ``all`` for the whole test set.
        faces: how many there are.
        accuracy: 0..1; of an emotion, its recall.
        low, high: its 95 % interval (see :mod:`fer.fairness.selective`); NaN where it cannot be estimated.

    """

    test_set: str
    attribute: str
    group: str
    faces: int
    accuracy: float
    low: float
    high: float


@dataclass(frozen=True)
class CardFacts:
    """The facts of a model's card.

    Attributes:
        what: what the model is, one sentence.
        trained_on: sentences on its training data.
        measured: its accuracy, by test set, attribute and group.
        evaluated_by_group: whether it was ever evaluated by groups of people; if not, the app warns.
        checked: what the threshold did on faces that it was not chosen on. The groups of the attribute ``told`` are the
            emotions that were told: how often that word was right.
        limits: sentences: what it must not be used for, and what the law says, with its source.
        lacking: sentences: which facts could not be had, and why.

    """

    what: str
    trained_on: tuple[str, ...] = ()
    measured: tuple[MeasuredGroup, ...] = ()
    evaluated_by_group: bool = False
    checked: tuple[GroupPromise, ...] = ()
    limits: tuple[str, ...] = LIMITS
    lacking: tuple[str, ...] = ()

"""From which probability on an emotion is told: the threshold, and for whom it keeps what it promises."""

from dataclasses import dataclass


@dataclass(frozen=True)
class GroupPromise:
    """What a threshold does for one group of the faces that it was chosen on.

    Attributes:
        attribute: by what the faces are grouped, such as ``race``; ``all`` for all faces of a test set.
        group: the group's name, as the dataset has it; ``all``.
        faces: how many faces of the group there were.
        told: how many of them have an emotion that is told.
        coverage: their share, 0..1.
        accuracy: the share of right answers among those that are told, 0..1; NaN if none is.
        low, high: its 95 % interval (see :mod:`fer.fairness.selective`); NaN where it cannot be estimated.
        test_set: whose faces they are, such as ``eila, validation``.
        known: ``bounded``: the promise is made for this group; ``observed``: it has too few independent faces for a
            promise, and its accuracy as it is was asked to reach the aim; ``too few``: not even that. Empty for faces
            that the threshold was not chosen on.

    """

    attribute: str
    group: str
    faces: int
    told: int
    coverage: float
    accuracy: float
    low: float
    high: float
    test_set: str = ""
    known: str = "bounded"


@dataclass(frozen=True)
class Threshold:
    """The rule of "not sure": an emotion is told if its probability is greater than ``value``.

    Attributes:
        value: 0..1; 1 tells no emotion ever.
        aim: the accuracy, 0..1, that what is told is to have in every group.
        groups: what holds for each group that could be estimated, on the faces that the threshold was chosen on.
        not_estimated: sentences that name the groups of too few faces, for which nothing is promised.
        chosen_on: names of the test sets that it was chosen on; empty if it is a default.
        remark: a sentence that the user must see, such as that it is a default; else empty.

    """

    value: float
    aim: float
    groups: tuple[GroupPromise, ...] = ()
    not_estimated: tuple[str, ...] = ()
    chosen_on: tuple[str, ...] = ()
    remark: str = ""

    @property
    def never(self) -> bool:
        """Whether no emotion is ever told."""
        return self.value >= 1

    def tells(self, probability: float) -> bool:
        """Return whether an emotion of this probability is told."""
        return probability > self.value


# Of seven emotions, as people see them in small pictures, people themselves agree on about two in three.
AIM = 0.6
_DEFAULT = 0.7


def default_threshold(why: str) -> Threshold:
    """Return a threshold that promises nothing; ``why``, a clause, is in its remark.

    Example:
        >>> default_threshold("it was never evaluated").remark
        'The threshold of this model is a default, as it was never evaluated: how often it is right is not known.'

    """
    remark = f"The threshold of this model is a default, as {why}: how often it is right is not known."
    return Threshold(_DEFAULT, AIM, remark=remark)

"""From which probability on an emotion is told: the threshold, and for whom it keeps what it promises."""

from dataclasses import dataclass


@dataclass(frozen=True)
class GroupPromise:
    """What a threshold does for one group of the faces that it was chosen on.

    Attributes:
        attribute: by what the faces are grouped, such as ``race``.
        group: the group's name, as the dataset has it.
        faces: how many faces of the group there were.
        told: how many of them have an emotion that is told.
        coverage: their share, 0..1.
        accuracy: the share of right answers among those that are told, 0..1; NaN if none is.
        low, high: its 95 % Clopper-Pearson interval; NaN if none is told.

    """

    attribute: str
    group: str
    faces: int
    told: int
    coverage: float
    accuracy: float
    low: float
    high: float


@dataclass(frozen=True)
class Threshold:
    """The rule of "not sure": an emotion is told if its probability is greater than ``value``.

    Attributes:
        value: 0..1; 1 tells no emotion ever.
        aim: the accuracy, 0..1, that what is told is to have in every group.
        groups: what holds for each group that could be estimated, on the faces that the threshold was chosen on.
        not_estimated: sentences that name the groups of too few faces, for which nothing is promised.
        chosen_on: names of the datasets that it was chosen on; empty if it is a default.
        remark: a sentence that the user must see, such as that it is a default; else empty.

    """

    value: float
    aim: float
    groups: tuple[GroupPromise, ...] = ()
    not_estimated: tuple[str, ...] = ()
    chosen_on: tuple[str, ...] = ()
    remark: str = ""

    def tells(self, probability: float) -> bool:
        """Return whether an emotion of this probability is told."""
        return probability > self.value

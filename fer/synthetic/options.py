"""Options of the synthetic source, validated when they are set."""

import math
from dataclasses import dataclass

from fer.errors import InputError

# Each further group needs its own pairing of mouth and brows; seven emotions allow six of them.
MOST_GROUPS = 7
_UNIT_DIALS = ("skin_tone", "dialect", "imbalance", "difficulty", "vote_error")
_COUNTS = {
    "train": 0,
    "validation": 0,
    "test": 0,
    "frames_per_clip": 1,
    "clips_per_person": 1,
    "annotators": 1,
    "size": 24,
    "seed": 0,
}


@dataclass(frozen=True)
class SyntheticOptions:
    """Options of the synthetic faces; every field has a default.

    groups: names of 1 to 7 groups, the majority first.
    shares: share of each group in the persons of each split; 0 or more, need not sum to 1.
    train, validation, test: number of faces in each split, exactly.
    frames_per_clip: faces per clip (one person, one emotion), nearly alike; the last clip may be shorter.
    clips_per_person: clips per person, with any emotions; the last person may have fewer.
    skin_tone: 0 = every group has the same distribution of tones, 1 = light to dark by group order.
    dialect: 0 = every group shows an emotion in the same way, 1 = each later group swaps the brows and eyes (or
        the nose and mouth) of an emotion for those of another, see ``fer.synthetic.expressions``.
    imbalance: 0 = emotions are equally frequent, 1 = as frequent as in FER2013's training split.
    difficulty: 0 = full, clean expressions, 1 = faint and varied ones under noise.
    annotators, vote_error: votes per face, and the probability that a vote is for another
        emotion than the drawn one (then any of the six, equally).
    size: height and width of a face in pixels, at least 24.
    channels: 1 (gray) or 3 (RGB).
    seed: any integer of 0 or more; the same options give the same bytes.

    Raises InputError for a value outside its range.
    """

    groups: tuple[str, ...] = ("group_a", "group_b", "group_c")
    shares: tuple[float, ...] = (0.6, 0.2, 0.2)
    train: int = 1200
    validation: int = 300
    test: int = 420
    frames_per_clip: int = 4
    clips_per_person: int = 5
    skin_tone: float = 1.0
    dialect: float = 0.6
    imbalance: float = 0.0
    difficulty: float = 0.5
    annotators: int = 3
    vote_error: float = 0.0
    size: int = 48
    channels: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        _check_groups(self.groups, self.shares)
        for field, least in _COUNTS.items():
            check_count(field, getattr(self, field), least)
        if self.train + self.validation + self.test == 0:
            raise InputError("train, validation and test are all 0; ask for at least one face.")
        for field in _UNIT_DIALS:
            check_unit(field, getattr(self, field))
        if isinstance(self.channels, bool) or self.channels not in (1, 3):
            raise InputError(f"channels is {self.channels!r}; use 1 (gray) or 3 (RGB).")


def check_count(field: str, value: object, least: int) -> None:
    """Raise InputError unless ``value`` is an integer of at least ``least``."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InputError(f"{field} is {value!r}; use an integer of at least {least}.")


def check_unit(field: str, value: object) -> None:
    """Raise InputError unless ``value`` is a number from 0 to 1."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not 0.0 <= value <= 1.0:  # type: ignore[operator]
        raise InputError(f"{field} is {value!r}; use a number from 0 to 1.")


def _check_groups(groups: tuple[str, ...], shares: tuple[float, ...]) -> None:
    names_fit = isinstance(groups, tuple) and all(isinstance(name, str) and name for name in groups)
    if not names_fit or not 1 <= len(groups) <= MOST_GROUPS or len(set(groups)) != len(groups):
        raise InputError(f"groups is {groups!r}; use a list of 1 to {MOST_GROUPS} different names.")
    if not isinstance(shares, tuple) or len(shares) != len(groups):
        raise InputError(f"shares is {shares!r}; use a list of {len(groups)} numbers, one for each of groups.")
    for share in shares:
        number = isinstance(share, (int, float)) and not isinstance(share, bool)
        if not number or not math.isfinite(share) or share < 0:
            raise InputError(f"shares is {shares!r}; use numbers of 0 or more, one for each of groups.")
    if not any(shares):
        raise InputError(f"shares is {shares!r}; at least one of groups needs a share above 0.")

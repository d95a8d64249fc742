"""What a user states of a planned study, checked."""

from dataclasses import dataclass

import numpy as np

from analysis.experiments.runs_by_experiment import PERCENT
from analysis.tables.planning import Prices
from fer.errors import InputError


@dataclass(frozen=True)
class Stated:
    """What a user states of the planned study; None is taken from the runs, or is as the field says.

    Shares are in percent, differences in points.

    Attributes:
        accuracy: mean accuracy of the groups.
        clip_correlation: of the answers on two frames of one clip, 0..1; without runs 0.3. Where persons are in several
            clips, what the clip adds to the person.
        person_correlation: of the answers on two clips of one person, 0..1; without runs 0.
        seed_deviation: standard deviation of accuracy over trainings, in points; without runs 0.
        disagreement: share of faces on which exactly one of the two models is right; without runs that of two models
            that fail independently, the most that is likely.
        clips: clips of each group now, such as (8, 60).
        frames: per clip; without runs 10.
        clips_per_person: without runs 1.
        seeds: trainings per side of a change.
        comparisons: number of comparisons that are corrected together; without runs 1.

    Example:
        >>> Stated(accuracy=70, clips=(8, 60)).frames is None  # Then 10 per clip are assumed.
        True

    """

    accuracy: float | None = None
    clip_correlation: float | None = None
    person_correlation: float | None = None
    seed_deviation: float | None = None
    disagreement: float | None = None
    clips: tuple[int, ...] = ()
    frames: int | None = None
    clips_per_person: float | None = None
    seeds: int | None = None
    comparisons: int | None = None


def share(percent: float | None, name: str) -> float:
    """Return a stated percentage as a share of 1; raises InputError, naming it, if it is missing."""
    if percent is None:
        raise InputError(f"{name}= is missing; state it in percent, or give run= or experiment=.")
    return percent / PERCENT


def check_stated(
    difference: float, margin: float | None, power: float, level: float, stated: Stated, prices: Prices
) -> None:
    """Raise InputError for a value out of its range."""
    shares = {"power": power, "level": level, "clip_correlation": stated.clip_correlation,
              "person_correlation": stated.person_correlation}  # fmt: skip
    for name, value in shares.items():
        least = 0.0 if name.endswith("correlation") else np.nextafter(0, 1)
        if value is not None and not least <= value < 1:
            raise InputError(f"{name} {value:g} is not a share of 1; give a number such as 0.3.")
    if power <= level:
        raise InputError(f"power {power:g} is not above the level {level:g}, which chance alone reaches; give more.")
    points = {"difference": difference, "margin": margin, "accuracy": stated.accuracy,
              "disagreement": stated.disagreement}  # fmt: skip
    for name, value in points.items():
        if value is not None and not 0 < value < PERCENT:
            raise InputError(f"{name} {value:g} is not between 0 and 100; it is in percent or points, such as 5.")
    if stated.accuracy is not None and stated.accuracy <= 1:
        raise InputError(
            f"accuracy {stated.accuracy:g} is at most 1 %; write a share of {stated.accuracy:g} in percent."
        )
    if stated.seed_deviation is not None and not 0 <= stated.seed_deviation < PERCENT:
        raise InputError(f"seed_deviation {stated.seed_deviation:g} is not between 0 and 100; it is in points.")
    counts: dict[str, float | None] = {
        "frames": stated.frames,
        "clips_per_person": stated.clips_per_person,
        "seeds": stated.seeds,
        "comparisons": stated.comparisons,
    }
    counts |= {f"clips of group {at}": count for at, count in enumerate(stated.clips, 1)}
    for name, count in counts.items():
        if count is not None and not count >= 1:
            raise InputError(f"{name} {count:g} is less than 1; give 1 or more.")
    for name in ("frame", "clip", "person"):
        if not 0 <= getattr(prices, name) < np.inf:
            raise InputError(f"cost_{name} {getattr(prices, name):g} is no price; give 0 or more.")

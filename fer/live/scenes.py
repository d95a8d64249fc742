"""What is seen at one moment: the faces of a frame, each with its number and its emotion."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

Place = Literal["left", "middle", "right"]


@dataclass(frozen=True, eq=False)
class Followed:
    """One face that is followed through the frames.

    Attributes:
        number: the person's, from 0 in the order of appearance; kept from frame to frame, and for a second unseen.
        box: float64 (4,): x, y, width, height in pixels of the frame, within it.
        emotion: the emotion that is told, smoothed over time; None: not sure.
        probability: 0..1, smoothed over time, of the most probable emotion (of ``emotion``, if there is one).

    """

    number: int
    box: np.ndarray
    emotion: str | None
    probability: float


@dataclass(frozen=True, eq=False)
class Scene:
    """The faces of a frame.

    Attributes:
        time: of the frame, in seconds of the clock by which it was offered.
        size: height and width of the frame in pixels.
        faces: from left to right.
        fault: why this frame could not be read, one sentence; empty where it was.

    """

    time: float
    size: tuple[int, int]
    faces: tuple[Followed, ...]
    fault: str = ""


def place_of(box: np.ndarray, size: tuple[int, int]) -> Place:
    """Return in which third of a frame (height, width) the middle of a box (x, y, width, height) lies.

    As the frame shows it: ``left`` is the left of the picture.

    Example:
        >>> place_of(np.array([500, 100, 80, 80]), (480, 640))
        'right'

    """
    middle = (box[0] + box[2] / 2) / max(size[1], 1)
    return "left" if middle < 1 / 3 else "middle" if middle <= 2 / 3 else "right"

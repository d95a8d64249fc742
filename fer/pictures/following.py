"""Follow faces from frame to frame: the same person keeps one number.

Boxes of consecutive frames are matched by their overlap, with the least total cost (the Hungarian algorithm), as in
SORT (Bewley et al., "Simple online and realtime tracking", 2016). Its motion model, here a constant velocity that is
estimated by an exponential mean, is an option: it serves faces that pass one another, and fast movements. Libraries
that do this bring torch or a licence that this project does not take on.
"""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

# Two boxes that overlap less (intersection over union) are not one face.
_LEAST_OVERLAP = 0.2
# Of the newest movement in the mean of the velocity.
_NEWEST = 0.3


class Follower:
    """Gives each face of a video a number, from 0 in the order in which they appear.

    Args:
        patience: for how many seconds a face may be out of sight and keep its number.
        motion: whether a face is looked for where its movement would have brought it.

    Example:
        >>> follower = Follower()
        >>> follower.follow(np.array([[10, 10, 40, 40], [100, 10, 40, 40]]), 0.0)
        [0, 1]
        >>> follower.follow(np.array([[104, 12, 40, 40], [12, 10, 40, 40]]), 0.04)
        [1, 0]
        >>> follower.follow(np.array([[200, 90, 40, 40]]), 0.08)
        [2]

    """

    def __init__(self, patience: float = 1.0, motion: bool = False) -> None:
        self._patience, self._motion = patience, motion
        self._velocities: dict[int, np.ndarray] = {}
        self._boxes: dict[int, np.ndarray] = {}
        self._seen: dict[int, float] = {}
        self._next = 0

    def follow(self, boxes: np.ndarray | Sequence[np.ndarray], time: float) -> list[int]:
        """Return the numbers of the faces at boxes (k, 4: x, y, width, height) in the frame at ``time`` seconds."""
        now = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
        self._forget(time)
        known = list(self._boxes)
        numbers = [-1] * len(now)
        if known and len(now):
            shared = overlaps(np.stack([self._expected(number, time) for number in known]), now)
            for row, column in zip(*linear_sum_assignment(-shared), strict=True):
                if shared[row, column] >= _LEAST_OVERLAP:
                    numbers[column] = known[row]
        for place, box in enumerate(now):
            if numbers[place] < 0:
                numbers[place], self._next = self._next, self._next + 1
            self._place(numbers[place], box, time)
        return numbers

    def move(self, numbers: Sequence[int], boxes: np.ndarray, time: float) -> None:
        """Note where known faces are at ``time``, for callers who followed them by other means."""
        for number, box in zip(numbers, boxes, strict=True):
            self._place(number, np.asarray(box, dtype=np.float64), time)

    def _place(self, number: int, box: np.ndarray, time: float) -> None:
        passed = time - self._seen.get(number, time)
        if self._motion and passed > 0:
            before = self._boxes[number]
            newest = (box[:2] + box[2:] / 2 - before[:2] - before[2:] / 2) / passed
            known = self._velocities.get(number)
            self._velocities[number] = newest if known is None else known + _NEWEST * (newest - known)
        self._boxes[number], self._seen[number] = box, time

    def _expected(self, number: int, time: float) -> np.ndarray:
        """Return where a face's box is looked for."""
        box = self._boxes[number]
        if number not in self._velocities:
            return box
        return np.concatenate([box[:2] + self._velocities[number] * (time - self._seen[number]), box[2:]])

    def _forget(self, time: float) -> None:
        for number in [number for number, seen in self._seen.items() if time - seen > self._patience]:
            del self._boxes[number], self._seen[number]
            self._velocities.pop(number, None)


def overlaps(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the intersection over union (n, m), 0..1, of boxes (n, 4) with boxes (m, 4): x, y, width, height."""
    a, b = first[:, np.newaxis], second[np.newaxis]
    sides = np.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    shared = sides.clip(0).prod(axis=-1)
    return shared / (a[..., 2:].prod(axis=-1) + b[..., 2:].prod(axis=-1) - shared).clip(1e-9)

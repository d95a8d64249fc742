"""The unit that a metric is measured in, and which end of it is better."""

from enum import StrEnum
from typing import Literal

Direction = Literal["up", "down"]

PERCENT = 100.0


class Unit(StrEnum):
    """The unit of a metric's values."""

    SHARE = "share"  # 0..1; so are differences and standard deviations of shares
    RATIO = "ratio"  # of two values of one metric
    NATS = "nats"  # of information, with natural logarithms
    SQUARED_DISTANCE = "squared distance"  # between probabilities, 0..2

    @property
    def in_percent(self) -> float:
        """The factor to show a value: 100 for a share (percent, percentage points), else 1."""
        return PERCENT if self is Unit.SHARE else 1.0

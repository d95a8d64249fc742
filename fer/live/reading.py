"""Read the newest frame again and again, in a thread of its own."""

from dataclasses import dataclass
from types import TracebackType

import numpy as np

from fer.live.scenes import Scene
from fer.live.thresholds import Threshold
from fer.pictures.faces import FaceReader


@dataclass(frozen=True)
class Statistics:
    """How a reader keeps up.

    Attributes:
        offered, read, dropped: numbers of frames; a dropped one was replaced by a newer one before it was read.
        rate: frames read per second, over the last frames.
        p50, p95: quantiles of the seconds from the offer of a frame to its scene, over the last frames; NaN before.

    """

    offered: int
    read: int
    dropped: int
    rate: float
    p50: float
    p95: float


class LiveReader:
    """Finds, follows and classifies faces in the newest frame; frames never queue.

    Args:
        reader: finds and classifies faces; used by this reader's thread alone.
        threshold: from which probability on an emotion is told.
        every: the detector looks at every so manyth frame; between them boxes are carried on.

    A frame that cannot be read gives a scene with a ``fault``, and the reader goes on.

    Example:
        >>> with LiveReader(model.reader, model.threshold) as live:  # doctest: +SKIP
        ...     live.offer(frame, time.monotonic())
        ...     scene = live.latest()

    """

    def __init__(self, reader: FaceReader, threshold: Threshold, every: int = 1) -> None:
        raise NotImplementedError

    def offer(self, frame: np.ndarray, time: float) -> None:
        """Give a frame, uint8 (h, w, 3) RGB, and its time in seconds; never blocks, and replaces one not yet read."""
        raise NotImplementedError

    def latest(self) -> Scene | None:
        """Return the newest scene; None before the first."""
        raise NotImplementedError

    def statistics(self) -> Statistics:
        """Return how the reader keeps up."""
        raise NotImplementedError

    def close(self) -> None:
        """End the thread; what is offered afterwards is ignored. May be called twice."""
        raise NotImplementedError

    def __enter__(self) -> "LiveReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

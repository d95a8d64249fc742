"""Read the newest frame again and again, in a thread of its own."""

import time as clock
import weakref
from collections import deque
from dataclasses import dataclass
from threading import Condition, Thread
from types import TracebackType
from typing import NamedTuple

import numpy as np

from fer.live.scene_reader import EVERY, SceneReader, check_frame
from fer.live.scenes import Scene
from fer.live.smoothing import CONSTANT, HOLD
from fer.live.thresholds import Threshold
from fer.pictures.faces import FaceReader

# Frames over which rates and latencies are taken.
_LAST = 300
_ENDING = 5.0


@dataclass(frozen=True)
class Statistics:
    """How a reader keeps up.

    Attributes:
        offered, read, dropped: numbers of frames; a dropped one was replaced by a newer one before it was read.
        rate: frames read per second, over the last 300; NaN before the second.
        p50, p95: quantiles of the seconds from the offer of a frame to its scene, over the last 300; NaN before one.

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
        every: the detector looks at every so manyth frame, see :class:`fer.live.SceneReader`.
        constant: of the smoothing, in seconds, see :mod:`fer.live.smoothing`.
        hold: how long another emotion must be the answer to become the word, in seconds.

    A frame that cannot be read gives a scene with a ``fault``, and the reader goes on. The thread ends with
    :meth:`close`, and when the reader is no longer used.

    Example:
        >>> from fer.live import open_live
        >>> model = open_live("shipped")
        >>> with LiveReader(model.reader, model.threshold) as live:
        ...     live.offer(np.zeros((480, 640, 3), np.uint8), time=0.0)
        ...     scene = live.wait(after=-1.0, timeout=60.0)
        >>> scene.size, scene.faces
        ((480, 640), ())

    """

    def __init__(
        self,
        reader: FaceReader,
        threshold: Threshold,
        every: int = EVERY,
        constant: float = CONSTANT,
        hold: float = HOLD,
    ) -> None:
        self._work = _Work(SceneReader(reader, threshold, every, constant, hold))
        # The thread holds the work and not this object, so that it ends when this object is forgotten.
        self._thread = Thread(target=self._work.run, name="live reader", daemon=True)
        self._end = weakref.finalize(self, self._work.stop)
        self._thread.start()

    def offer(self, frame: np.ndarray, time: float) -> None:
        """Give a frame and its time; never blocks, and replaces one that is not yet read.

        Args:
            frame: uint8 (h, w, 3) RGB, or (h, w); not to be changed afterwards.
            time: in seconds, never less than before.

        """
        self._work.offer(frame, time)

    def latest(self) -> Scene | None:
        """Return the newest scene; None before the first."""
        return self._work.scene

    def wait(self, after: float, timeout: float = 1.0) -> Scene | None:
        """Return the newest scene once its time is greater than ``after``; None if there is none within ``timeout``."""
        return self._work.wait(after, timeout)

    def statistics(self) -> Statistics:
        """Return how the reader keeps up."""
        return self._work.statistics()

    def close(self) -> None:
        """End the thread; what is offered afterwards is ignored. May be called twice."""
        self._end()
        self._thread.join(_ENDING)

    def __enter__(self) -> "LiveReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class _Offered(NamedTuple):
    frame: np.ndarray
    time: float
    at: float


class _Work:
    """What the thread does, and what it shares with others; all of it under one lock."""

    def __init__(self, scenes: SceneReader) -> None:
        self._scenes = scenes
        self._changed = Condition()
        self._slot: _Offered | None = None
        self._ended = False
        self._offered = self._read = self._dropped = 0
        self._latencies: deque[float] = deque(maxlen=_LAST)
        self._finished: deque[float] = deque(maxlen=_LAST)
        self.scene: Scene | None = None

    def offer(self, frame: np.ndarray, time: float) -> None:
        with self._changed:
            if self._ended:
                return
            self._offered += 1
            self._dropped += self._slot is not None
            self._slot = _Offered(frame, time, clock.perf_counter())
            self._changed.notify_all()

    def stop(self) -> None:
        with self._changed:
            self._ended, self._slot = True, None
            self._changed.notify_all()

    def wait(self, after: float, timeout: float) -> Scene | None:
        with self._changed:
            there = self._changed.wait_for(
                lambda: self._ended or (self.scene is not None and self.scene.time > after), timeout
            )
            return self.scene if there and self.scene is not None and self.scene.time > after else None

    def run(self) -> None:
        """Read until stopped."""
        while (one := self._next()) is not None:
            scene = self._scene_of(one)
            now = clock.perf_counter()
            with self._changed:
                self.scene = scene
                self._read += 1
                self._latencies.append(now - one.at)
                self._finished.append(now)
                self._changed.notify_all()
            del one  # While the thread waits, the last frame needs no memory.

    def _next(self) -> _Offered | None:
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._slot is not None)
            one, self._slot = self._slot, None
            return None if self._ended else one

    def _scene_of(self, one: _Offered) -> Scene:
        try:
            return self._scenes.read(one.frame, one.time)
        except Exception as error:  # Whatever a frame does to a detector or a network, the next may be read.
            return Scene(one.time, _size(one.frame), (), _fault(error))

    def statistics(self) -> Statistics:
        with self._changed:
            latencies, finished = list(self._latencies), list(self._finished)
            counts = self._offered, self._read, self._dropped
        passed = finished[-1] - finished[0] if len(finished) > 1 else 0.0
        rate = (len(finished) - 1) / passed if passed > 0 else float("nan")
        p50, p95 = np.quantile(latencies, [0.5, 0.95]) if latencies else (float("nan"), float("nan"))
        return Statistics(*counts, rate, float(p50), float(p95))


def _size(frame: object) -> tuple[int, int]:
    try:
        check_frame(frame)  # type: ignore[arg-type]
    except ValueError:
        return 0, 0
    height, width = frame.shape[:2]  # type: ignore[attr-defined]
    return int(height), int(width)


def _fault(error: Exception) -> str:
    reason = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
    return f"this frame could not be read ({reason}); the next one is tried."

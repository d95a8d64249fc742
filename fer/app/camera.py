"""The camera's frames: the newest is offered to the reader; none is kept, and none is sent back.

The browser shows its own camera, at its own rate and without delay, and the page draws the boxes over it. Sending the
frames back with the boxes on them would cost an encoder here and a decoder there, and fell behind by seconds on a busy
machine; drawn on the page, boxes and words are text, in the user's size and colours.
"""

import time
from typing import Any

from fer.live import LiveModel, LiveReader, Scene, Statistics

# Neither the browser nor this machine asks a server for its address (STUN): they reach each other on this machine.
# The list must be there and empty; without it both would ask one of Google's.
NO_SERVERS: dict[str, Any] = {"iceServers": []}
WANTED: dict[str, Any] = {
    "video": {"width": {"ideal": 640}, "height": {"ideal": 480}, "frameRate": {"ideal": 24, "max": 30}},
    "audio": False,
}


class CameraFeed:
    """The frames of one browser's camera, as they are read.

    Attributes:
        last: when the last frame came, in seconds of the monotonic clock; before the first, when this was made.
        frames: how many have come.

    """

    def __init__(self, model: LiveModel) -> None:
        self._live = LiveReader(model.reader, model.threshold)
        self.last, self.frames = time.monotonic(), 0

    def take(self, frame: Any) -> None:
        """Take a frame of PyAV; never waits for the reader."""
        self.last, self.frames = time.monotonic(), self.frames + 1
        self._live.offer(frame.to_ndarray(format="rgb24"), self.last)

    def latest(self) -> Scene | None:
        """Return the newest scene."""
        return self._live.latest()

    def statistics(self) -> Statistics:
        """Return how the reader keeps up."""
        return self._live.statistics()

    def close(self) -> None:
        """End the reader's thread."""
        self._live.close()

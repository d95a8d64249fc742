"""What one browser is told while its camera is on: boxes for every scene, words when something changes, faults."""

import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from fer.app.texts import Texts
from fer.app.words import faces_of, labels_of, words_of
from fer.live import Announcement, Announcer, Scene

# Seconds after which a camera that sends nothing is said to have failed: at its start, and later.
START, LOST = 15, 4


class Feed(Protocol):
    """Where the scenes come from; see :class:`fer.app.camera.CameraFeed`."""

    frames: int
    last: float

    def latest(self) -> Scene | None:
        """Return the newest scene."""
        ...


class Watch:
    """Turns the scenes of a feed into messages for the page.

    Args:
        feed: of one camera.
        texts: of the user's language.
        announcer: decides what is told.
        clock: seconds; the feed's.

    """

    def __init__(
        self, feed: Feed, texts: Texts, announcer: Announcer, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.feed, self.ended = feed, False
        self._texts, self._announcer, self._clock = texts, announcer, clock
        self._lock = threading.Lock()
        self._number = 0
        self._scene: Scene | None = None
        self._fault = ""
        self._asked = False

    def speak(self, texts: Texts) -> None:
        """Go on in another language."""
        self._texts = texts

    def repeat(self) -> None:
        """Tell again, with the next message, how the face that was told last is now."""
        self._asked = True

    def end(self) -> None:
        """Let whoever sends the messages stop."""
        self.ended = True

    def message(self) -> dict[str, Any] | None:
        """Return the next message; None if nothing has changed since the last.

        ``boxes``: see :func:`boxes_of`; ``faces``: a line for each; ``fault``: a sentence, or empty; and, if something
        is told, ``told``: its ``number``, ``text`` and ``emotion``, the name for sounds, empty if there is no face.
        """
        with self._lock:
            scene, fault = self.feed.latest(), self._silence()
            new = scene is not None and scene is not self._scene
            announcement = self._announcer.tell(scene) if new and scene is not None else None
            if self._asked:
                self._asked = False
                announcement = self._announcer.repeat() or announcement
            if not new and announcement is None and fault == self._fault:
                return None
            self._scene, self._fault = scene, fault
            message: dict[str, Any] = {
                "boxes": [] if fault else boxes_of(scene, self._texts),
                "faces": [] if fault else faces_of(scene, self._texts),
                "fault": fault or (scene.fault if scene is not None else ""),
            }
            if announcement is not None:
                message["told"] = self._told(announcement)
            return message

    def _told(self, announcement: Announcement) -> dict[str, Any]:
        self._number += 1
        emotion = "" if announcement.number is None else announcement.emotion or "unsure"
        return {"number": self._number, "text": words_of(announcement, self._texts), "emotion": emotion}

    def _silence(self) -> str:
        """Return a sentence if no frame comes."""
        silent = self._clock() - self.feed.last
        if self.feed.frames == 0:
            return self._texts("live.faults.no_connection", seconds=START) if silent > START else ""
        return self._texts("live.faults.lost", seconds=LOST) if silent > LOST else ""


def boxes_of(scene: Scene | None, texts: Texts) -> list[dict[str, Any]]:
    """Return the boxes of a scene for the page: left, top, width and height as shares of the frame, and a label."""
    if scene is None or min(scene.size) < 1:
        return []
    high, wide = scene.size
    return [
        {
            "number": face.number,
            "left": round(float(face.box[0]) / wide, 4),
            "top": round(float(face.box[1]) / high, 4),
            "width": round(float(face.box[2]) / wide, 4),
            "height": round(float(face.box[3]) / high, 4),
            "label": " ".join(labels_of(face, texts)),
        }
        for face in scene.faces
    ]

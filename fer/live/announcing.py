"""What is to be told of the scenes, and when; in codes, which the app turns into words of the user's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from fer.live.scenes import Followed, Place, Scene, place_of

Order = Literal["nearest", "place"]


@dataclass(frozen=True)
class Announcement:
    """One thing to be told.

    Attributes:
        number: the face's, see :class:`fer.live.scenes.Followed`; None: there is no face (``of`` is 0).
        place: the third of the frame in which the face is; None if it is the only face, or there is none.
        emotion: its emotion; None: not sure, or there is no face.
        of: the number of faces in the scene.

    """

    number: int | None
    place: Place | None
    emotion: str | None
    of: int


class Announcer:
    """Decides of each scene what is told: only what has changed, and one face at a time.

    A face is told when it has an emotion that was not yet told of it, and again when it is no longer sure; a face that
    was never sure is told as such once it has been there for ``patience``. Of several changes, those of the
    same scene wait for their turn, and what changes back meanwhile is not told.

    Args:
        order: which changed face comes first: ``nearest`` (the largest box), or ``place``: from left to right.
        pause: least seconds from one announcement to the next.
        patience: for how many seconds there must be no face, or a face no emotion, before that is told.

    Example:
        >>> import numpy as np
        >>> face = Followed(0, np.array([0, 0, 80, 80]), "happy", 0.9)
        >>> announcer = Announcer()
        >>> announcer.tell(Scene(0.0, (480, 640), (face,)))
        Announcement(number=0, place=None, emotion='happy', of=1)
        >>> announcer.tell(Scene(5.0, (480, 640), (face,)))  # Nothing has changed.
        >>> announcer.repeat()
        Announcement(number=0, place=None, emotion='happy', of=1)

    """

    def __init__(self, order: Order = "nearest", pause: float = 2.0, patience: float = 1.5) -> None:
        self._order, self._pause, self._patience = order, pause, patience
        self._told: dict[int | None, str | None] = {}
        self._unsure_since: dict[int, float] = {}
        self._empty_since: float | None = None
        self._last: tuple[float, int | None] | None = None
        self._scene: Scene | None = None

    def tell(self, scene: Scene) -> Announcement | None:
        """Return what is to be told of a scene; None: nothing now. Scenes come in the order of their times.

        Of a scene with a fault nothing is known, and nothing is told.
        """
        if scene.fault:
            return None
        self._scene = scene
        self._note(scene)
        if self._last is not None and scene.time - self._last[0] < self._pause:
            return None
        if not scene.faces:
            lasting = self._empty_since is not None and scene.time - self._empty_since >= self._patience
            if not lasting or None in self._told:
                return None
            # Whoever comes now is told anew.
            self._told = {None: None}
            self._last = (scene.time, None)
            return Announcement(None, None, None, 0)
        for face in self._in_order(scene.faces):
            if self._is_news(face, scene.time):
                return self._telling(face, scene)
        return None

    def repeat(self) -> Announcement | None:
        """Return, at once, how the face that was told last is in the newest scene (else what is nearest, or no face).

        None before the first scene.
        """
        scene = self._scene
        if scene is None:
            return None
        if not scene.faces:
            return Announcement(None, None, None, 0)
        last = None if self._last is None else self._last[1]
        same = [face for face in scene.faces if face.number == last]
        return self._telling((same or self._in_order(scene.faces))[0], scene)

    def _note(self, scene: Scene) -> None:
        """Note since when there is no face, and since when each face has no emotion."""
        if scene.faces:
            self._empty_since = None
            self._told.pop(None, None)
        elif self._empty_since is None:
            self._empty_since = scene.time
        unsure = [face.number for face in scene.faces if face.emotion is None]
        self._unsure_since = {number: self._unsure_since.get(number, scene.time) for number in unsure}

    def _is_news(self, face: Followed, time: float) -> bool:
        if face.emotion is None:
            lasting = time - self._unsure_since[face.number] >= self._patience
            return lasting and self._told.get(face.number, "") is not None
        return self._told.get(face.number) != face.emotion

    def _telling(self, face: Followed, scene: Scene) -> Announcement:
        self._told[face.number] = face.emotion
        self._last = (scene.time, face.number)
        place = place_of(face.box, scene.size) if len(scene.faces) > 1 else None
        return Announcement(face.number, place, face.emotion, len(scene.faces))

    def _in_order(self, faces: Sequence[Followed]) -> list[Followed]:
        if self._order == "nearest":
            return sorted(faces, key=lambda face: -float(face.box[2] * face.box[3]))
        return sorted(faces, key=lambda face: float(face.box[0] + face.box[2] / 2))

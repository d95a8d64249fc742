"""What is to be told of the scenes, and when; in codes, which the app turns into words of the user's language."""

from dataclasses import dataclass
from typing import Literal

from fer.live.scenes import Place, Scene

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

    Args:
        order: which changed face comes first: ``nearest`` (the largest box), or ``place``: from left to right.
        pause: least seconds from one announcement to the next.
        patience: for how many seconds there must be no face before that is told.

    """

    def __init__(self, order: Order = "nearest", pause: float = 2.0, patience: float = 1.5) -> None:
        raise NotImplementedError

    def tell(self, scene: Scene) -> Announcement | None:
        """Return what is to be told of a scene; None: nothing now. Scenes come in the order of their times."""
        raise NotImplementedError

    def repeat(self) -> Announcement | None:
        """Return, at once, how the face that was told last is in the newest scene (else what is nearest, or no face).

        None before the first scene.
        """
        raise NotImplementedError

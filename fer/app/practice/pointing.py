"""What to look at, drawn on the face: a numbered ring around brows, eyes and mouth."""

from collections.abc import Sequence

import cv2
import numpy as np

from fer.app.practice.faces import PARTS, PracticeFace

_DARK, _LIGHT = (17, 17, 17), (255, 255, 255)
_ROOM = 0.02


def with_rings(face: PracticeFace, parts: Sequence[str] = PARTS) -> np.ndarray:
    """Return the picture with a ring around each region of ``parts``; its number is the part's place in PARTS, from 1.

    A ring is a dark line within a light one: one of both stands out on every skin.

    Example:
        >>> from fer.app.practice.faces import drawn_face
        >>> from fer.app.practice.scheduling import Question
        >>> face = drawn_face(Question("sad", "happy", "full"), 0, 120)
        >>> bool((with_rings(face) != face.picture).any())
        True

    """
    picture = face.picture.copy()
    side = picture.shape[0]
    line = max(1, round(side / 200))
    for part in parts:
        for x, y, wide, high in face.regions[part]:
            centre = (round(x + wide / 2), round(y + high / 2))
            axes = (round(wide / 2 + _ROOM * side), round(high / 2 + _ROOM * side))
            cv2.ellipse(picture, centre, axes, 0, 0, 360, _LIGHT, 3 * line, cv2.LINE_AA)
            cv2.ellipse(picture, centre, axes, 0, 0, 360, _DARK, line, cv2.LINE_AA)
        _number(picture, PARTS.index(part) + 1, face.regions[part], line)
    return picture


def _number(picture: np.ndarray, number: int, boxes: np.ndarray, line: int) -> None:
    """Write a number to the left of the leftmost region."""
    side = picture.shape[0]
    x, y, _, high = boxes[boxes[:, 0].argmin()]
    radius = round(side / 26)
    # The brows' number a little higher, where it is clear of the eyes'.
    above = radius if number == 1 else 0
    centre = (max(radius + 1, round(x - _ROOM * side - radius)), round(y + high / 2) - above)
    cv2.circle(picture, centre, radius, _DARK, -1, cv2.LINE_AA)
    cv2.circle(picture, centre, radius, _LIGHT, line, cv2.LINE_AA)
    place = (centre[0] - round(radius * 0.42), centre[1] + round(radius * 0.45))
    cv2.putText(picture, str(number), place, cv2.FONT_HERSHEY_SIMPLEX, radius / 22, _LIGHT, 2 * line, cv2.LINE_AA)

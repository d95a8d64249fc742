"""From what a YOLO network says of the crop of one face to a score for each of its classes."""

from typing import NamedTuple

import numpy as np

# Of an answer without overlapping boxes: left, top, right, bottom, score, class.
_FINAL = 6


class Scores(NamedTuple):
    """Scores (k,) in 0..1 of the classes of a face, and whether one of them counts as found."""

    values: np.ndarray
    found: bool


def scores_of(output: np.ndarray, classes: int, side: int, confidence: float) -> Scores:
    """Return the score of each class for the face in the middle of a square picture.

    Args:
        output: ``(4 + classes, boxes)``: centre x, centre y, width, height and the scores of all classes; or
            ``(boxes, 6)``: left, top, right, bottom, score and class of boxes that do not overlap. In pixels.
        classes: their number.
        side: of the picture.
        confidence: the score from which a box counts as found.

    Only boxes that hold the middle count, unless none does: others are of another face. Of several boxes with one class
    the best counts. So a face has a score for every class that the network reports, and where none reaches
    ``confidence`` its best guesses below it.

    """
    if output.shape[0] == 4 + classes:
        centre, size, scores = output[:2].T, output[2:4].T, output[4:].T
        holds = (np.abs(centre - side / 2) <= size / 2).all(axis=1)
    else:
        near, far = output[:, :2], output[:, 2:4]
        holds = ((near <= side / 2) & (far >= side / 2)).all(axis=1)
        scores = np.zeros((len(output), classes))
        numbers = output[:, 5].astype(int)
        known = (numbers >= 0) & (numbers < classes)
        scores[known, numbers[known]] = output[known, 4]
    chosen = scores[holds] if scores[holds].any() else scores
    best = chosen.max(axis=0, initial=0).astype(np.float64).clip(0, 1)
    return Scores(best, bool(best.max(initial=0) >= confidence))


def fits(shape: tuple[int, ...], classes: int) -> bool:
    """Return whether a network's output ``(1, ...)`` is one that :func:`scores_of` reads."""
    return len(shape) == 3 and (shape[1] == 4 + classes or shape[2] == _FINAL)

"""A user's own FaceDataset for practice instead of drawn faces."""

from functools import cache
from pathlib import Path

import cv2
import numpy as np

from fer.app.practice.faces import SIZE, PracticeFace
from fer.app.practice.scheduling import Question
from fer.data.dataset import load_dataset
from fer.errors import InputError

# Where eyes and corners of the mouth are in a face cut by a detector, as shares of its sides, if none finds them there:
# left eye, right eye, left and right corner.
_USUAL = np.array([(0.30, 0.40), (0.70, 0.40), (0.34, 0.76), (0.66, 0.76)])


def check_faces(folder: Path) -> None:
    """Raise InputError unless the folder is a FaceDataset with the faces of at least two emotions."""
    dataset = load_dataset(folder)
    if not dataset.has_faces or dataset.samples["label"].nunique() < 2:
        raise InputError(f"{folder} has no faces of two emotions to practise on; give another FaceDataset.")


class OwnFaces:
    """The faces of a dataset, one at a time."""

    def __init__(self, folder: Path) -> None:
        self._dataset = load_dataset(folder)
        self.name = self._dataset.name
        labels = self._dataset.samples["label"].to_numpy()
        self._places = {emotion: np.flatnonzero(labels == emotion) for emotion in self._dataset.emotions}
        self.emotions = tuple(emotion for emotion, places in self._places.items() if len(places))

    def face(self, question: Question, seed: int) -> PracticeFace:
        """Return a face of the question's emotion; its strength is that of the photograph."""
        place = np.random.default_rng(seed).choice(self._places[question.shown])
        face = self._dataset.faces(np.array([place]))[0]
        picture = cv2.resize(face, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
        picture = picture if picture.ndim == 3 else cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB)
        return PracticeFace(picture, _regions(_points(picture)))


@cache
def own_faces(folder: Path) -> OwnFaces:
    """Return the faces of a dataset, opened once."""
    return OwnFaces(folder)


def _points(picture: np.ndarray) -> np.ndarray:
    """Return eyes and corners of the mouth, (4, 2) in pixels."""
    from fer.detectors import open_detector

    [found] = open_detector("yunet", {}).detect([picture])
    if len(found) and found.landmarks is not None:
        return found.landmarks[0][[0, 1, 3, 4]]
    return _USUAL * picture.shape[0]


def _regions(points: np.ndarray) -> dict[str, np.ndarray]:
    """Return the boxes of brows, eyes and mouth around four points; their sizes in shares of the eyes' distance."""
    left, right, left_corner, right_corner = points
    apart = max(float(np.hypot(*(right - left))), 1.0)
    half = np.array([0.27, 0.14]) * apart
    eyes = np.stack([np.concatenate([eye - half, 2 * half]) for eye in (left, right)])
    brows = eyes - np.array([0.0, 0.34 * apart, 0.0, 0.06 * apart])
    middle, wide = (left_corner + right_corner) / 2, abs(right_corner[0] - left_corner[0]) + 0.25 * apart
    mouth = np.array([[middle[0] - wide / 2, middle[1] - 0.24 * apart, wide, 0.48 * apart]])
    return {"brows": brows, "eyes": eyes, "mouth": mouth}

"""Test-time augmentation: a classifier that averages its probabilities over several views of each face."""

from collections.abc import Callable, Sequence

import numpy as np

from fer.classifiers.contract import Classifier, ClassifierDescription, Faces
from fer.errors import InputError
from fer.sentinels import NONE

# A view maps one face (h, w) or (h, w, c) to another of its shape.
View = Callable[[np.ndarray], np.ndarray]

_SHIFT = 1 / 24


def _as_is(face: np.ndarray) -> np.ndarray:
    return face


def _flipped(face: np.ndarray) -> np.ndarray:
    return face[:, ::-1]


def _shifted(down: int, right: int) -> View:
    """Return the view moved by 1/24 of the side in these directions (-1 or 1); the edge's pixels are repeated."""

    def moved(face: np.ndarray) -> np.ndarray:
        height, width = face.shape[:2]
        rows = np.clip(np.arange(height) - down * round(height * _SHIFT), 0, height - 1)
        columns = np.clip(np.arange(width) - right * round(width * _SHIFT), 0, width - 1)
        return face[rows][:, columns]

    return moved


def _both(view: View) -> tuple[View, View]:
    return view, lambda face: _flipped(view(face))


_CORNERS = [_shifted(down, right) for down in (-1, 1) for right in (-1, 1)]

VIEWS: dict[str, tuple[View, ...]] = {
    NONE: (_as_is,),
    "flip": _both(_as_is),
    "ten_crop": tuple(view for one in (_as_is, *_CORNERS) for view in _both(one)),
}


class AveragedClassifier:
    """A classifier whose probabilities are the mean of another one's over views; see :func:`averaged`."""

    def __init__(self, classifier: Classifier, name: str) -> None:
        self._classifier, self._views = classifier, VIEWS[name]
        self._name = name

    @property
    def description(self) -> ClassifierDescription:
        """What is known of the classifier itself."""
        return self._classifier.description

    def probabilities(self, faces: Faces) -> np.ndarray:
        """Return float32 ``(n, k)``, see :class:`fer.classifiers.contract.Classifier`."""
        answers = np.stack([self._classifier.probabilities(_seen(faces, view)) for view in self._views])
        return answers.mean(axis=0)

    def remarks(self) -> list[str]:
        """Return the classifier's remarks, and over how many views its probabilities were averaged."""
        return [
            *self._classifier.remarks(),
            f"The probabilities are means over {len(self._views)} views of each face (test-time augmentation "
            f"{self._name}).",
        ]


def averaged(classifier: Classifier, name: str) -> Classifier:
    """Return a classifier whose probabilities are means over the views of this name; ``none``: the classifier itself.

    ``flip`` is the face and its mirror image, ``ten_crop`` these two moved by 1/24 of the side to each corner and
    not at all. Raises InputError for an unknown name.
    """
    check_views(name)
    return classifier if name == NONE else AveragedClassifier(classifier, name)


def check_views(name: str) -> None:
    """Raise InputError for an unknown test-time augmentation."""
    if name not in VIEWS:
        raise InputError(f"unknown test_time_augmentation {name!r}; use one of {', '.join(VIEWS)}.")


def _seen(faces: Faces, view: View) -> np.ndarray | Sequence[np.ndarray]:
    if isinstance(faces, np.ndarray):
        return np.stack([view(face) for face in faces]) if len(faces) else faces
    return [view(face) for face in faces]

"""Leave emotions out of a classifier's answers: those that it can hardly tell are better never told."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from fer.classifiers.contract import Classifier, ClassifierDescription, Faces
from fer.errors import InputError


def check_left_out(emotions: Sequence[str], left_out: Collection[str], what: str) -> None:
    """Raise InputError, naming ``what``, if an emotion to be left out is unknown or fewer than two would be left."""
    unknown = [one for one in left_out if one not in emotions]
    if unknown:
        raise InputError(
            f"{what} does not know {unknown[0]!r}, so it cannot be left out; it has {', '.join(emotions)}."
        )
    if len(emotions) - len(set(left_out)) < 2:
        raise InputError(f"fewer than two emotions of {what} would be left; leave out fewer.")


def renormalised(probabilities: np.ndarray, kept: Sequence[int]) -> np.ndarray:
    """Return the columns ``kept`` of probabilities (n, k), scaled so that rows sum to 1; equal ones where all are 0.

    Example:
        >>> renormalised(np.array([[0.2, 0.3, 0.5]]), [0, 1])
        array([[0.4, 0.6]])

    """
    rest = probabilities[:, kept]
    sums = rest.sum(axis=1, keepdims=True)
    return np.where(sums > 0, rest / np.where(sums > 0, sums, 1), 1 / max(len(kept), 1))


class WithoutEmotions:
    """A classifier without some of its emotions, see :class:`fer.classifiers.contract.Classifier`.

    Raises InputError as :func:`check_left_out`.
    """

    def __init__(self, classifier: Classifier, left_out: Collection[str]) -> None:
        known = classifier.description
        check_left_out(known.emotions, left_out, f"model {known.name}")
        self._classifier = classifier
        self._kept = [place for place, emotion in enumerate(known.emotions) if emotion not in left_out]
        self._description = replace(known, emotions=tuple(known.emotions[place] for place in self._kept))

    @property
    def description(self) -> ClassifierDescription:
        """What is known of it, without the emotions left out."""
        return self._description

    def probabilities(self, faces: Faces) -> np.ndarray:
        """Return float32 ``(n, k)`` of the emotions that are left; rows sum to 1."""
        return renormalised(self._classifier.probabilities(faces), self._kept).astype(np.float32)

    def remarks(self) -> list[str]:
        """Return the classifier's own."""
        return self._classifier.remarks()

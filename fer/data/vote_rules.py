"""From annotators' votes to training targets: the majority and the distribution, by the rules of FER+.

The rules are those of Barsoum, Zhang, Canton Ferrer and Zhang (2016), "Training deep networks for facial expression
recognition with crowd-sourced label distribution" (https://arxiv.org/abs/1608.01041), as their code states them
(https://github.com/microsoft/FERPlus, ``_process_data`` in ``src/ferplus.py``, modes ``majority`` and
``crossentropy``). Votes are counts, int ``(n, k)``; the last ``others`` of the k classes are no emotions ("unknown",
"not a face").

One rule is extended. FER+ has ten votes per face, and an emotion with a single vote is taken for an outlier and
removed. Of three votes, as EiLA has, one is no outlier: single votes are removed only from faces with at least
:data:`PANEL` votes.
"""

from collections.abc import Callable, Sequence

import numpy as np

# From this number of votes on, an emotion with one vote has at most a fifth of them, and is taken for an outlier.
PANEL = 5
# The distribution takes the emotions with the most votes until they have this share of all, at most so many of them.
_ENOUGH, _MOST_EMOTIONS = 0.75, 3
_HALF = 0.5


def without_outliers(votes: np.ndarray) -> np.ndarray:
    """Return the votes, int (n, k), without single votes where a face has at least :data:`PANEL` votes.

    Example:
        >>> without_outliers(np.array([[8, 1, 1], [2, 1, 0]])).tolist()
        [[8, 0, 0], [2, 1, 0]]

    """
    counts = np.asarray(votes, dtype=np.int64)
    panel = counts.sum(axis=1, keepdims=True) >= PANEL
    return np.where(panel & (counts == 1), 0, counts)


def majority(votes: np.ndarray) -> np.ndarray:
    """Return the class (0-based) that more than half of the votes without outliers chose, int (n,); -1 for none.

    So -1 for ties, for votes that are scattered, and for a face without votes.

    Example:
        >>> majority(np.array([[6, 4, 0], [5, 5, 0], [4, 3, 3], [5, 4, 1], [0, 0, 0]])).tolist()
        [0, -1, -1, 0, -1]

    """
    counts = without_outliers(votes)
    most = counts.max(axis=1)
    return np.where(most > _HALF * counts.sum(axis=1), counts.argmax(axis=1), -1)


def distribution(votes: np.ndarray, others: int = 0) -> np.ndarray:
    """Return the share of each emotion among the votes that count, float64 (n, k - others); rows sum to 1 or are 0.

    Of the votes without outliers, the emotions with the most votes are taken, tied ones together, until they have three
    quarters of all votes or are three. A class that is no emotion ends this, and does not count where emotions came
    before it. A row is 0, so that the face is to be left out, where such a class is ahead, where more than three
    emotions were taken, and where those taken have no more than half of the votes.

    Example:
        >>> distribution(np.array([[6, 4, 0, 0], [8, 2, 0, 0], [4, 0, 0, 6], [6, 0, 0, 4]]), others=1).tolist()
        [[0.6, 0.4, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]

    """
    counts = without_outliers(votes)
    emotions = counts.shape[1] - others
    return _by_row(counts, lambda row: _shares(row, emotions))[:, :emotions]


def most_voted(votes: np.ndarray, emotions: Sequence[str], labels: Sequence[str]) -> np.ndarray:
    """Return the emotion with the most votes, or the largest share of them, text (n,).

    Of tied ones, the face's label if it is among them, else the first; for a face without votes, its label.

    Example:
        >>> most_voted(np.array([[3, 3, 1], [3, 3, 1], [0, 0, 0]]), ("happy", "sad", "fear"), ["sad", "fear", "fear"])
        array(['sad', 'happy', 'fear'], dtype=object)

    """
    counts, known = np.asarray(votes), np.asarray(labels, dtype=object)
    tied = counts == counts.max(axis=1, keepdims=True)
    named = np.asarray(emotions, dtype=object)
    own = (tied & (named == known[:, None])).any(axis=1) | (counts.sum(axis=1) == 0)
    return np.where(own, known, named[counts.argmax(axis=1)])


def _shares(counts: np.ndarray, emotions: int) -> np.ndarray:
    left, taken = counts.copy(), np.zeros(len(counts))
    total, chosen, ended = counts.sum(), 0, False
    while taken.sum() < _ENOUGH * total and chosen < _MOST_EMOTIONS and not ended:
        most = left.max()
        for place in np.flatnonzero(left == most):
            if place >= emotions:
                ended = True
                break
            taken[place], left[place] = most, 0
            chosen += 1
    if taken.sum() <= _HALF * total or chosen > _MOST_EMOTIONS:
        return np.zeros(len(counts))
    return taken / taken.sum()


def _by_row(counts: np.ndarray, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Return a function of each row, (n, k); many faces have the same votes, and each kind of row is computed once."""
    kinds, which = np.unique(counts, axis=0, return_inverse=True)
    found = np.array([function(row) for row in kinds]).reshape(len(kinds), counts.shape[1])
    return found[which.reshape(-1)]

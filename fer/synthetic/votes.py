"""Annotators' votes with a known error rate, and the resulting labels."""

import numpy as np

from fer.data.emotions import EMOTIONS


def cast_votes(truth: np.ndarray, annotators: int, vote_error: float, generator: np.random.Generator) -> np.ndarray:
    """Return each annotator's vote, (n, annotators) emotion codes, on faces whose codes are ``truth`` (n,).

    A vote errs with probability ``vote_error`` (0..1), and is then any of the other six, equally. The
    numbers drawn do not depend on ``vote_error``: raising it only adds errors to the existing ones.
    """
    drawn = generator.random((len(truth), annotators, 2))
    other = 1 + (drawn[..., 1] * (len(EMOTIONS) - 1)).astype(int)
    wrong = (truth[:, None] + other) % len(EMOTIONS)
    return np.where(drawn[..., 0] < vote_error, wrong, truth[:, None])


def count_votes(votes: np.ndarray) -> np.ndarray:
    """Return the number of votes per emotion, (n, 7), of ``votes`` (n, annotators)."""
    return (votes[:, :, None] == np.arange(len(EMOTIONS))).sum(axis=1)


def majority(votes: np.ndarray) -> np.ndarray:
    """Return the code (n,) with the most votes; in case of a tie, the one voted for first."""
    counts = count_votes(votes)
    tied = np.take_along_axis(counts, votes, axis=1) == counts.max(axis=1, keepdims=True)
    first = tied.argmax(axis=1)
    return votes[np.arange(len(votes)), first]

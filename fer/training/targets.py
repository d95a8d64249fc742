"""Targets: what each training face teaches, its label or the votes of its annotators.

``votes`` teaches the distribution of the votes and ``majority`` the emotion that more than half of them chose, by the
rules of :mod:`fer.data.vote_rules`. A face without votes teaches its label: of a mixture, one part may have votes. A
face whose votes decide nothing is left out and counted. Validation faces keep their labels, so that the epochs of all
three kinds are chosen by the same measure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from fer.data.dataset import FaceDataset
from fer.data.samples import OTHER_VOTES
from fer.data.vote_rules import distribution, majority, most_voted
from fer.data.votes import has_votes, vote_counts
from fer.errors import InputError
from fer.sentinels import AUTO

LABEL, VOTES, MAJORITY = TARGETS = ("label", "votes", "majority")
# Why a face is left out.
UNDECIDED, NO_EMOTION, OUTSIDE = "no majority", "no emotion ahead", "emotion not in the vocabulary"


@dataclass(frozen=True)
class Taught:
    """The training faces that teach something, and what.

    Attributes:
        faces: n faces; the label of each is the emotion that it teaches most.
        shares: float32 (n, k), rows that sum to 1; None where every face teaches its label alone.
        by_votes: how many of them teach votes or a majority; the others teach their label.
        left_out: by reason, how many faces teach nothing.

    """

    faces: FaceDataset
    shares: np.ndarray | None = None
    by_votes: int = 0
    left_out: Mapping[str, int] | None = None

    def sentence(self, kind: str) -> str:
        """Return how many faces teach what, and how many were left out for which reason."""
        total = sum((self.left_out or {}).values())
        reasons = ", ".join(f"{reason}: {count:,}" for reason, count in (self.left_out or {}).items())
        out = f"{total:,} left out ({reasons})" if total else "none left out"
        return f"{kind} of {self.by_votes:,} faces, label of {len(self.faces) - self.by_votes:,}, {out}"


def check_targets(kind: str) -> str:
    """Return the kind of targets, ``label`` for ``auto``; raises InputError with the valid ones for an unknown one."""
    if kind != AUTO and kind not in TARGETS:
        raise InputError(f"unknown targets {kind!r}; use auto or one of {', '.join(TARGETS)}.")
    return LABEL if kind == AUTO else kind


def taught_by(training: FaceDataset, emotions: Sequence[str], kind: str = LABEL) -> Taught:
    """Return what the faces of a training split teach.

    Args:
        training: the faces of the split.
        emotions: the k emotions of the model. Of votes that are shared between these and others, those for the others
            do not count; a face whose emotion with the most votes is none of these is left out.
        kind: one of :data:`TARGETS`.

    Raises InputError if no face has votes where they are to be taught, and if no face is left.

    """
    if kind == LABEL:
        return Taught(training)
    counted = vote_counts(training.samples)
    if counted is None or not has_votes(training.samples):
        raise no_votes(training.name, kind)
    voted = _votes(training.samples, counted).any(axis=1)
    votes, known = _votes(training.samples, counted)[voted], list(counted)
    named = [column.removeprefix("votes_") for column in known]
    shares = np.zeros((len(training), len(emotions)))
    shares[~voted, training.codes(tuple(emotions))[~voted]] = 1.0
    reasons = pd.Series([None] * len(training), dtype="str")
    shares[voted], reasons[voted] = _shares(votes, named, emotions, kind)
    stays = shares.any(axis=1)
    if not stays.any():
        raise InputError(f"the votes of no training face of {training.name} decide for an emotion; use targets=label.")
    labels = training.samples["label"].to_numpy(dtype=object)
    labels[voted & stays] = most_voted(shares[voted & stays], emotions, labels[voted & stays])
    faces = replace(training, samples=training.samples.assign(label=labels)).where(stays)
    left_out = {str(reason): int(count) for reason, count in reasons.value_counts().items()}
    return Taught(faces, shares[stays].astype(np.float32), int((voted & stays).sum()), left_out)


def no_votes(name: str, kind: str) -> InputError:
    """Return the error for a dataset without votes that are to be taught."""
    return InputError(
        f"no training face of {name} has annotators' votes (columns votes_angry, ...), which targets={kind} teaches; "
        "take a dataset with votes, such as ferplus or eila, or targets=label."
    )


def _votes(samples: pd.DataFrame, counted: pd.DataFrame) -> np.ndarray:
    """Return all votes of n faces, int (n, k + 2): for the emotions, then for none."""
    others = [samples[name] if name in samples else pd.Series(0, samples.index) for name in OTHER_VOTES]
    return np.column_stack([counted.to_numpy(), *(one.fillna(0).to_numpy(dtype=np.int64) for one in others)])


def _shares(
    votes: np.ndarray, named: Sequence[str], emotions: Sequence[str], kind: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return what m faces teach, float (m, k), rows of 0 for those left out, and the reason (m,), None for the rest."""
    if kind == MAJORITY:
        first = majority(votes)
        whole = np.eye(len(named) + 1)[np.where((first >= 0) & (first < len(named)), first, len(named))][:, :-1]
        none = first >= len(named)
    else:
        whole = distribution(votes, len(OTHER_VOTES))
        none = votes[:, len(named) :].max(axis=1) >= votes[:, : len(named)].max(axis=1)
    places = [named.index(emotion) if emotion in named else -1 for emotion in emotions]
    within = np.column_stack([whole, np.zeros(len(whole))])[:, places]
    leading = within.max(axis=1) >= whole.max(axis=1)
    within[~leading] = 0.0
    sums = within.sum(axis=1, keepdims=True)
    reason = np.select([sums[:, 0] > 0, whole.any(axis=1), none], ["", OUTSIDE, NO_EMOTION], default=UNDECIDED).astype(
        object
    )
    reason[reason == ""] = None
    return within / np.where(sums > 0, sums, 1.0), reason

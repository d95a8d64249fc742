"""Annotators' votes: how many chose each emotion for a face, in the columns ``votes_<emotion>``."""

import pandas as pd

from fer.data.emotions import EMOTIONS
from fer.data.samples import VOTES, votes_column


def vote_counts(samples: pd.DataFrame) -> pd.DataFrame | None:
    """Return the votes of n faces for the k emotions that were asked for, int64 (n, k), columns in canonical order.

    A face without votes has zeros. None if the samples do not have a column for each of the seven emotions; that of
    contempt is there only where the annotators could choose it. Votes for no emotion (``votes_unknown``,
    ``votes_not_a_face``) are not among them.

    Example:
        >>> samples = pd.DataFrame({votes_column(emotion): [0, 1] for emotion in EMOTIONS} | {"votes_happy": [3, None]})
        >>> vote_counts(samples)["votes_happy"].tolist()
        [3, 0]

    """
    if not {*map(votes_column, EMOTIONS)} <= set(samples):
        return None
    return samples[[column for column in VOTES if column in samples]].fillna(0).astype("int64")


def has_votes(samples: pd.DataFrame) -> bool:
    """Return whether any face has a vote for an emotion."""
    counted = vote_counts(samples)
    return counted is not None and bool(counted.to_numpy().any())

"""Agreement of annotators, per group: the reference against which to read a model's accuracy.

Votes are counts, int ``(n, k)``: how many annotators chose each of k classes for each of n samples. The identity of
the annotators is not known and not needed.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from fer.fairness.clusters import sorted_names


def krippendorff_alpha(votes: np.ndarray) -> float:
    """Return Krippendorff's alpha for nominal data: 1 - observed / expected disagreement, at most 1.

    1: all annotators agree; 0: agreement expected under independent votes; below 0: less than that. Samples with fewer
    than two votes are ignored. NaN if no sample has two votes, or if all votes are for one class. Krippendorff, Content
    Analysis (2004), section 11.3, in the form from counts per unit.
    """
    # Not the package krippendorff, which gives the same values: its licence is GPL 3 or later.
    pairable = np.asarray(votes, dtype=np.float64)
    pairable = pairable[pairable.sum(axis=1) >= 2]
    sizes = pairable.sum(axis=1)
    totals = pairable.sum(axis=0)
    count = totals.sum()
    expected = count**2 - (totals**2).sum()
    if not expected:
        return float("nan")
    observed = ((sizes**2 - (pairable**2).sum(axis=1)) / (sizes - 1)).sum()
    return float(1 - (count - 1) * observed / expected)


def pair_agreement(votes: np.ndarray) -> float:
    """Return the share of agreeing pairs of votes on the same sample, 0..1, pooled over samples; NaN without a pair."""
    counts = np.asarray(votes, dtype=np.float64)
    sizes = counts.sum(axis=1)
    pairs = (sizes * (sizes - 1)).sum()
    return float((counts * (counts - 1)).sum() / pairs) if pairs else float("nan")


def human_ceiling(votes: np.ndarray) -> pd.Series:
    """Return how often one vote agrees with the majority of the others: a human's accuracy on these labels.

    Each vote of each sample with two votes or more is compared with the class that most of the *other* votes chose.
    ``votes``: number of votes compared; ``ceiling`` (0..1): where several classes tie for the majority, a vote for one
    of t tied classes counts 1/t, as if the tie were broken at random; ``tied`` (0..1): the share of votes whose others
    tie; ``ceiling_without_ties`` (0..1): over the others' votes alone. NaN where no vote is left.
    """
    counts = np.asarray(votes, dtype=np.int64)
    counts = counts[counts.sum(axis=1) >= 2]
    classes = counts.shape[1]
    # For a vote of class c the others are the sample's counts less one of c: samples x c x classes.
    others = counts[:, None, :] - np.eye(classes, dtype=np.int64)
    most = others.max(axis=2)
    ties = (others == most[:, :, None]).sum(axis=2)
    with_majority = np.diagonal(others, axis1=1, axis2=2) == most
    held, alone = counts.sum(), counts[ties == 1].sum()
    return pd.Series(
        {
            "votes": held,
            "ceiling": (counts * with_majority / ties).sum() / held if held else np.nan,
            "tied": 1 - alone / held if held else np.nan,
            "ceiling_without_ties": (counts * with_majority)[ties == 1].sum() / alone if alone else np.nan,
        }
    )


def agreement_by_group(
    votes: np.ndarray, *, sensitive_features: ArrayLike, groups: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return the agreement of annotators per group, ``all`` first.

    Columns: ``samples`` (with two votes or more), those of :func:`human_ceiling`, ``pair_agreement`` and ``alpha``.
    A group without such a sample has counts of 0 and NaN.

    Args:
        votes: int (n, k): how many annotators chose each class for each sample.
        sensitive_features: (n,) group names; a null counts in ``all`` only.
        groups: the groups to return, in order; default: those that occur, sorted.

    """
    names = pd.Series(sensitive_features).reset_index(drop=True)
    wanted = sorted_names(names.dropna().unique()) if groups is None else list(groups)
    chosen = {"all": np.ones(len(names), dtype=bool)} | {name: (names == name).to_numpy() for name in wanted}
    rows = {}
    for name, mask in chosen.items():
        counts = votes[mask]
        rows[name] = pd.concat(
            [
                pd.Series({"samples": (counts.sum(axis=1) >= 2).sum()}),
                human_ceiling(counts),
                pd.Series({"pair_agreement": pair_agreement(counts), "alpha": krippendorff_alpha(counts)}),
            ]
        )
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("group")
    return table.astype({"samples": int, "votes": int})

"""Grouped splits: assign whole groups of samples to splits, and count groups shared between splits.

Faces of one person or one clip are not independent. These functions keep them together, or count the independent
parts of a dataset.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fer.data.samples import CLIP, PERSON, SPLITS, qualified_ids
from fer.errors import InputError
from fer.fairness import linked_clusters


def deal_groups(samples: pd.DataFrame, by: str, ratios: Sequence[float], seed: int, where: str = "") -> np.ndarray:
    """Return a split for each sample, object (n,), with every group of ``by`` whole in one split.

    scikit-learn has no grouped, stratified split for unequal ratios. As in its StratifiedGroupKFold, groups
    are assigned one by one, the most unbalanced first and ties in seeded order, each to the split where it
    brings the counts of emotions and the total nearest to their targets: by the sum of
    (count - target)^2 / target.

    Args:
        samples: n rows with ``label`` and ``by``, none of them null.
        by: the column of groups.
        ratios: shares of train, validation and test, which sum to 1; a split with 0 is left out.
        seed: of the order.
        where: where the samples are from, for messages, such as `` of dataset ck``.

    Raises InputError if there are fewer groups than splits; otherwise no split with a positive ratio is empty.

    """
    wanted = [split for split, ratio in enumerate(ratios) if ratio]
    groups, names = pd.factorize(samples[by])
    if len(names) < len(wanted):
        raise InputError(
            f"{len(names)} {by}(s){where} cannot fill {len(wanted)} splits without sharing; use another rule or "
            "a ratio of 0 for a split."
        )
    counts = pd.crosstab(groups, samples["label"].to_numpy()).to_numpy(dtype=float)
    counts = np.column_stack([counts, counts.sum(axis=1)])
    target = np.outer([ratios[split] for split in wanted], counts.sum(axis=0))
    order = np.random.default_rng(seed).permutation(len(names))
    order = order[np.argsort(-counts[order, :-1].std(axis=1), kind="stable")]
    held = np.zeros_like(target)
    chosen = np.empty(len(names), dtype=int)
    for turn, group in enumerate(order):
        added = counts[group]
        # Increase of the sum over this split, except for a term that is the same for all splits.
        growth = ((2 * held * added + added**2) / target).sum(axis=1)
        empty = held[:, -1] == 0
        if len(order) - turn <= empty.sum():  # The last groups are for splits that have none.
            growth[~empty] = np.inf
        chosen[group] = int(growth.argmin())
        held[chosen[group]] += added
    return np.array(SPLITS, dtype=object)[np.array(wanted)[chosen]][groups]


def shared_groups(samples: pd.DataFrame, by: str) -> int:
    """Return the number of groups of ``by`` in more than one split; equal ids of two sources are different groups.

    Faces without a known group are not counted; without the column the result is 0.
    """
    if by not in samples:
        return 0
    return int((samples["split"].groupby(qualified_ids(samples, by)).nunique() > 1).sum())


def blocks(samples: pd.DataFrame, columns: Sequence[str] = (PERSON, CLIP)) -> int:
    """Return the number of blocks of samples, where samples that share a value of any column are in one block.

    It is the number of independent parts, and so the largest number of folds of a cross-validation over these columns.
    Equal ids of two sources are different, as two sources may use one id for two persons. Nulls join nothing; a sample
    that shares nothing is a block of its own; missing columns count as null.
    """
    known = [qualified_ids(samples, column) for column in columns if column in samples]
    return len(np.unique(linked_clusters(*known))) if known else len(samples)

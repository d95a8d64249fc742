"""What is one independent unit: clips, persons, or the blocks that link them; and how many each group has.

Frames of a clip are near copies, and persons who share a clip share light, camera and annotators. A cluster is
the coarsest unit that was recorded; a sample whose id is null is a cluster of its own.
"""

from collections.abc import Iterable, Sequence
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def cluster_codes(clusters: ArrayLike) -> tuple[np.ndarray, int]:
    """Return each sample's cluster as int (n,), 0 and up, and how many clusters there are.

    Ids are numbered in their order of occurrence; each null id is a cluster of its own, after the others.
    """
    codes, known = pd.factorize(pd.Series(clusters).reset_index(drop=True))
    null = codes < 0
    codes[null] = len(known) + np.arange(null.sum())
    return codes.astype(np.int64), len(known) + int(null.sum())


def linked_clusters(*columns: np.ndarray | pd.Series) -> np.ndarray:
    """Return int (n,): the blocks of samples that are linked by a shared id in any of the columns.

    With clip and person: clips that share a person, and all the persons in them, are one block (the connected
    components of the graph of samples and ids). A null id links nothing. Blocks are numbered from 0 in the
    order of occurrence. Raises ValueError without a column, or if the columns differ in length.

    Example:
        Person q is in two clips, which so are one block; the last sample is known by neither.

        >>> linked_clusters(["c1", "c1", "c2", "c3", None], ["p", "q", "q", "r", None]).tolist()
        [0, 0, 0, 1, 2]

    """
    if not columns or len({len(column) for column in columns}) != 1:
        raise ValueError("linked clusters need one or more columns of equal length; give for instance clip and person.")
    samples, nodes = len(columns[0]), len(columns[0])
    starts, ends = [], []
    for column in columns:
        codes, known = pd.factorize(pd.Series(column).reset_index(drop=True))
        there = np.flatnonzero(codes >= 0)
        starts.append(there)
        ends.append(nodes + codes[there])
        nodes += len(known)
    start, end = np.concatenate(starts), np.concatenate(ends)
    graph = coo_array((np.ones(len(start), np.int8), (start, end)), shape=(nodes, nodes))
    block = connected_components(graph, directed=False)[1][:samples]
    return pd.factorize(block)[0].astype(np.int64)


def cluster_counts(
    units: pd.DataFrame, *, sensitive_features: ArrayLike, groups: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return how much each group rests on: one row per group, ``samples`` and one column per unit, int64.

    Args:
        sensitive_features: (n,) names; a null is in no group.
        units: (n rows) ids of persons, clips, clusters or whatever else, one column each. Distinct ids are
            counted, and null ids each as one: a sample whose clip is unknown is its own.
        groups: the rows wanted, in order; default the names that occur, sorted. One without samples has 0.

    Example:
        >>> units = pd.DataFrame({"person": ["p", "p", "q"], "clip": ["c1", "c2", None]})
        >>> cluster_counts(units, sensitive_features=["black", "black", "white"])
               samples  person  clip
        group
        black        2       1     2
        white        1       1     1

    """
    names = pd.Series(sensitive_features).reset_index(drop=True)
    codes = {str(name): cluster_codes(column)[0] for name, column in units.items()}
    rows = {}
    for name in group_names(names, groups):
        here = np.flatnonzero(names == name)
        rows[name] = {"samples": len(here)} | {unit: len(np.unique(code[here])) for unit, code in codes.items()}
    columns = ["samples", *codes]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).astype("int64").rename_axis("group")


def group_names(sensitive_features: ArrayLike, groups: Sequence[str] | None = None) -> list[str]:
    """Return the groups wanted: ``groups``, or the names that occur, sorted."""
    return sorted_names(pd.Series(sensitive_features).dropna().unique()) if groups is None else list(groups)


def sorted_names(names: Iterable[Any]) -> list[Any]:
    """Return names in order; numbers before text where both occur, which have no order of their own."""
    return sorted(names, key=lambda name: (0, name, "") if isinstance(name, Real) else (1, 0, name))

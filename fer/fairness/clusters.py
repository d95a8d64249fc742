"""Clusters of dependent samples: clips, persons, or both linked; and the number of clusters per group.

Frames of a clip are near copies, and persons in one clip share light, camera and annotators. A cluster is the coarsest
recorded unit; a sample with a null id is a cluster of its own.
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
    """Return each sample's cluster as int (n,), from 0, and the number of clusters.

    Ids are numbered in their order of occurrence; each null id is a cluster of its own, after the others.
    """
    codes, known = pd.factorize(pd.Series(clusters).reset_index(drop=True))
    null = codes < 0
    codes[null] = len(known) + np.arange(null.sum())
    return codes.astype(np.int64), len(known) + int(null.sum())


def crossed_codes(clusters: np.ndarray) -> tuple[np.ndarray, int, tuple[np.ndarray, ...]]:
    """Return each sample's intersection of two kinds of clusters (n, 2), as :func:`cluster_codes` does.

    And for each kind the cluster of each intersection, int (intersections,). Raises ValueError for other than two.
    """
    if clusters.shape[1] != 2:
        raise ValueError(f"clusters has {clusters.shape[1]} columns; give one id per sample, or two of crossed kinds.")
    kinds = [cluster_codes(column)[0] for column in clusters.T]
    joint, first = np.unique(np.stack(kinds, axis=1), axis=0, return_inverse=True)
    return first.ravel().astype(np.int64), len(joint), tuple(joint.T.astype(np.int64))


def linked_clusters(*columns: np.ndarray | pd.Series) -> np.ndarray:
    """Return the clusters of samples that are linked by a shared id in any of the columns, int (n,).

    Clusters are the connected components of the graph of samples and ids: with clip and person, clips that share a
    person are one cluster, with all the persons in them. A null id links nothing. Clusters are numbered from 0 in the
    order of occurrence. Raises ValueError without a column, and if the columns differ in length.

    Example:
        Person q is in two clips, which are therefore one cluster; the last sample has neither id.

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
    """Return the number of samples and of units in each group, int64: one row per group.

    Columns: ``samples``, then those of ``units``.

    Args:
        units: n rows, one column of ids per kind of unit (persons, clips, clusters). Distinct ids are counted; each
            null counts as a unit of its own.
        sensitive_features: (n,) group names; a null is in no group.
        groups: the groups to return, in order; default: those that occur, sorted. A group without samples has 0.

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
    """Return ``groups``, or without them the names that occur, sorted."""
    return sorted_names(pd.Series(sensitive_features).dropna().unique()) if groups is None else list(groups)


def sorted_names(names: Iterable[Any]) -> list[Any]:
    """Return names in order; where both occur, numbers before text."""
    return sorted(names, key=lambda name: (0, name, "") if isinstance(name, Real) else (1, 0, name))

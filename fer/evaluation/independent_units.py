"""Clusters of dependent samples, which the bootstrap resamples, and per-group counts of independent units."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from fer.data.emotions import ALL_EMOTIONS
from fer.data.samples import CLIP, CLUSTER_COLUMNS, DETECTION, OTHER_VOTES, PERSON, VOTES, qualified_ids
from fer.errors import InputError
from fer.fairness import FEW_CLUSTERS, cluster_counts, effective_clusters, linked_clusters
from fer.sentinels import AUTO

SAMPLE = "sample"
# Persons in one clip share light, camera and annotators; a person may appear in several clips.
_LINKING = (CLIP, PERSON)
BLOCKS = "blocks of clips and persons"
CROSSED = "clips crossed with persons"
# With fewer of either kind, intervals over crossed clusters are too narrow.
_FEWEST_CROSSED = 8
# Columns by which samples are not drawn together but divided, found or answered.
_NO_UNITS = {
    "label", "split", "row", "predicted", *VOTES, *OTHER_VOTES, *DETECTION,
    *(f"p_{emotion}" for emotion in ALL_EMOTIONS),
}  # fmt: skip


@dataclass(frozen=True)
class Clusters:
    """The clusters of n samples.

    Attributes:
        name: the kind of cluster, in the plural: "blocks of clips and persons", "clips", "samples".
        ids: int (n,); a sample with an unknown id is a cluster of its own. Of crossed clusters, the linked blocks.
        unknown: number of samples with an unknown id.
        crossed: int (n, 2), ids of crossed clips and persons; None for one kind of cluster.

    """

    name: str
    ids: np.ndarray
    unknown: int
    crossed: np.ndarray | None = None

    @property
    def units(self) -> np.ndarray:
        """The clusters of intervals and of differences between groups: ``ids`` (n,), or ``crossed`` (n, 2)."""
        return self.ids if self.crossed is None else self.crossed

    def where(self, mask: np.ndarray) -> "Clusters":
        """Return the clusters of the samples where ``mask``, bool (n,), is true; ``unknown`` stays as it is."""
        return replace(self, ids=self.ids[mask], crossed=None if self.crossed is None else self.crossed[mask])


def clusters_of(samples: pd.DataFrame, unit: str = AUTO, where: str = "the predictions") -> Clusters:
    """Return the clusters of a table of samples or predictions.

    ``unit`` is a column (clip, person, video, any other), ``sample`` (all samples are independent) or ``auto``: clips
    and persons linked where both are known (clips that share a person are one cluster, with all the persons in them),
    else the one of the two that is known, else the sample. Where linking leaves fewer than ten effective blocks (see
    :func:`fer.fairness.effective_clusters`) of more clips and persons, eight or more of each, these are crossed
    clusters instead. Equal ids from different sources are different clusters.

    Raises InputError, naming ``where``, for a column that is missing or has no values, and for one of the project's own
    that says nothing about independence, such as ``label`` or ``split``.
    """
    if unit == SAMPLE:
        return Clusters("samples", np.arange(len(samples)), 0)
    if unit == AUTO:
        known = [name for name in _LINKING if _has(samples, name)]
        if not known:
            return clusters_of(samples, SAMPLE)
        columns = [qualified_ids(samples, name) for name in known]
        unknown = int(np.logical_and.reduce([column.isna() for column in columns]).sum())
        ids = linked_clusters(*columns)
        if len(known) == 1:
            return Clusters(f"{known[0]}s", ids, unknown)
        kinds = [linked_clusters(column) for column in columns]
        fewer = min(map(_effective, kinds))
        if fewer >= _FEWEST_CROSSED and _effective(ids) < min(FEW_CLUSTERS, fewer):
            return Clusters(CROSSED, ids, unknown, np.stack(kinds, axis=1))
        return Clusters(BLOCKS, ids, unknown)
    if unit in _NO_UNITS or not _has(samples, unit):
        has = ", ".join([AUTO, *(name for name in CLUSTER_COLUMNS if _has(samples, name)), SAMPLE])
        raise InputError(f"there is no column {unit!r} to draw clusters by in {where}; give one of {has}.")
    column = qualified_ids(samples, unit)
    return Clusters(f"{unit}s", linked_clusters(column), int(column.isna().sum()))


def unit_counts(
    samples: pd.DataFrame, group: pd.Series, clusters: Clusters, groups: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return per-group counts of samples and independent units, int: one row per group, ``all`` first.

    Columns: ``faces``, ``persons``, ``clips`` and ``videos`` (where recorded; a face with an unknown id counts as
    a unit of its own), ``clusters`` (on which intervals rest; of crossed ones, the fewer kind) and ``emotions``
    (number of distinct true emotions).
    """
    units = {f"{name}s": qualified_ids(samples, name) for name in CLUSTER_COLUMNS if _has(samples, name)}
    kinds = {f"clusters {at}": ids for at, ids in enumerate(np.atleast_2d(clusters.units.T))}
    frame = pd.DataFrame({**units, **kinds}, index=samples.index)
    whole = cluster_counts(frame, sensitive_features=pd.Series("all", index=samples.index))
    by_group = cluster_counts(frame, sensitive_features=group, groups=groups)
    table = pd.concat([whole, by_group]).rename(columns={"samples": "faces"})
    table["clusters"] = table[list(kinds)].min(axis=1)
    table = table.drop(columns=list(kinds))
    shown = samples["label"].groupby(group.to_numpy(dtype=object)).nunique()
    emotions = [samples["label"].nunique(), *(int(shown.get(name, 0)) for name in table.index[1:])]
    return table.assign(emotions=emotions).rename_axis("group")


def _effective(ids: np.ndarray) -> float:
    """Return the effective number of clusters, 0 where one has more than four fifths of the samples."""
    return float(np.nan_to_num(effective_clusters(np.bincount(ids) / len(ids))))


def _has(samples: pd.DataFrame, column: str) -> bool:
    return column in samples and bool(samples[column].notna().any())

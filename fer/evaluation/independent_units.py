"""Which samples hang together: the independent units that intervals are drawn over, and what each group rests on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from fer.data.samples import CLIP, CLUSTER_COLUMNS, PERSON, qualified_ids
from fer.errors import InputError
from fer.fairness import cluster_counts, linked_clusters
from fer.sentinels import AUTO

SAMPLE = "sample"
# Persons who share a clip share light, camera and annotators; a person is one in all clips.
_LINKING = (CLIP, PERSON)
BLOCKS = "blocks of clips and persons"


@dataclass(frozen=True)
class Clusters:
    """The clusters of n samples.

    Attributes:
        name: what one is, in the plural: "blocks of clips and persons", "clips", "samples".
        ids: int (n,); a sample whose id is not known is a cluster of its own.
        unknown: how many of them are not known.

    """

    name: str
    ids: np.ndarray
    unknown: int

    def where(self, mask: np.ndarray) -> "Clusters":
        """Return the clusters of the samples where ``mask``, bool (n,), is true; how many are unknown stays."""
        return replace(self, ids=self.ids[mask])


def clusters_of(samples: pd.DataFrame, unit: str = AUTO, where: str = "the predictions") -> Clusters:
    """Return the clusters of a table of samples or predictions.

    ``unit`` is a column (clip, person, video, any other), ``sample`` (all are independent) or ``auto``: clips and
    persons linked where both are known (clips that share a person are one block, with all the persons in them), else
    that of the two which is, else the sample. The ids of two sources are never one cluster.

    Raises InputError, naming ``where``, for a column that is missing or has no value.
    """
    if unit == SAMPLE:
        return Clusters("samples", np.arange(len(samples)), 0)
    if unit == AUTO:
        known = [name for name in _LINKING if _has(samples, name)]
        if not known:
            return clusters_of(samples, SAMPLE)
        columns = [qualified_ids(samples, name) for name in known]
        unknown = int(np.logical_and.reduce([column.isna() for column in columns]).sum())
        return Clusters(BLOCKS if len(known) > 1 else f"{known[0]}s", linked_clusters(*columns), unknown)
    if not _has(samples, unit):
        has = ", ".join([AUTO, *(name for name in CLUSTER_COLUMNS if _has(samples, name)), SAMPLE])
        raise InputError(f"{where} has no column {unit!r} with values to draw clusters by; give one of {has}.")
    column = qualified_ids(samples, unit)
    return Clusters(f"{unit}s", linked_clusters(column), int(column.isna().sum()))


def unit_counts(
    samples: pd.DataFrame, group: pd.Series, clusters: Clusters, groups: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return what each group rests on: one row a group, ``all`` first; int.

    Columns: ``faces``, ``persons``, ``clips`` and ``videos`` (those that are recorded; a face without one counts as
    its own), ``clusters`` (what intervals are drawn over) and ``emotions`` (how many of them its faces show).
    """
    units = {f"{name}s": qualified_ids(samples, name) for name in CLUSTER_COLUMNS if _has(samples, name)}
    frame = pd.DataFrame({**units, "clusters": clusters.ids}, index=samples.index)
    whole = cluster_counts(frame, sensitive_features=pd.Series("all", index=samples.index))
    by_group = cluster_counts(frame, sensitive_features=group, groups=groups)
    table = pd.concat([whole, by_group]).rename(columns={"samples": "faces"})
    shown = samples["label"].groupby(group.to_numpy(dtype=object)).nunique()
    emotions = [samples["label"].nunique(), *(int(shown.get(name, 0)) for name in table.index[1:])]
    return table.assign(emotions=emotions).rename_axis("group")


def _has(samples: pd.DataFrame, column: str) -> bool:
    return column in samples and bool(samples[column].notna().any())

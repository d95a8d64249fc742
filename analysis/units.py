"""The independent units that intervals are drawn over: linked blocks, clips, persons or samples."""

import numpy as np
import pandas as pd

from fer.errors import InputError
from fer.fairness import cluster_counts, linked_clusters

LINKED, SAMPLE = "linked", "sample"
_LINKING = ("clip", "person")
UNITS = (LINKED, *_LINKING, "video", SAMPLE)


def clusters_of(samples: pd.DataFrame, unit: str = LINKED) -> np.ndarray:
    """Return each sample's cluster (n,).

    ``linked`` (the default): clips that share a person are one, with all the persons in them; with only one of the two
    recorded that one, with none every sample is its own. ``clip``, ``person`` and ``video`` are that column;
    ``sample`` takes all samples as independent. Raises InputError for an unknown unit and one that was not recorded.
    """
    if unit not in UNITS:
        raise InputError(f"unknown cluster {unit!r}; use one of {', '.join(UNITS)}.")
    recorded = [name for name in (*_LINKING, "video") if name in samples and samples[name].notna().any()]
    linking = [name for name in _LINKING if name in recorded]
    if unit == SAMPLE or (unit == LINKED and not linking):
        return linked_clusters(samples["sample_id"])
    if unit != LINKED and unit not in recorded:
        has = ", ".join((LINKED, *recorded, SAMPLE))
        raise InputError(f"the predictions do not know the {unit} of any sample; use one of {has}.")
    return linked_clusters(*(samples[name] for name in (linking if unit == LINKED else [unit])))


def unit_counts(samples: pd.DataFrame, group: pd.Series, unit: str = LINKED) -> pd.DataFrame:
    """Return what each group rests on: one row a group, ``all`` last.

    Columns: ``faces``, the ``persons``, ``clips`` and ``videos`` that are recorded, ``clusters`` (what intervals are
    drawn over) and ``emotions`` (how many of them the group shows).
    """
    columns = {name: samples[name] for name in (*_LINKING[::-1], "video") if name in samples}
    units = pd.DataFrame({f"{name}s": ids for name, ids in columns.items() if ids.notna().any()}, index=samples.index)
    units["clusters"] = clusters_of(samples, unit)
    whole = cluster_counts(pd.Series("all", index=samples.index), units)
    table = pd.concat([cluster_counts(group, units), whole]).rename(columns={"samples": "faces"})
    named = group.to_numpy(dtype=object)
    shown = [samples["label"] if name == "all" else samples["label"][named == name] for name in table.index]
    table["emotions"] = [labels.nunique() for labels in shown]
    return table.rename_axis(group.name).reset_index()

"""Accuracy of the whole way from the raw data: a face that was never found is a wrong answer."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def end_to_end_accuracy(
    right: np.ndarray,
    group: np.ndarray | pd.Series,
    lost_group: np.ndarray | pd.Series,
    groups: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return accuracy a group with the rows that gave no face counted as wrong, ``all`` first.

    Args:
        right: bool (n,), of the samples that a face was found for.
        group: (n,) names; a null is in ``all`` only.
        lost_group: (m,) names of the lost rows' groups; a null likewise.
        groups: the rows wanted, in order; default the names that occur in either, sorted.

    Columns: ``found``, ``lost`` (rows), ``share_lost``, ``accuracy`` (on the found) and ``end_to_end_accuracy``, 0..1;
    NaN where there is nothing to divide by.

    """
    names, missing = pd.Series(group).reset_index(drop=True), pd.Series(lost_group).reset_index(drop=True)
    wanted = sorted({*names.dropna(), *missing.dropna()}) if groups is None else list(groups)
    hits = pd.Series(np.asarray(right, dtype=bool))
    rows = {"all": (len(names), len(missing), int(hits.sum()))}
    rows |= {name: (int((names == name).sum()), int((missing == name).sum()), int(hits[names == name].sum()))
             for name in wanted}  # fmt: skip
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["found", "lost", "hits"]).rename_axis("group")
    whole = table["found"] + table["lost"]
    return pd.DataFrame(
        {
            "found": table["found"],
            "lost": table["lost"],
            "share_lost": table["lost"] / whole.where(whole > 0),
            "accuracy": table["hits"] / table["found"].where(table["found"] > 0),
            "end_to_end_accuracy": table["hits"] / whole.where(whole > 0),
        }
    )

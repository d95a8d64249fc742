"""Representation and association: the share of each group, and how far groups are associated with other columns.

Where groups differ in their emotions or clips too, a gap between them is confounded with these.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import entropy
from scipy.stats.contingency import association as contingency_association
from sklearn.metrics import normalized_mutual_info_score

_COLUMNS = ("samples", "first", "second", "mutual_information", "cramers_v", "determined")


def representation(sensitive_features: ArrayLike) -> pd.DataFrame:
    """Return ``count`` and ``share`` (0..1 of the samples with a known group) of each group, the largest first.

    ``sensitive_features``: (n,) group names; nulls are ignored.

    Example:
        >>> representation(["white", "black", "white", None])
               count     share
        group
        white      2  0.666667
        black      1  0.333333

    """
    counts = pd.Series(sensitive_features).value_counts()
    return pd.DataFrame({"count": counts, "share": counts / counts.sum()}).rename_axis("group")


def effective_groups(sensitive_features: ArrayLike) -> float:
    """Return the effective number of groups: the exponential of the shares' entropy (Hill 1973, order 1).

    Between 1 and the number of groups; NaN if no group is known. ``sensitive_features``: (n,) group names; nulls are
    ignored.

    Example:
        >>> round(effective_groups(["white"] * 8 + ["black"] * 2), 2)
        1.65

    """
    counts = pd.Series(sensitive_features).value_counts()
    return float(np.exp(entropy(counts))) if len(counts) else float("nan")


def association(first: ArrayLike, second: ArrayLike) -> pd.Series:
    """Return measures of association between two categorical variables.

    ``samples``; ``first`` and ``second`` (how many categories each has); ``mutual_information`` (normalised by the
    arithmetic mean of the two entropies, 0..1) and ``cramers_v`` (0..1). Both are 0 for independent categories, and
    biased upwards for few samples. ``determined``: the share of samples whose category of
    ``second`` occurs with one category of ``first`` only, 0..1. NaN where one of them has fewer than two categories.
    Both are (n,); samples with a null in either are ignored.

    Example:
        >>> association(["black", "black", "white", "white"], ["c1", "c1", "c2", "c3"]).round(2).to_dict()
        {'samples': 4.0, 'first': 2.0, 'second': 3.0, 'mutual_information': 0.8, 'cramers_v': 1.0, 'determined': 1.0}

    """
    frame = pd.DataFrame({"first": np.asarray(first), "second": np.asarray(second)}).dropna()
    counts = pd.crosstab(frame["first"], frame["second"])
    found = pd.Series(np.nan, index=list(_COLUMNS))
    found[["samples", "first", "second"]] = len(frame), *counts.shape
    if min(counts.shape) > 1:
        alone = (counts > 0).sum() == 1
        found["mutual_information"] = normalized_mutual_info_score(frame["first"], frame["second"])
        found["cramers_v"] = contingency_association(counts.to_numpy(), method="cramer", correction=False)
        found["determined"] = counts.loc[:, alone].to_numpy().sum() / len(frame)
    return found


def association_table(samples: pd.DataFrame, group: str, others: Sequence[str]) -> pd.DataFrame:
    """Return :func:`association` of the column ``group`` with each of ``others`` that the table has, by row."""
    rows = {other: association(samples[group], samples[other]) for other in others if other in samples}
    table = pd.DataFrame(list(rows.values()), index=pd.Index(list(rows), name=f"{group} with"), columns=list(_COLUMNS))
    return table.astype(dict.fromkeys(_COLUMNS[:3], int)).rename(columns={"first": "groups", "second": "values"})

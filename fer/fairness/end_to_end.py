"""End-to-end accuracy from the raw data: a row in which no face was found counts as wrong."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from numpy.typing import ArrayLike

from fer.fairness.clusters import sorted_names
from fer.fairness.samples import same_length, samples_of


def end_to_end_accuracy(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sensitive_features: ArrayLike,
    lost_sensitive_features: ArrayLike,
    groups: Sequence[str] | None = None,
    labels: Sequence[Any] | None = None,
) -> pd.DataFrame:
    """Return the accuracy of each group with the rows that gave no face counted as wrong, ``all`` first.

    Args:
        y_true: (n,) labels or codes of the samples with a face.
        y_pred: (n,) likewise.
        sensitive_features: (n,) group names; a null counts in ``all`` only.
        lost_sensitive_features: (m,) group names of the lost rows; a null counts in ``all`` only.
        groups: the groups to return, in order; default: those that occur in either, sorted.
        labels: the classes, as in :func:`fer.fairness.bootstrap_metrics`.

    Columns: ``found``, ``lost`` (rows), ``share_lost``, ``accuracy`` (of the found) and ``end_to_end_accuracy``, 0..1;
    NaN for a group without rows. Raises ValueError as :func:`fer.fairness.point_metrics` does.

    Example:
        >>> by = {"sensitive_features": ["black", "white", "white"], "lost_sensitive_features": ["black"]}
        >>> end_to_end_accuracy([1, 1, 0], [1, 1, 1], **by)[["lost", "accuracy", "end_to_end_accuracy"]].round(2)
               lost  accuracy  end_to_end_accuracy
        group
        all       1      0.67                  0.5
        black     1      1.00                  0.5
        white     0      0.50                  0.5

    """
    samples = samples_of(y_true, y_pred, labels=labels)
    names, missing = (
        pd.Series(features).reset_index(drop=True) for features in (sensitive_features, lost_sensitive_features)
    )
    same_length(y_true=len(samples.true), sensitive_features=len(names))
    wanted = sorted_names({*names.dropna(), *missing.dropna()}) if groups is None else list(groups)
    hits = pd.Series(samples.true == samples.predicted)
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

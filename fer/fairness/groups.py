"""Per-group metrics, and their summaries over groups.

A group without samples is NaN with a count of 0, and is ignored by min, max, gap, ratio and std.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from fer.fairness.clusters import group_names
from fer.fairness.definitions import figures_over_groups
from fer.fairness.metric_arrays import summaries_of, summary_names
from fer.fairness.metrics import point_values, weighted_columns
from fer.fairness.samples import same_length
from fer.fairness.sums import Sums
from fer.fairness.units import Direction


def group_metrics(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sensitive_features: ArrayLike,
    y_proba: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    groups: Sequence[str] | None = None,
    labels: Sequence[Any] | None = None,
    sample_weight: ArrayLike | None = None,
) -> pd.DataFrame:
    """Return all metrics of each group: one row per group, ``count``, ``clusters`` and those of :func:`point_metrics`.

    Equal to Fairlearn's ``MetricFrame(...).by_group`` where both have the metric; ``MetricFrame`` does not support (n,
    k) probabilities. A group without samples has a count of 0 and NaN metrics.

    Args:
        y_true: (n,) labels or codes.
        y_pred: (n,) labels or codes.
        sensitive_features: (n,) group names; a null is in no group.
        y_proba: float (n, k); without it the metrics of probabilities are left out.
        clusters: (n,) ids of clips or persons; ``clusters`` counts the distinct ones, without nulls, and is NaN if they
            are not given.
        groups: the groups to return, in order; default: those that occur, sorted.
        labels: see :func:`point_metrics`.
        sample_weight: (n,) 0 or more. ``count`` stays the number of samples.

    Raises ValueError as :func:`point_metrics` does.

    Example:
        >>> y_true = ["sad", "sad", "fear", "fear", "sad", "fear", "sad", "fear"]
        >>> y_pred = ["sad", "fear", "fear", "fear", "sad", "sad", "sad", "sad"]
        >>> race = ["black", "black", "black", "black", "white", "white", "white", "white"]
        >>> group_metrics(y_true, y_pred, sensitive_features=race).round(2)
               count  clusters  accuracy  f1_weighted  f1_macro
        group
        black      4       NaN      0.75         0.73      0.73
        white      4       NaN      0.50         0.33      0.33

    """
    sums, members = sums_by_group(
        y_true,
        y_pred,
        sensitive_features,
        y_proba=y_proba,
        groups=groups,
        labels=labels,
        sample_weight=sample_weight,
    )
    ids = None if clusters is None else pd.Series(clusters).reset_index(drop=True)
    table = pd.DataFrame(index=pd.Index(list(members), name="group"))
    table["count"] = np.array([len(rows) for rows in members.values()], dtype=np.int64)
    table["clusters"] = [np.nan if ids is None else float(ids.iloc[rows].nunique()) for rows in members.values()]
    return table.assign(**point_values(sums))


def group_summary(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sensitive_features: ArrayLike,
    y_proba: ArrayLike | None = None,
    groups: Sequence[str] | None = None,
    labels: Sequence[Any] | None = None,
    sample_weight: ArrayLike | None = None,
) -> pd.Series:
    """Return all summaries over groups: float, by name; NaN with fewer than two groups with samples.

    For ``accuracy`` and ``f1_weighted`` (metrics that are defined with ``over_groups``) the summaries of
    :func:`over_groups`, such as ``accuracy_std``; and ``demographic_parity_difference``, ``equalized_odds_difference``
    and ``recall_difference``. Each is in its own unit (:func:`unit_of`): shares of 1, not percentage points. Arguments
    and errors as in :func:`group_metrics`.

    Example:
        >>> y_true = ["sad", "sad", "fear", "fear", "sad", "fear", "sad", "fear"]
        >>> y_pred = ["sad", "fear", "fear", "fear", "sad", "sad", "sad", "sad"]
        >>> race = ["black", "black", "black", "black", "white", "white", "white", "white"]
        >>> group_summary(y_true, y_pred, sensitive_features=race)[["accuracy_gap", "recall_difference"]].to_dict()
        {'accuracy_gap': 0.25, 'recall_difference': 1.0}

    """
    sums, _ = sums_by_group(
        y_true,
        y_pred,
        sensitive_features,
        y_proba=y_proba,
        groups=groups,
        labels=labels,
        sample_weight=sample_weight,
    )
    return pd.Series(summaries_of(sums.where(sums.count > 0)), index=list(summary_names(sums.layout)), dtype=float)


def over_groups(values: pd.Series, *, direction: Direction = "up") -> pd.Series:
    """Summarise a metric over groups: ``std`` (sample, n - 1), ``min``, ``gap`` (max - min) and ``ratio`` (min / max).

    All but the ratio are in the unit of ``values``: for an accuracy in 0..1, a std of 0.05 is 5 percentage points (the
    studies' "%Std" is 100 times it). With one group all but ``min`` are NaN, with none all are; the ratio is NaN where
    all values are 0.

    Args:
        values: (groups,), by group name; NaN is ignored.
        direction: ``up`` or ``down``: which is better. With ``down``, ``max`` replaces ``min`` as the worst group.

    Example:
        >>> over_groups(pd.Series({"black": 0.5, "mixed": float("nan"), "white": 0.8})).round(3).to_dict()
        {'std': 0.212, 'min': 0.5, 'gap': 0.3, 'ratio': 0.625}

    """
    known = np.asarray(values.dropna(), dtype=float)
    return pd.Series({figure.name: float(figure.of(known)) for figure in figures_over_groups(direction)}, dtype=float)


def worst_group(values: pd.Series, *, direction: Direction = "up") -> str | None:
    """Return the name of the group with the worst value; None if all are NaN.

    Args:
        values: (groups,), by group name; NaN is ignored.
        direction: ``up`` or ``down``: which is better.

    Example:
        >>> worst_group(pd.Series({"black": 0.5, "white": 0.8}))
        'black'

    """
    known = values.dropna()
    if known.empty:
        return None
    return str(known.idxmin() if direction == "up" else known.idxmax())


def sums_by_group(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    sensitive_features: ArrayLike,
    *,
    y_proba: ArrayLike | None = None,
    groups: Sequence[str] | None = None,
    labels: Sequence[Any] | None = None,
    sample_weight: ArrayLike | None = None,
) -> tuple[Sums, dict[str, np.ndarray]]:
    """Return the sums of each group, (groups, columns), and the positions of its samples by name."""
    columns, layout = weighted_columns(y_true, y_pred, y_proba, labels, sample_weight)
    members = group_members(sensitive_features, groups, len(columns))
    totals = [columns[rows].sum(axis=0) for rows in members.values()]
    return Sums(np.array(totals).reshape(len(members), columns.shape[1]), layout), members


def group_members(sensitive_features: ArrayLike, groups: Sequence[str] | None, count: int) -> dict[str, np.ndarray]:
    """Return the positions of each group's samples, int, by name: ``groups``, or the names that occur, sorted."""
    names = pd.Series(sensitive_features).reset_index(drop=True)
    same_length(y_true=count, sensitive_features=len(names))
    return {name: np.flatnonzero(names == name) for name in group_names(names, groups)}

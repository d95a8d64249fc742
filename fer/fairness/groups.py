"""Per-group metrics, and the figures that sum them up over groups.

Groups are addressed by name. A group without samples is NaN with a count of 0, and takes no part in min,
max, gap, ratio and std.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from fer.fairness.clusters import group_names
from fer.fairness.definitions import METRICS, figures_over_groups
from fer.fairness.metric_arrays import columns_of, summaries_of, summary_names
from fer.fairness.metrics import point_values, weighted_columns
from fer.fairness.samples import same_length, samples_of
from fer.fairness.sums import Sums, common_mix
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
    """Return every metric of each group."""
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
    """Return every figure over groups."""
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
    """Sum up one metric over groups."""
    known = np.asarray(values.dropna(), dtype=float)
    return pd.Series({figure.name: float(figure.of(known)) for figure in figures_over_groups(direction)}, dtype=float)


def worst_group(values: pd.Series, *, direction: Direction = "up") -> str | None:
    """Return the name of the group with the worst value; None if no group has one."""
    known = values.dropna()
    if known.empty:
        return None
    return str(known.idxmin() if direction == "up" else known.idxmax())


def standardised_accuracy(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sensitive_features: ArrayLike,
    minimum_count: int = 5,
    groups: Sequence[str] | None = None,
    labels: Sequence[Any] | None = None,
) -> pd.Series:
    """Return the accuracy of each group at one common mix of classes: direct standardisation."""
    sums, members = sums_by_group(y_true, y_pred, sensitive_features, groups=groups, labels=labels)
    at_mix = Sums(sums.totals, sums.layout, common_mix(sums, minimum_count))
    return pd.Series(METRICS["standardised_accuracy"].of(at_mix), index=list(members))


def calibration_error_at_equal_size(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    y_proba: ArrayLike,
    sensitive_features: ArrayLike,
    n_draws: int = 50,
    groups: Sequence[str] | None = None,
    labels: Sequence[Any] | None = None,
    random_state: int = 0,
) -> pd.Series:
    """Return the calibration error of each group on as many samples as the smallest group has."""
    columns, layout = columns_of(samples_of(y_true, y_pred, y_proba, labels))
    members = group_members(sensitive_features, groups, len(columns))
    sizes = [len(rows) for rows in members.values() if len(rows)]
    values = {}
    for name, rows in members.items():
        stream = np.random.default_rng([random_state, len(rows)])
        picks = [stream.choice(rows, min(sizes), replace=False) for _ in range(n_draws if len(rows) else 0)]
        totals = [columns[pick].sum(axis=0) for pick in picks]
        drawn = METRICS["calibration_error"].of(Sums(np.array(totals), layout)) if totals else np.array([np.nan])
        values[name] = float(drawn.mean())
    return pd.Series(values, dtype=float)


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

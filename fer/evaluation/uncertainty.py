"""The uncertainty of per-group metrics: counts, intervals, differences, disparities."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fer.data.attributes import ALL, Attribute
from fer.data.group_limits import check_group_count
from fer.evaluation.independent_units import Clusters, unit_counts
from fer.evaluation.predictions import arrays_of, vocabulary_of
from fer.fairness import (
    FEW_CLUSTERS,
    difference_intervals,
    disparity_statistics,
    effective_sample_size,
    group_intervals,
)

_MOST_REPLICATES, _FEWEST_REPLICATES = 10_000, 2_000
# Total number of weights to draw: more replicates take minutes and move no bound by a tenth of its standard error.
_MOST_WEIGHTS = 10_000_000
_MOST_SLICES = 12
SLICE_COLUMNS = ("count", "clusters", "accuracy", "low", "high", "method")


@dataclass(frozen=True)
class Uncertainty:
    """The uncertainty of the per-group metrics of one attribute.

    Attributes:
        attribute: the attribute that defines the groups.
        counts: per-group faces, persons, clips, clusters and emotions, ``all`` first; see
            :func:`fer.evaluation.independent_units.unit_counts`.
        intervals: see :func:`fer.fairness.group_intervals`.
        differences: of accuracy between every two groups, see :func:`fer.fairness.difference_intervals`.
        disparity: see :func:`fer.fairness.disparity_statistics`.
        effective: see :func:`fer.fairness.effective_sample_size`.

    """

    attribute: Attribute
    counts: pd.DataFrame
    intervals: pd.DataFrame
    differences: pd.DataFrame
    disparity: pd.DataFrame
    effective: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """Return one row per group: counts, ``accuracy`` with ``low``, ``high``, ``method``, and ``effective_samples``.

        The effective sample size is NaN with fewer than ten clusters, where the variance is too uncertain.
        """
        accuracy = self.of("accuracy").rename(columns={"estimate": "accuracy"})
        effective = self.effective["effective"].where(self.effective["clusters"] >= FEW_CLUSTERS)
        table = self.counts.iloc[1:].join(accuracy[["accuracy", "low", "high", "method"]])
        return table.assign(effective_samples=effective).rename_axis("group")

    def of(self, metric: str) -> pd.DataFrame:
        """Return the intervals of one metric: one row per group, ``all`` first."""
        return self.intervals.xs(metric, level=1)


def measure(predictions: pd.DataFrame, attribute: Attribute, groups: Sequence[str], clusters: Clusters) -> Uncertainty:
    """Return the uncertainty of the per-group metrics of an attribute, by resampling these clusters."""
    names = attribute.groups(predictions)
    names = names.where(names.isin(list(groups)))
    check_group_count(names, attribute, "the predictions")
    y_true, y_pred, y_proba = arrays_of(predictions)
    by = {"sensitive_features": names, "clusters": clusters.units, "groups": list(groups)}
    drawn = {**by, "n_resamples": replicates_for(clusters), "labels": vocabulary_of(predictions)}
    return Uncertainty(
        attribute,
        unit_counts(predictions, names, clusters, list(groups)),
        group_intervals(y_true, y_pred, y_proba=y_proba, **drawn),
        difference_intervals(y_true, y_pred, **drawn),
        disparity_statistics(y_true, y_pred, **drawn),
        effective_sample_size(y_true, y_pred, **by),
    )


def replicates_for(clusters: Clusters) -> int:
    """Return the number of bootstrap replicates: 10,000; from 1,000 clusters on fewer, but at least 2,000."""
    count = len(np.unique(clusters.units, axis=0))
    return max(_FEWEST_REPLICATES, min(_MOST_REPLICATES, _MOST_WEIGHTS // max(1, count)))


def slice_accuracy(predictions: pd.DataFrame, by: pd.Series, clusters: Clusters) -> pd.DataFrame:
    """Return accuracy by the values of any column: one row per value, sorted, with :data:`SLICE_COLUMNS`.

    Faces with an unknown value are left out.
    """
    names = by.astype("str")
    values = sorted(names.dropna().unique())
    table = accuracy_by_group(predictions, names, clusters, values).loc[values]
    table.insert(0, "count", names.value_counts().reindex(values))
    return table[list(SLICE_COLUMNS)].rename_axis(by.name)


def whole_accuracy(predictions: pd.DataFrame, clusters: Clusters) -> pd.Series:
    """Return the accuracy over all rows: :data:`SLICE_COLUMNS`."""
    nobody = pd.Series([None] * len(predictions), dtype="str")
    row = accuracy_by_group(predictions, nobody, clusters, []).loc[ALL]
    return pd.concat([pd.Series({"count": len(predictions)}), row])[list(SLICE_COLUMNS)]


def accuracy_by_group(
    predictions: pd.DataFrame, names: pd.Series, clusters: Clusters, groups: Sequence[str]
) -> pd.DataFrame:
    """Return the accuracy of all faces and of each group with its interval: one row per group, ``all`` first.

    The columns of :func:`fer.fairness.group_intervals`, ``estimate`` named ``accuracy``. ``names``: (n,) group of each
    face; a null counts in ``all`` only.
    """
    y_true, y_pred, _ = arrays_of(predictions)
    table = group_intervals(
        y_true,
        y_pred,
        sensitive_features=names,
        clusters=clusters.units,
        groups=groups,
        n_resamples=replicates_for(clusters),
    )
    return table.xs("accuracy", level=1).rename(columns={"estimate": "accuracy"})


def slice_columns(predictions: pd.DataFrame, candidates: Sequence[str]) -> list[str]:
    """Return the columns that have between 2 and 12 distinct values, by which a table can be grouped.

    A column with a value ``all`` is left out: that name is reserved for all rows.
    """
    values = {name: set(predictions[name].dropna().unique()) for name in candidates if name in predictions}
    return [name for name, known in values.items() if 2 <= len(known) <= _MOST_SLICES and ALL not in known]

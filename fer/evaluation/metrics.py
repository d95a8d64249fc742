"""Point metrics of a predictions table: overall, per group, per emotion."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.metrics import confusion_matrix

from fer.data.attributes import Attribute
from fer.evaluation.predictions import arrays_of, vocabulary_of
from fer.fairness import (
    calibration_error_at_equal_size,
    class_metrics,
    group_metrics,
    group_summary,
    point_metrics,
    standardised_accuracy,
    worst_group,
)


@dataclass(frozen=True)
class GroupResult:
    """Per-group metrics of one attribute.

    Attributes:
        attribute: the attribute that defines the groups.
        groups: one row per group: ``count``, ``clusters``, the point metrics, ``standardised_accuracy`` and
            ``calibration_error_equal_size``. Without probabilities, what needs them is left out.
        summary: see :func:`fer.fairness.group_summary`; in the metrics' own units, a std of accuracy as a share of 1.

    """

    attribute: Attribute
    groups: pd.DataFrame
    summary: pd.Series

    @property
    def worst(self) -> str | None:
        """The group with the lowest accuracy; None if no group has samples."""
        return worst_group(self.groups["accuracy"])


def overall(predictions: pd.DataFrame) -> pd.Series:
    """Return the point metrics over all rows; without probabilities, those that need none."""
    y_true, y_pred, y_proba = arrays_of(predictions)
    return point_metrics(y_true, y_pred, y_proba=y_proba)


def by_group(
    predictions: pd.DataFrame,
    attribute: Attribute,
    groups: Sequence[str] | None = None,
    cluster: np.ndarray | pd.Series | None = None,
) -> GroupResult:
    """Return the metrics of each group of ``attribute``.

    ``groups`` names the rows to return; a group without samples is NaN with a count of 0. The column ``clusters``
    counts the distinct ids of ``cluster``, (n,) as from :func:`fer.evaluation.independent_units.clusters_of`; NaN
    without it.
    """
    y_true, y_pred, y_proba = arrays_of(predictions)
    names = attribute.groups(predictions)
    wanted = sorted(names.dropna().unique()) if groups is None else list(groups)
    names = names.where(names.isin(wanted))
    by = {"sensitive_features": names, "groups": wanted}
    table = group_metrics(y_true, y_pred, y_proba=y_proba, clusters=cluster, **by)
    table["standardised_accuracy"] = standardised_accuracy(y_true, y_pred, **by)
    if y_proba is not None:
        table["calibration_error_equal_size"] = calibration_error_at_equal_size(y_true, y_pred, y_proba=y_proba, **by)
    return GroupResult(attribute, table, group_summary(y_true, y_pred, y_proba=y_proba, **by))


def classes_by_group(predictions: pd.DataFrame, attribute: Attribute) -> pd.DataFrame:
    """Return :func:`report_table` of each group: columns ``group, emotion, precision, recall, f1, support``."""
    names = attribute.groups(predictions)
    tables = {name: report_table(predictions[names == name]) for name in sorted(names.dropna().unique())}
    return pd.concat(tables, names=["group", "emotion"]).reset_index()


def report_table(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return :func:`fer.fairness.class_metrics`, one row per emotion: precision, recall, f1, support."""
    y_true, y_pred, _ = arrays_of(predictions)
    return class_metrics(y_true, y_pred, labels=vocabulary_of(predictions)).rename_axis("emotion")


def confusion_table(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return counts, rows true and columns predicted emotions, in the order of the vocabulary."""
    y_true, y_pred, _ = arrays_of(predictions)
    emotions = list(vocabulary_of(predictions))
    counts = confusion_matrix(y_true, y_pred, labels=range(len(emotions)))
    return pd.DataFrame(counts, index=pd.Index(emotions, name="true"), columns=emotions)

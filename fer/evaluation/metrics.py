"""Every point metric of a predictions table: overall, per group, per emotion."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.metrics import classification_report, confusion_matrix

from fer.data.attributes import Attribute
from fer.evaluation.predictions import arrays_of, vocabulary_of
from fer.fairness import (
    demographic_parity_difference,
    equalized_odds_difference,
    group_metrics,
    over_groups,
    point_metrics,
    recall_difference,
    standardised_accuracy,
)
from fer.fairness.groups import calibration_error_at_equal_size, worst_group

# Those of a group's metrics that are summed up over groups on the server.
_SUMMED = ("accuracy", "f1_weighted")


@dataclass(frozen=True)
class GroupResult:
    """The metrics of one attribute's groups.

    Attributes:
        attribute: what the groups are of.
        groups: one row a group: ``count``, ``clusters``, the point metrics, ``standardised_accuracy`` and
            ``calibration_error_equal_size``.
        summary: of ``accuracy`` and ``f1_weighted`` their ``_std``, ``_min``, ``_gap``, ``_ratio``, and the
            multi-class differences.

    """

    attribute: Attribute
    groups: pd.DataFrame
    summary: pd.Series

    @property
    def worst(self) -> str | None:
        """The group of the lowest accuracy; None if no group has a sample."""
        return worst_group(self.groups["accuracy"])


def overall(predictions: pd.DataFrame) -> pd.Series:
    """Return the point metrics over all rows."""
    return point_metrics(*arrays_of(predictions))


def by_group(
    predictions: pd.DataFrame,
    attribute: Attribute,
    groups: Sequence[str] | None = None,
    cluster: np.ndarray | pd.Series | None = None,
) -> GroupResult:
    """Return the metrics of each group of ``attribute``.

    ``groups`` names the rows wanted; one of them without a sample is NaN with a count of 0. ``cluster``, (n,) ids
    as of :func:`fer.evaluation.independent_units.clusters_of`, is what ``clusters`` counts; without it that is NaN.
    """
    y_true, y_pred, proba = arrays_of(predictions)
    names = attribute.groups(predictions)
    wanted = sorted(names.dropna().unique()) if groups is None else list(groups)
    names = names.where(names.isin(wanted))
    table = group_metrics(y_true, y_pred, proba, names, cluster, wanted)
    table["standardised_accuracy"] = standardised_accuracy(y_true, y_pred, names, groups=wanted)
    table["calibration_error_equal_size"] = calibration_error_at_equal_size(y_true, y_pred, proba, names, groups=wanted)
    summary = {f"{metric}_{name}": value for metric in _SUMMED for name, value in over_groups(table[metric]).items()}
    classes = proba.shape[1]
    summary["demographic_parity_difference"] = demographic_parity_difference(y_pred, names, classes)
    summary["equalized_odds_difference"] = equalized_odds_difference(y_true, y_pred, names, classes)
    summary["recall_difference"] = recall_difference(y_true, y_pred, names, classes)
    return GroupResult(attribute, table, pd.Series(summary, dtype=float))


def classes_by_group(predictions: pd.DataFrame, attribute: Attribute) -> pd.DataFrame:
    """Return :func:`report_table` of each group: columns ``group, emotion, precision, recall, f1, support``."""
    names = attribute.groups(predictions)
    tables = {name: report_table(predictions[names == name]) for name in sorted(names.dropna().unique())}
    return pd.concat(tables, names=["group", "emotion"]).reset_index()


def report_table(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return scikit-learn's classification report: one row an emotion: precision, recall, f1, support.

    An emotion without a sample has NaN recall and F1, one never predicted NaN precision, not 0.
    """
    y_true, y_pred, _ = arrays_of(predictions)
    emotions = vocabulary_of(predictions)
    report = classification_report(
        y_true, y_pred, labels=range(len(emotions)), target_names=emotions, output_dict=True, zero_division=np.nan
    )
    table = pd.DataFrame(report).T.loc[list(emotions)].rename(columns={"f1-score": "f1"})
    table.loc[table["support"] == 0, ["recall", "f1"]] = np.nan
    return table.astype({"support": int}).rename_axis("emotion")


def confusion_table(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return counts, rows true and columns predicted emotions, in the order of the vocabulary."""
    y_true, y_pred, _ = arrays_of(predictions)
    emotions = list(vocabulary_of(predictions))
    counts = confusion_matrix(y_true, y_pred, labels=range(len(emotions)))
    return pd.DataFrame(counts, index=pd.Index(emotions, name="true"), columns=emotions)

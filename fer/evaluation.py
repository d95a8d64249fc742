"""A model's predictions on a dataset, and every point metric that follows from them.

The predictions table is the record: ``sample_id, label, predicted, p_<emotion>...`` and the samples' group
and cluster columns. Everything below :func:`predict` needs only that table, so any figure can be had from
it years later without the model.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.metrics import classification_report, confusion_matrix

from fer.dataset import FaceDataset
from fer.emotions import EMOTIONS, emotion_codes
from fer.errors import InputError
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
from fer.samples import CLUSTER_COLUMNS, COUNTED_COLUMNS, KNOWN
from fer.tracking.names import metric_part

PRODUCT = "*"
# The attribute of a test without groups: accuracy by it is each emotion's recall.
EMOTION = "label"
_CARRIED = (*COUNTED_COLUMNS, *CLUSTER_COLUMNS, "source", "split", "usage", "frame", "detector", "yaw")
# Those of a group's metrics that are summed up over groups on the server.
_SUMMED = ("accuracy", "f1_weighted")

Predict = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class GroupResult:
    """The metrics of one attribute's groups.

    Attributes:
        attribute: as asked for, ``race`` or ``race*gender``.
        groups: one row a group: ``count``, ``clusters``, the point metrics, ``standardised_accuracy`` and
            ``calibration_error_equal_size``.
        summary: of ``accuracy`` and ``f1_weighted`` their ``_std``, ``_min``, ``_gap``, ``_ratio``, and the
            multi-class differences.

    """

    attribute: str
    groups: pd.DataFrame
    summary: pd.Series

    @property
    def worst(self) -> str | None:
        """The group of the lowest accuracy; None if no group has a sample."""
        return worst_group(self.groups["accuracy"])


def predict(model: Predict, dataset: FaceDataset, emotions: Sequence[str] = EMOTIONS, batch: int = 256) -> pd.DataFrame:
    """Return the predictions table of all samples of ``dataset``.

    ``model`` maps uint8 faces ``(b, h, w, c)`` to probabilities ``(b, len(emotions))``. A tie goes to the
    emotion that comes first.
    """
    starts = range(0, len(dataset), batch)
    blocks = [np.asarray(model(dataset.faces(slice(start, start + batch)))) for start in starts]
    proba = np.concatenate(blocks).astype(np.float64)
    if proba.shape != (len(dataset), len(emotions)):
        raise InputError(
            f"the model gives {proba.shape[1:]} outputs for the {len(emotions)} emotions "
            f"{', '.join(emotions)}; evaluate it with its own vocabulary."
        )
    with np.errstate(invalid="ignore", divide="ignore"):
        proba /= proba.sum(axis=1, keepdims=True)
    if not np.isfinite(proba).all():
        raise InputError("the model gives probabilities that are not finite or sum to 0; train it again.")
    samples = dataset.samples
    table = samples[["sample_id", "label"]].copy()
    table["predicted"] = np.asarray(emotions)[proba.argmax(axis=1)]
    for code, emotion in enumerate(emotions):
        table[f"p_{emotion}"] = proba[:, code]
    extra = [name for name in samples if name in _CARRIED or name not in KNOWN]
    return pd.concat([table, samples[extra]], axis=1)


def vocabulary_of(predictions: pd.DataFrame) -> tuple[str, ...]:
    """Return the emotions of a predictions table, in the order of its probability columns."""
    names = (str(name).removeprefix("p_") for name in predictions if str(name).startswith("p_"))
    return tuple(name for name in names if name in EMOTIONS)


def arrays_of(predictions: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return ``y_true (n,)``, ``y_pred (n,)`` as class numbers and ``proba (n, k)`` of a predictions table."""
    emotions = vocabulary_of(predictions)
    y_true = np.asarray(emotion_codes(predictions["label"], emotions), dtype=np.int64)
    y_pred = np.asarray(emotion_codes(predictions["predicted"], emotions), dtype=np.int64)
    return y_true, y_pred, predictions[[f"p_{emotion}" for emotion in emotions]].to_numpy()


def attribute_values(table: pd.DataFrame, attribute: str, where: str = "the test dataset") -> pd.Series:
    """Return each row's group, str or null: a column, or a product such as ``race*gender`` ("black_female").

    Raises InputError if a column is missing or holds no value at all, and for a group named ``all``.
    """
    columns = columns_of(attribute)
    for name in columns:
        if name not in table or table[name].isna().all():
            has = ", ".join(column for column in groupable(table)) or "none"
            raise InputError(
                f"{where} has no group column {name!r} with values; evaluate by one that it has ({has}) "
                "or on a dataset that knows it."
            )
    values = table[columns[0]].astype("str")
    for name in columns[1:]:
        values = values + "_" + table[name].astype("str")
    if (values == "all").any():
        raise InputError(f"{where} has a group of {attribute} named 'all', which stands for all samples; rename it.")
    if values.isna().all():
        raise InputError(f"{where} has no sample that knows all of {', '.join(columns)}; evaluate by one of them.")
    return values.rename(attribute)


def columns_of(attribute: str) -> list[str]:
    """Return the columns of an attribute: those of a product such as ``race*gender``, or the one."""
    return [name.strip() for name in attribute.split(PRODUCT)]


def slug_of(attribute: str) -> str:
    """Return an attribute as part of a name on the server: ``race*gender`` is ``race_x_gender``."""
    return "_x_".join(columns_of(attribute))


def overall(predictions: pd.DataFrame) -> pd.Series:
    """Return the point metrics over all rows."""
    return point_metrics(*arrays_of(predictions))


def by_group(
    predictions: pd.DataFrame,
    attribute: str,
    groups: Sequence[str] | None = None,
    cluster: np.ndarray | pd.Series | None = None,
) -> GroupResult:
    """Return the metrics of each group of ``attribute``.

    ``groups`` names the rows wanted; one of them without a sample is NaN with a count of 0. ``cluster``, (n,) ids
    as of :func:`fer.clusters.clusters_of`, is what ``clusters`` counts; without it that is NaN.
    """
    y_true, y_pred, proba = arrays_of(predictions)
    names = attribute_values(predictions, attribute)
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


def classes_by_group(predictions: pd.DataFrame, attribute: str) -> pd.DataFrame:
    """Return :func:`report_table` of each group: columns ``group, emotion, precision, recall, f1, support``."""
    names = attribute_values(predictions, attribute)
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


def metric_names(split: str, whole: pd.Series, results: Sequence[GroupResult]) -> dict[str, float]:
    """Return all metrics under the server's names.

    As ``test/accuracy``, ``test/race/accuracy_std`` and ``test/race/accuracy/black``.

    What stands before the last slash becomes one section of charts, so a metric's groups stand side by
    side. NaN (a group without samples) is left out: the server keeps numbers only.
    """
    named = {f"{split}/{name}": value for name, value in whole.items()}
    for result in results:
        prefix = f"{split}/{slug_of(result.attribute)}"
        named |= {f"{prefix}/{name}": value for name, value in result.summary.items()}
        for metric, column in result.groups.items():
            named |= {f"{prefix}/{metric}/{metric_part(group)}": value for group, value in column.items()}
    for result in results:
        if len({metric_part(group) for group in result.groups.index}) < len(result.groups):
            raise InputError(
                "two groups have names that differ only in signs that the tracking server's metric names may not hold; "
                "rename them in the dataset."
            )
    return {name: float(value) for name, value in named.items() if np.isfinite(value)}


def groupable(table: pd.DataFrame) -> list[str]:
    """Return the columns that hold groups: the known ones with a value, and whatever a user's own data brought."""
    ours = {*KNOWN, "predicted", *(f"p_{emotion}" for emotion in EMOTIONS)} - set(COUNTED_COLUMNS)
    return [str(name) for name in table if name not in ours and table[name].notna().any()]

"""A model's predictions on a dataset, and every point metric that follows from them.

The predictions table is the record: ``sample_id, label, predicted, p_<emotion>...`` and the samples' group
and cluster columns. Everything below :func:`predict` needs only that table, so any figure can be had from
it years later without the model.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from fer.data.dataset import FaceDataset
from fer.data.emotions import EMOTIONS, emotion_codes
from fer.data.samples import CLUSTER_COLUMNS, COUNTED_COLUMNS, KNOWN
from fer.errors import InputError

PRODUCT = "*"
# The attribute of a test without groups: accuracy by it is each emotion's recall.
EMOTION = "label"
_CARRIED = (*COUNTED_COLUMNS, *CLUSTER_COLUMNS, "source", "split", "usage", "frame", "detector", "yaw")

PREDICTIONS_FILE = "predictions.parquet"

Predict = Callable[[np.ndarray], np.ndarray]


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


def groupable(table: pd.DataFrame) -> list[str]:
    """Return the columns that hold groups: the known ones with a value, and whatever a user's own data brought."""
    ours = {*KNOWN, "predicted", *(f"p_{emotion}" for emotion in EMOTIONS)} - set(COUNTED_COLUMNS)
    return [str(name) for name in table if name not in ours and table[name].notna().any()]

"""The predictions of a model on a dataset.

The predictions table is the record: ``sample_id, label, predicted, p_<emotion>...`` and the samples' group
and cluster columns. Every metric is computed from that table alone, so it can be computed years later
without the model.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from fer.data.dataset import FaceDataset
from fer.data.emotions import EMOTIONS, emotion_codes
from fer.data.samples import CLUSTER_COLUMNS, COUNTED_COLUMNS, KNOWN, PREDICTED
from fer.errors import InputError

_CARRIED = (*COUNTED_COLUMNS, *CLUSTER_COLUMNS, "source", "split", "usage", "frame", "detector", "yaw")

Predict = Callable[[np.ndarray], np.ndarray]


def predict(model: Predict, dataset: FaceDataset, emotions: Sequence[str] = EMOTIONS, batch: int = 256) -> pd.DataFrame:
    """Return the predictions table of all samples of ``dataset``.

    ``model`` maps uint8 faces ``(b, h, w, c)`` to probabilities ``(b, len(emotions))``. Of tied
    emotions the first one is predicted.
    """
    taken = [name for name in dataset.samples if name in PREDICTED]
    if taken:
        raise InputError(
            f"dataset {dataset.name} has a column {taken[0]!r}, which is a column of the predictions; preprocess it "
            "again under another name of the column."
        )
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

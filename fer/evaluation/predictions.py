"""The predictions of a model on a dataset.

The predictions table is the record: ``sample_id, label, predicted, p_<emotion>...`` and the samples' group
and cluster columns. Every metric is computed from that table alone, so it can be computed years later
without the model. A table that was made elsewhere may lack the probabilities
(:mod:`fer.sources.predictions`): what needs them is then left out.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np
import pandas as pd

from fer.data.dataset import FaceDataset
from fer.data.emotions import ALL_EMOTIONS, EMOTIONS, emotion_codes, in_order
from fer.data.samples import CLUSTER_COLUMNS, COUNTED_COLUMNS, KNOWN, PREDICTED
from fer.errors import InputError

_PROBABILITY = "p_"
_CARRIED = (*COUNTED_COLUMNS, *CLUSTER_COLUMNS, "source", "split", "usage", "frame", "detector", "yaw")

Predict = Callable[[np.ndarray], np.ndarray]
_Key = TypeVar("_Key")


def predict(model: Predict, dataset: FaceDataset, emotions: Sequence[str] = EMOTIONS, batch: int = 256) -> pd.DataFrame:
    """Return the predictions table of all samples of ``dataset``.

    ``model`` maps uint8 faces ``(b, h, w, c)`` to probabilities ``(b, len(emotions))``. Of tied
    emotions the first one is predicted.
    """
    refuse_predicted(dataset)
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
    probabilities = pd.DataFrame(proba, columns=[probability_of(emotion) for emotion in emotions])
    return with_answers(dataset.samples, np.asarray(emotions)[proba.argmax(axis=1)], probabilities)


def refuse_predicted(dataset: FaceDataset) -> None:
    """Raise InputError for a dataset with a column that predictions add."""
    taken = [name for name in dataset.samples if name in PREDICTED]
    if taken:
        raise InputError(
            f"dataset {dataset.name} has a column {taken[0]!r}, which is a column of the predictions; preprocess it "
            "again under another name of the column."
        )


def with_answers(
    samples: pd.DataFrame, predicted: Sequence[str] | np.ndarray, probabilities: pd.DataFrame
) -> pd.DataFrame:
    """Return the predictions table of n samples: the predicted emotions (n,), and the columns of ``probabilities``.

    ``probabilities`` has n rows in the order of the samples, and no column where none are known.
    """
    table = samples[["sample_id", "label"]].assign(predicted=np.asarray(predicted))
    extra = [name for name in samples if name in _CARRIED or name not in KNOWN]
    return pd.concat([table, probabilities.set_axis(samples.index), samples[extra]], axis=1)


def probability_of(emotion: str) -> str:
    """Return the name of the column of an emotion's probability: ``p_happy``."""
    return f"{_PROBABILITY}{emotion}"


def has_probabilities(predictions: pd.DataFrame) -> bool:
    """Return whether a predictions table has probabilities, or the predicted emotions alone."""
    return bool(_emotions_with_probability(predictions))


def vocabulary_of(predictions: pd.DataFrame) -> tuple[str, ...]:
    """Return the emotions of a predictions table, in the order of its probability columns.

    Without such columns, the seven and whatever else it has as a label or as an answer.
    """
    rated = _emotions_with_probability(predictions)
    if rated:
        return rated
    named = {emotion for column in ("label", "predicted") for emotion in predictions.get(column, pd.Series()).unique()}
    return in_order({*EMOTIONS, *named})


def arrays_of(predictions: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return ``y_true (n,)``, ``y_pred (n,)`` as class numbers and ``proba (n, k)`` of a predictions table.

    Without probabilities, ``proba`` is None: a predicted class is no probability of 1.
    """
    emotions = vocabulary_of(predictions)
    y_true = np.asarray(emotion_codes(predictions["label"], emotions), dtype=np.int64)
    y_pred = np.asarray(emotion_codes(predictions["predicted"], emotions), dtype=np.int64)
    if not has_probabilities(predictions):
        return y_true, y_pred, None
    return y_true, y_pred, predictions[[probability_of(emotion) for emotion in emotions]].to_numpy()


def of_one_vocabulary(tables: Mapping[_Key, pd.DataFrame]) -> dict[_Key, pd.DataFrame]:
    """Return predictions tables with one vocabulary, so that a class number means the same emotion in all of them.

    That is all emotions that one of the tables has. Of an emotion that its model cannot answer, a table has a
    probability of 0; one without probabilities stays so. Tables that agree are returned as they are.

    Example:
        >>> two = pd.DataFrame({"label": ["sad"], "predicted": ["sad"], "p_happy": [0.4], "p_sad": [0.6]})
        >>> three = two.assign(p_happy=0.2, p_fear=0.2)
        >>> of_one_vocabulary({"two": two, "three": three})["two"].filter(like="p_").to_dict("records")
        [{'p_fear': 0.0, 'p_happy': 0.4, 'p_sad': 0.6}]

    """
    known = {vocabulary_of(table) for table in tables.values()}
    if len(known) < 2:
        return dict(tables)
    common = in_order(emotion for emotions in known for emotion in emotions)
    return {key: _with_vocabulary(table, common) for key, table in tables.items()}


def _with_vocabulary(table: pd.DataFrame, emotions: Sequence[str]) -> pd.DataFrame:
    if not has_probabilities(table) or vocabulary_of(table) == emotions:
        return table
    columns = [probability_of(emotion) for emotion in emotions]
    first = [name for name in table if name not in columns]
    known = table.reindex(columns=[*first[:3], *columns, *first[3:]])
    return known.fillna(dict.fromkeys((name for name in columns if name not in table), 0.0))


def _emotions_with_probability(predictions: pd.DataFrame) -> tuple[str, ...]:
    names = (str(name).removeprefix(_PROBABILITY) for name in predictions if str(name).startswith(_PROBABILITY))
    return tuple(name for name in names if name in ALL_EMOTIONS)

"""The served model: rows of pictures or faces to emotions, without a server of its own."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from fer.classifiers.contract import Classifier
from fer.detectors.contract import Detector
from fer.errors import InputError
from fer.pictures.faces import CONFIDENCE, MOST_FACES, FaceReader
from fer.serving.pictures import check_count, face_of, picture_of
from fer.text import limits

PICTURE, FACE = "picture", "face"
LIMITS = " ".join(limits.LIMITS)


class Service:
    """Answers requests.

    Args:
        detector: finds the faces of pictures.
        classifier: says what they show.
        limits: what the model must not be used for, repeated in every answer.

    """

    def __init__(self, detector: Detector, classifier: Classifier, limits: str = LIMITS) -> None:
        self._detector, self._classifier, self._limits = detector, classifier, limits

    def answer(self, rows: pd.DataFrame, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Return one answer per row, as plain values.

        A row has either a ``picture`` (base64 text of its file) or a ``face`` (rows of pixels, any size). An answer
        has ``faces``, from left to right, each with ``x, y, width, height`` (pixels), ``confidence`` (0..1, None where
        the detector has none), ``emotion``, ``probability`` and ``probabilities`` by emotion; the one face of a
        ``face`` has no box. It also has ``model`` and ``limits``.

        ``parameters``: ``confidence``, the least of a face, 0..1. Raises InputError for what cannot be answered.
        """
        check_count(rows)
        unknown = [name for name in rows if name not in (PICTURE, FACE)]
        if unknown:
            raise InputError(f"the request has a column {unknown[0]!r}; send {PICTURE} or {FACE}.")
        confidence = float((parameters or {}).get("confidence", CONFIDENCE))
        if not 0 <= confidence <= 1:
            raise InputError(f"confidence {confidence} is outside 0..1; send one such as {CONFIDENCE}.")
        reader = FaceReader(self._detector, self._classifier, confidence, MOST_FACES)
        return [self._row(reader, row, number) for number, row in enumerate(rows.to_dict("records"), start=1)]

    def _row(self, reader: FaceReader, row: Mapping[Any, Any], number: int) -> dict[str, Any]:
        given = [name for name in (PICTURE, FACE) if not _is_missing(row.get(name))]
        if len(given) != 1:
            raise InputError(f"row {number} has {' and '.join(given) or 'neither'}; send either {PICTURE} or {FACE}.")
        where, value = f"the {given[0]} of row {number}", row[given[0]]
        if given == [FACE]:
            [probabilities] = self._classifier.probabilities([face_of(value, where)])
            faces = [self._face(probabilities)]
        else:
            if not isinstance(value, str):
                raise InputError(f"{where} is {type(value).__name__}; send base64 text.")
            [found] = reader.read([picture_of(value, where)])
            faces = [self._face(one.probabilities, one.box, one.confidence) for one in found]
        return {"faces": faces, "model": self._classifier.description.name, "limits": self._limits}

    def _face(
        self, probabilities: np.ndarray, box: np.ndarray | None = None, confidence: float | None = None
    ) -> dict[str, Any]:
        emotions = self._classifier.description.emotions
        best = int(np.argmax(probabilities))
        place = {} if box is None else dict(zip(("x", "y", "width", "height"), map(_rounded, box), strict=True))
        sure = {} if box is None else {"confidence": None if confidence != confidence else confidence}
        return {
            **place, **sure, "emotion": emotions[best], "probability": float(probabilities[best]),
            "probabilities": {name: float(p) for name, p in zip(emotions, probabilities, strict=True)},
        }  # fmt: skip


def _rounded(value: float) -> float:
    return round(float(value), 1)


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)

"""The loader that MLflow calls to serve a model: ``loader_module`` of its description."""

from pathlib import Path
from typing import Any

import pandas as pd

from fer.classifiers import open_classifier
from fer.detectors import open_detector
from fer.errors import InputError
from fer.pictures.faces import LONGEST_SIDE_OF_DETECTOR
from fer.serving.service import Service
from fer.tracking.served_models import refusal

DETECTOR = "yunet"


class ServedModel:
    """What MLflow's scoring server asks; a refused request is answered 400 with the sentence."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def predict(self, rows: pd.DataFrame, params: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """Return :meth:`fer.serving.service.Service.answer`."""
        try:
            return self._service.answer(rows, params)
        except InputError as error:
            raise refusal(str(error)) from error


def _load_pyfunc(folder: str) -> ServedModel:
    """Return the model in a folder, which holds a model's file and its description. MLflow asks for this name."""
    [described] = Path(folder).glob("*.yaml")
    detector = open_detector(DETECTOR, {"longest_side": LONGEST_SIDE_OF_DETECTOR, "confidence": 0.1})
    return ServedModel(Service(detector, open_classifier(str(described))))

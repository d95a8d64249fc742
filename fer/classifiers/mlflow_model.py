"""Models logged with MLflow: of this project, of the flavours Keras and ONNX (by their network's file), and others.

A network's own file is read wherever there is one; MLflow's general loader, which runs code, only with trust.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from fer.classifiers import keras_file, onnx_file, pyfunc
from fer.classifiers.contract import Classifier
from fer.classifiers.geometry import CHANNELS_LAST, Geometry
from fer.classifiers.outputs import PROBABILITIES, emotion_map
from fer.classifiers.preparation import SCALINGS, Preparation
from fer.classifiers.prepared import BATCH, Network, PreparedClassifier, described, labels_of
from fer.classifiers.request import Request
from fer.errors import InputError
from fer.identity import file_digest
from fer.progress import announce_loading
from fer.tracking.addresses import model_uri
from fer.tracking.models import (
    EMOTIONS_METADATA,
    LoggedModel,
    code_in,
    crop_margin_of,
    described_model,
    emotions_of,
    load_described,
    logged_model,
    network_file,
)

# The flavours whose network is in a file of its own, and the end of its name.
_FILES = {"tensorflow": "keras", "keras": "keras", "onnx": "onnx"}
_LOADERS = {f"mlflow.{flavor}" for flavor in _FILES}


def open(request: Request) -> Classifier:
    """Return the classifier.

    Raises InputError for a model that is not there, and for one that runs code and is not trusted.
    """
    with ExitStack() as held:
        if request.path is None:
            logged = held.enter_context(logged_model(request.address))
        else:
            logged = described_model(request.path, request.address)
        if request.trust and code_in(logged.folder, logged.flavors, _LOADERS):
            return pyfunc.open(request)
        if EMOTIONS_METADATA in logged.metadata and _is_keras(logged):
            return _own(logged, request)
        file = _network_file(logged, request)
        if file is None:
            return pyfunc.open(request)
        module = onnx_file if file.suffix == ".onnx" else keras_file
        if EMOTIONS_METADATA in logged.metadata and request.said.labels is None:
            known = emotions_of(logged.metadata, request.address)
            request = replace(request, said=request.said.model_copy(update={"labels": known}))
        return module.open_file(file, request)


def _is_keras(logged: LoggedModel) -> bool:
    return "tensorflow" in logged.flavors


def _network_file(logged: LoggedModel, request: Request) -> Path | None:
    """Return the file of a Keras or ONNX network in a model's folder; None for other flavours."""
    loader = _settings(logged, "python_function").get("loader_module")
    for flavor, ending in _FILES.items():
        place = _settings(logged, flavor).get("data")
        if loader != f"mlflow.{flavor}" or not isinstance(place, str):
            continue
        whole = logged.folder / place
        file = whole if whole.suffix == f".{ending}" else whole / f"model.{ending}"
        if not file.is_file() or not file.resolve().is_relative_to(logged.folder.resolve()):
            raise InputError(f"{request.what} has no file {place}; restore its files, or log it again.")
        return file
    return None


def _settings(logged: LoggedModel, flavor: str) -> Mapping[str, Any]:
    settings = logged.flavors.get(flavor)
    return settings if isinstance(settings, dict) else {}


def _own(logged: LoggedModel, request: Request) -> Classifier:
    """Return a model of this project, whose network scales its input itself."""
    announce_loading()
    keras_file.choose_device(request)
    model, emotions = load_described(logged, request.address)
    height, width, channels = model.input_shape[1:]
    preparation = Preparation((height, width), "gray" if channels == 1 else "rgb", SCALINGS["none"])

    def run(pixels: np.ndarray) -> np.ndarray:
        return model.predict(pixels, batch_size=BATCH, verbose=0)

    network = Network(run, (height, width, channels), len(emotions), takes_bytes=True, labels=emotions)
    labels = emotion_map(labels_of(network, request), request.said.words, request.what)
    digest = file_digest(network_file(logged.folder, logged.flavors, request.address))
    known = described(request, "run", digest, labels, preparation, PROBABILITIES)
    margin = crop_margin_of(logged.metadata) if known.crop_margin is None else known.crop_margin
    known = replace(known, trained_here=True, address=_address(request), crop_margin=margin)
    return PreparedClassifier(
        network, Geometry((height, width), channels, CHANNELS_LAST), preparation, labels, request, known
    )


def _address(request: Request) -> str:
    return model_uri(request.address) if request.path is None else str(request.path.absolute())

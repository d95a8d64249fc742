"""Models on the tracking server: logged with signature, example and label vocabulary; loaded by address."""

import json
from collections.abc import Callable
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import mlflow
import numpy as np
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.types import Schema, TensorSpec

from fer.errors import InputError
from fer.tracking import names
from fer.tracking.addresses import model_uri
from fer.tracking.registry import RegisteredModel
from fer.tracking.uploading import uploading

if TYPE_CHECKING:
    import keras

EMOTIONS_METADATA = "emotions"
_BATCH = 256


def log_model(
    model: "keras.Model", emotions: tuple[str, ...], example: np.ndarray, register_as: str | None = None
) -> str:
    """Log a Keras model on the open run; return its ``models:/`` address.

    ``example`` is uint8 faces ``(n, h, w, c)``. The label vocabulary is stored as metadata, so the model can be
    used without this project: ``mlflow.pyfunc.load_model(...).predict(faces)`` returns probabilities in its order.
    Raises the errors of :func:`fer.tracking.uploading.uploading`.
    """
    shape = tuple(example.shape[1:])
    signature = ModelSignature(
        inputs=Schema([TensorSpec(np.dtype("uint8"), (-1, *shape))]),
        outputs=Schema([TensorSpec(np.dtype("float32"), (-1, len(emotions)))]),
    )
    # mlflow.keras, which needs no TensorFlow, takes no input example: https://github.com/mlflow/mlflow/issues/16183.
    needed = [f"{package}=={version(package)}" for package in ("mlflow", "tensorflow", "keras", "numpy")]
    with uploading():
        logged = mlflow.tensorflow.log_model(
            model,
            name=names.MODEL_NAME,
            signature=signature,
            input_example=example[:2],
            metadata={EMOTIONS_METADATA: json.dumps(list(emotions))},
            registered_model_name=register_as,
            pip_requirements=needed,
        )
    return logged.model_uri


def open_model(address: str) -> tuple[Callable[[np.ndarray], np.ndarray], tuple[str, ...], str]:
    """Return (predict, emotions, address) of a model given by run id, ``runs:/<id>[/model]`` or ``models:/...``.

    ``predict`` maps uint8 faces ``(n, h, w, c)`` to float probabilities ``(n, k)`` in the order of ``emotions``.
    Raises InputError if there is no such model or it has no label vocabulary.
    """
    loaded, emotions = load_logged(address)
    return predictor(loaded, address), emotions, model_uri(address)


def load_logged(address: str) -> tuple[Any, tuple[str, ...]]:
    """Return a logged Keras model and its emotions; raises the errors of :func:`open_model`."""
    import fer.models  # noqa: F401 - loads Keras quietly, before MLflow does

    uri = model_uri(address)
    try:
        metadata = mlflow.models.get_model_info(uri).metadata or {}
        loaded = mlflow.tensorflow.load_model(uri)
    except (MlflowException, OSError) as error:
        raise InputError(
            f"there is no model {address} on {mlflow.get_tracking_uri()} ({str(error).splitlines()[0]}); "
            "give the id of a train run or models:/<name>/<version>."
        ) from error
    if EMOTIONS_METADATA not in metadata:
        raise InputError(f"model {address} names no label vocabulary; log it with the entry point train.")
    return loaded, tuple(json.loads(metadata[EMOTIONS_METADATA]))


def predictor(model: "keras.Model", name: str) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function ``predict`` of a Keras model, see :func:`open_model`; ``name`` is used in error messages."""

    def predict(faces: np.ndarray) -> np.ndarray:
        expected = model.input_shape[1:]
        if faces.shape[1:] != expected:
            raise InputError(
                f"model {name} takes faces of {expected}, the dataset has {faces.shape[1:]} (height, width, "
                "channels); preprocess the dataset to the model's size and colour."
            )
        return model.predict(faces, batch_size=_BATCH, verbose=0)

    return predict


def describe_version(model: RegisteredModel, markdown: str) -> None:
    """Set the description of a model version, which the UI shows on the version's page."""
    mlflow.MlflowClient().update_model_version(model.name, model.version, markdown)

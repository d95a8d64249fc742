"""Models logged for ``mlflow models serve``: their signature, their loader, and the answer to a refused request."""

import warnings
from importlib.metadata import version
from pathlib import Path

import mlflow
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE
from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema
from mlflow.types.schema import AnyType

from fer.tracking.journal import journaled
from fer.tracking.uploading import uploading

SERVED = "served"
_LOADER = "fer.serving.loading"
# What the served model needs; the project itself is installed where it is served.
_NEEDED = ("mlflow", "numpy", "pandas", "pillow", "opencv-python", "onnxruntime", "ai-edge-litert")


def log_served_model(folder: Path, confidence: float = 0.6) -> str:
    """Log the model in a folder (its file and its description) on the open run as a service; return its address.

    A request has rows with a ``picture`` (base64 text) or a ``face`` (nested lists), and the parameter ``confidence``.
    Raises the errors of :func:`fer.tracking.uploading.uploading`.
    """
    signature = ModelSignature(
        inputs=Schema(
            [ColSpec(DataType.string, "picture", required=False), ColSpec(AnyType(), "face", required=False)]
        ),
        outputs=Schema([ColSpec(AnyType(), name) for name in ("faces", "model", "limits")]),
        params=ParamSchema([ParamSpec("confidence", DataType.double, confidence)]),
    )
    with uploading(), warnings.catch_warnings():
        # Without an example: MLflow 3.17 saves nested lists by a deprecated operation of pandas 3.
        warnings.filterwarnings("ignore", message=".*input example was not provided", category=UserWarning)
        logged = journaled(
            lambda: mlflow.pyfunc.log_model(
                name=SERVED,
                loader_module=_LOADER,
                data_path=str(folder),
                signature=signature,
                pip_requirements=[f"{package}=={version(package)}" for package in _NEEDED],
            )
        )
    address: str = logged.model_uri
    return address


def refusal(sentence: str) -> MlflowException:
    """Return what a served model raises for a request that it refuses: the scoring server answers 400 with it."""
    return MlflowException(sentence, error_code=INVALID_PARAMETER_VALUE)

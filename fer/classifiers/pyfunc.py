"""An MLflow model of any flavour (PyTorch, scikit-learn, a Python function), which runs code of its own: if trusted."""

from contextlib import ExitStack
from typing import Any
from weakref import finalize

import numpy as np
import pandas as pd

from fer.classifiers.contract import Classifier
from fer.classifiers.geometry import Shape
from fer.classifiers.messages import first_line
from fer.classifiers.prepared import BATCH, Network, classifier_of
from fer.classifiers.request import Request
from fer.errors import InputError
from fer.identity import files_digest
from fer.sentinels import AUTO
from fer.tracking.models import EMOTIONS_METADATA, LoggedModel, described_model, emotions_of, logged_model
from fer.tracking.pyfunc_models import Pyfunc, load_pyfunc


def open(request: Request) -> Classifier:
    """Return the classifier; raises InputError without trust, before anything of the model is run."""
    with ExitStack() as held:
        if request.path is None:
            logged = held.enter_context(logged_model(request.address))
        else:
            logged = described_model(request.path, request.address)
        if not request.trust:
            raise InputError(
                f"{request.what} is of the flavours {', '.join(logged.flavors) or 'none'}, which run code that it "
                "brings when it is loaded; if you trust who made it, say trust=true, or export it to ONNX."
            )
        classifier = open_trusted(logged, request)
        # Models may read their files later: these stay for as long as the classifier does.
        finalize(classifier, held.pop_all().close)
        return classifier


def open_trusted(logged: LoggedModel, request: Request) -> Classifier:
    """Return the classifier from a model's files."""
    if request.device.kind != AUTO:
        raise InputError(f"{request.what} chooses its device itself, as its code does; leave device out.")
    known = emotions_of(logged.metadata, request.address) if EMOTIONS_METADATA in logged.metadata else None
    digest = files_digest(logged.folder)
    network = _network(load_pyfunc(logged.folder, request.what), known, request)
    return classifier_of(network, request, "pyfunc", digest)


def _network(loaded: Pyfunc, labels: tuple[str, ...] | None, request: Request) -> Network:
    dtype = loaded.dtype or np.dtype(np.float32)
    if dtype.kind not in "uif":
        raise InputError(f"{request.what} takes {dtype}, not pixels; log it on an array of faces.")

    def run(pixels: np.ndarray) -> np.ndarray:
        try:
            answer = loaded.predict(pixels.astype(dtype, copy=False))
        except Exception as error:  # Its own code may raise anything.
            raise InputError(
                f"{request.what} fails on pixels of shape {pixels.shape} and type {dtype} ({type(error).__name__}: "
                f"{first_line(error)}); correct {request.where}, or log it with a signature."
            ) from error
        return _array(answer, len(pixels), request)

    shape: Shape | None = None
    count = None
    if loaded.shape is not None:
        count, *sides = (length if length > 0 else None for length in loaded.shape)
        shape = tuple(sides)
    takes_bytes = loaded.dtype is not None and dtype.kind in "ui"
    return Network(run, shape, None, takes_bytes, batch=count or BATCH, fixed=count is not None, labels=labels)


def _array(answer: Any, faces: int, request: Request) -> np.ndarray:
    """Return a model's answer as an array; raises InputError for classes instead of probabilities."""
    if isinstance(answer, dict) and len(answer) == 1:
        (answer,) = answer.values()
    values = answer.to_numpy() if isinstance(answer, pd.DataFrame | pd.Series) else np.asarray(answer)
    if values.dtype.kind not in "fiu" or (values.ndim == 1 and values.shape == (faces,)):
        raise InputError(
            f"{request.what} returns {'one value per face' if values.ndim == 1 else values.dtype}, not one probability "
            "per emotion; log it with pyfunc_predict_fn='predict_proba' (mlflow.sklearn)."
        )
    return values

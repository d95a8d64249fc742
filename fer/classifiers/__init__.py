"""Emotion classifiers of any origin: one contract (:mod:`fer.classifiers.contract`), one module per kind, one registry.

::

    classifier = open_classifier("emotion.onnx")
    classifier.description.emotions
    classifier.probabilities(faces)

A kind's module is imported when a model of it is opened: ONNX and LiteRT need neither TensorFlow nor MLflow. Nothing
that a model brings is run as code unless ``trust`` is true.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from fer.classifiers.contract import Classifier, ClassifierDescription, Faces
from fer.sentinels import AUTO

__all__ = ["CLASSIFIERS", "Classifier", "ClassifierDescription", "ClassifierKind", "Faces", "open_classifier"]


@dataclass(frozen=True)
class ClassifierKind:
    """One kind of classifier.

    Attributes:
        module: module with ``open(request) -> Classifier``, see :class:`fer.classifiers.request.Request`.
        suffixes: of its files; empty for models of the tracking server.
        what: what its addresses are, for people.

    """

    module: str
    suffixes: tuple[str, ...]
    what: str


CLASSIFIERS: dict[str, ClassifierKind] = {
    "mlflow": ClassifierKind(
        "fer.classifiers.mlflow_model", (), "the id of a train run, runs:/..., models:/... or a folder with an MLmodel"
    ),
    "pyfunc": ClassifierKind("fer.classifiers.pyfunc", (), "models:/... of any flavour of MLflow, with trust=true"),
    "keras": ClassifierKind("fer.classifiers.keras_file", (".keras", ".h5", ".hdf5"), "a Keras file"),
    "onnx": ClassifierKind("fer.classifiers.onnx_file", (".onnx",), "an ONNX file"),
    "litert": ClassifierKind("fer.classifiers.litert_file", (".tflite", ".litert"), "a LiteRT file"),
    "yolo": ClassifierKind("fer.classifiers.yolo", (".pt",), "a YOLO checkpoint, or one exported to ONNX"),
}


def open_classifier(
    address: str,
    trust: bool = False,
    options: Mapping[str, Any] | None = None,
    device: str = AUTO,
    threads: int | None = None,
) -> Classifier:
    """Return a classifier that is ready to use.

    Args:
        address: a file, a folder with an ``MLmodel``, the id of a train run, ``runs:/<id>``,
            ``models:/<name>/<version>``, ``models:/<name>@<alias>``, or a description (``.yaml``) that names one of
            these.
        trust: whether code that the model brings may be run: cloudpickle, code paths, Lambda layers, pickles.
        options: what is known of the model, by the names of :class:`fer.classifiers.model_file.ModelFile`; they win
            over those of the file beside it, which has the model's name with ``.yaml`` added.
        device: ``cpu``, ``cuda``, ``cuda:<number>`` or ``auto``, see :mod:`fer.classifiers.devices`.
        threads: of ONNX Runtime or LiteRT; None: all cores.

    Raises InputError for an address of no kind, for a model that is damaged or would run code without ``trust``, for
    what neither its file nor its description says, for descriptions that cannot be true of it, and for a device that is
    not there or that models of its kind cannot be run on.

    """
    from fer.classifiers.addresses import request_for
    from fer.classifiers.devices import parse_device

    wanted = parse_device(device)
    kind, request = request_for(address, trust, options or {})
    return import_module(CLASSIFIERS[kind].module).open(replace(request, device=wanted, threads=threads))

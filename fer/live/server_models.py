"""Models of the tracking server for live use; MLflow is imported where one is asked for, through fer.tracking."""

from collections.abc import Callable, Collection

from fer.classifiers import open_classifier
from fer.classifiers.contract import Classifier
from fer.errors import InputError
from fer.live.card_facts import CardFacts
from fer.live.choosing import TestSet, checked_promises, chosen_threshold, measured_groups
from fer.live.conversion import converted
from fer.live.thresholds import AIM, Threshold, default_threshold

_VALIDATION = "validation"


def open_served(address: str, threads: int, report: Callable[[str], None]) -> tuple[Classifier, str]:
    """Return the classifier of a model on the server, run by ONNX Runtime, and the model's name for people.

    Raises InputError if there is none, or it is neither a Keras model of this project nor an ONNX model.
    """
    from fer.tracking.models import (
        EMOTIONS_METADATA,
        crop_margin_of,
        emotions_of,
        logged_model,
        network_file,
    )
    from fer.tracking.server import connect
    from fer.tracking.training_data import model_title

    connect()
    report(f"fetching the model {address}")
    title = model_title(address)
    with logged_model(address) as logged:
        if "onnx" in logged.flavors:
            return open_classifier(address, threads=threads), title
        if "tensorflow" not in logged.flavors or EMOTIONS_METADATA not in logged.metadata:
            raise InputError(
                f"model {address} is neither a Keras model of this project nor an ONNX model, so it cannot be used "
                "live; export it to ONNX and give the file."
            )
        network = network_file(logged.folder, logged.flavors, address)
        emotions, margin = emotions_of(logged.metadata, address), crop_margin_of(logged.metadata)
        file = converted(network, emotions, title, margin, report)
    return open_classifier(str(file), options={"name": title}, threads=threads), title


def evidence_of(address: str, what: str, left_out: Collection[str], aim: float = AIM) -> tuple[Threshold, CardFacts]:
    """Return the threshold, chosen on the evaluations on validation faces, and the facts of a model on the server."""
    from fer.tracking.evaluated_predictions import model_evidence

    known = model_evidence(address)
    sets = [(one.split, TestSet(one.title, one.table, one.attributes)) for one in known.evaluated]
    lacking = list(known.lacking)
    usable = []
    for split, one in sets:
        try:
            usable.append((split, one, measured_groups([one], left_out)))
        except InputError as error:
            lacking.append(str(error))
    chosen_on = [one for split, one, _ in usable if split == _VALIDATION]
    others = [one for split, one, _ in usable if split != _VALIDATION]
    threshold = (
        chosen_threshold(chosen_on, aim, left_out)
        if chosen_on
        else default_threshold("it was never evaluated on validation faces (evaluate it with split=validation)")
    )
    facts = CardFacts(
        what,
        tuple(known.trained_on),
        tuple(row for _, _, rows in usable for row in rows),
        any(one.attributes for _, one, _ in usable),
        checked_promises(others, threshold.value, left_out),
        lacking=tuple(lacking),
    )
    return threshold, facts

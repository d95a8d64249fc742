"""Open a model for live use: a network that needs neither TensorFlow nor torch, its threshold and its facts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fer.classifiers import open_classifier
from fer.classifiers.addresses import on_server, request_for
from fer.classifiers.contract import Classifier
from fer.classifiers.default_address import default_address
from fer.detectors import DETECTORS, Detector, detector_named, open_detector, parse_detector
from fer.errors import InputError
from fer.live.card_facts import CardFacts
from fer.live.left_out import WithoutEmotions
from fer.live.live_file import read_live_file
from fer.live.thresholds import Threshold, default_threshold
from fer.pictures.faces import CONFIDENCE, FaceReader
from fer.progress import announce
from fer.sentinels import AUTO
from fer.shipped import ADDRESS, MODEL

# Larger frames are shrunk to it for the detector: measured, see docs/live.md.
LONGEST_SIDE = 640
# Of ONNX Runtime: one face takes a millisecond, and the detector, the camera and the page want the other core.
THREADS = 1
_KINDS = ("onnx", "litert")


@dataclass(frozen=True)
class LiveModel:
    """A model that is ready to be used live.

    Attributes:
        address: where it was opened; ``shipped`` for the one that comes with the package.
        name: its name for people.
        reader: finds and classifies faces, by ONNX Runtime or LiteRT.
        threshold: from which probability on an emotion is told.
        facts: of its card.
        left_out: emotions that it knows and that are not told; the others' probabilities are scaled to sum to 1.
        why_left_out: a sentence, empty if the user chose them or there are none.

    """

    address: str
    name: str
    reader: FaceReader
    threshold: Threshold
    facts: CardFacts
    left_out: tuple[str, ...] = ()
    why_left_out: str = ""


def open_live(
    address: str = AUTO,
    detector: str = "yunet",
    left_out: Sequence[str] | None = None,
    report: Callable[[str], None] = announce,
) -> LiveModel:
    """Return a model ready for live use.

    Args:
        address: ``shipped``, an ONNX or LiteRT file, ``runs:/<id>``, ``models:/<name>@<alias>``; ``auto``: the
            registered champion, else the shipped model.
        detector: see :mod:`fer.detectors`; only those that need neither TensorFlow nor torch: yunet and haar.
        left_out: emotions not to be told; None: those that the file beside the model names, as the shipped model's
            does, none of another model. With other emotions than these, the threshold that the file states promises
            nothing, and says so.
        report: called with one sentence before each thing that takes long, such as a conversion.

    A Keras model of the server is converted to ONNX once, in another process, and kept in ``$FER_CACHE/live`` by its
    digest. MLflow is imported only for a model of the server. Raises InputError for an address without a model, a model
    that cannot be converted, and a detector that would load TensorFlow or torch.

    Example:
        >>> model = open_live("shipped")
        >>> model.name, model.left_out, "contempt" in model.reader.emotions
        ('cnn on FER+', ('contempt',), False)

    """
    finder = _detector(detector)
    address = default_address() if address == AUTO else address
    if on_server(address):
        from fer.live.server_models import evidence_of, open_served

        classifier, name = open_served(address, THREADS, report)
        chosen, why = tuple(left_out or ()), ""
        threshold, facts = evidence_of(address, classifier.description.sentence(), chosen)
    else:
        classifier = _opened_file(address)
        name = classifier.description.name
        threshold, facts, chosen, why = _file_evidence(address, classifier, left_out)
    shown = WithoutEmotions(classifier, chosen) if chosen else classifier
    return LiveModel(address, name, FaceReader(finder[0], shown, finder[1]), threshold, facts, chosen, why)


def _detector(name: str) -> tuple[Detector, float]:
    """Return a detector and the least confidence of a face."""
    entry = detector_named(name)
    if entry.libraries:
        able = ", ".join(one for one, known in DETECTORS.items() if not known.libraries)
        raise InputError(f"detector {name} needs {entry.libraries[0]}, which is too slow to be used live; use {able}.")
    options = {"longest_side": LONGEST_SIDE} if hasattr(parse_detector(name, {}), "longest_side") else {}
    return open_detector(name, options), CONFIDENCE if entry.probability else 0.0


def _opened_file(address: str) -> Classifier:
    # Asked before anything is opened: opening a Keras file loads TensorFlow.
    kind, _ = request_for(address, False, {})
    if kind not in _KINDS:
        raise InputError(
            f"model {address} is of the kind {kind}, which would load TensorFlow or torch; convert it to ONNX and give "
            "that file, or give the run that trained it."
        )
    return open_classifier(address, threads=THREADS)


def _file_evidence(
    address: str, classifier: Classifier, left_out: Sequence[str] | None
) -> tuple[Threshold, CardFacts, tuple[str, ...], str]:
    """Return the threshold, the facts, the emotions left out and why, of a model's file."""
    known = classifier.description
    file = MODEL if address == ADDRESS else Path(address).expanduser()
    stated = read_live_file(file, known.digest)
    if stated is None:
        lacking = f"There is no file beside {file.name} that says how right it is, and for whom."
        threshold = default_threshold("nothing is known of the accuracy of this file")
        return threshold, CardFacts(known.sentence(), lacking=(lacking,)), tuple(left_out or ()), ""
    facts = CardFacts(known.sentence(), stated.trained_on, stated.measured, stated.evaluated_by_group, stated.checked)
    if left_out is None or set(left_out) == set(stated.left_out):
        return stated.threshold, facts, stated.left_out, stated.why_left_out
    threshold = default_threshold("other emotions are left out than those with which it was measured")
    return threshold, facts, tuple(left_out), ""

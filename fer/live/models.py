"""Open a model for live use: a network that needs neither TensorFlow nor torch, its threshold and its facts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fer.live.card_facts import CardFacts
from fer.live.thresholds import Threshold
from fer.pictures.faces import FaceReader
from fer.progress import announce
from fer.sentinels import AUTO


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

    """

    address: str
    name: str
    reader: FaceReader
    threshold: Threshold
    facts: CardFacts
    left_out: tuple[str, ...] = ()


def open_live(
    address: str = AUTO,
    detector: str = "yunet",
    left_out: Sequence[str] | None = None,
    report: Callable[[str], None] = announce,
) -> LiveModel:
    """Return a model ready for live use.

    Args:
        address: ``shipped``, an ONNX, LiteRT or Keras file, ``runs:/<id>``, ``models:/<name>@<alias>``; ``auto``: the
            registered champion, else the shipped model.
        detector: see :mod:`fer.detectors`; only those that need neither TensorFlow nor torch: yunet and haar.
        left_out: emotions not to be told; None: those that the shipped model's file names, none of another model.
        report: called with one sentence before each thing that takes long, such as a conversion.

    A Keras model is converted to ONNX once, in another process, and kept in ``$FER_CACHE/live`` by its digest. MLflow
    is imported only for a model of the server. Raises InputError for an address without a model, a model that cannot be
    converted, and a detector that would load TensorFlow or torch.

    """
    raise NotImplementedError

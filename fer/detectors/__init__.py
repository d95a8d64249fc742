"""Face detectors: one module each, one contract (:mod:`fer.detectors.contract`), and the registry that names them.

A detector's module is imported when the detector is opened, because YOLO needs torch, MTCNN needs TensorFlow, and the
others need neither. Some options are files (weights): they are checked when a detector is opened.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from fer.detectors.contract import Detections, Detector
from fer.errors import InputError
from fer.identity import file_digest
from fer.options import Options, parse

__all__ = ["DETECTORS", "Detections", "Detector", "DetectorEntry", "detector_named", "open_detector", "parse_detector"]


@dataclass(frozen=True)
class DetectorEntry:
    """One detector of the registry.

    Attributes:
        module: module with ``Options`` (a subclass of :class:`fer.options.Options`) and ``open(options) -> Detector``.
        landmarks: whether it returns the five points that alignment and head pose need.
        probability: whether its confidence is a probability, so that a threshold on it is meaningful.
        libraries: distributions, besides OpenCV, whose version affects its results.

    """

    module: str
    landmarks: bool
    probability: bool
    libraries: tuple[str, ...] = ()


_MTCNN = ("mtcnn", "tensorflow")
DETECTORS: dict[str, DetectorEntry] = {
    "yolo": DetectorEntry("fer.detectors.yolo", landmarks=False, probability=True, libraries=("torch", "ultralytics")),
    "yunet": DetectorEntry("fer.detectors.yunet", landmarks=True, probability=True),
    "mtcnn": DetectorEntry("fer.detectors.mtcnn", landmarks=True, probability=True, libraries=_MTCNN),
    "haar": DetectorEntry("fer.detectors.haar", landmarks=False, probability=False),
    "cascade": DetectorEntry(
        "fer.detectors.cascade", landmarks=False, probability=False, libraries=("mtcnn", "tensorflow")
    ),
}


def detector_named(name: str) -> DetectorEntry:
    """Return the detector of this name; raises InputError with the valid names for an unknown one."""
    try:
        return DETECTORS[name]
    except KeyError:
        raise InputError(f"unknown detector {name!r}; use one of {', '.join(DETECTORS)}, or none.") from None


def parse_detector(name: str, given: Mapping[str, Any]) -> Options:
    """Return a detector's options after checking them against its declaration, and that files they name exist."""
    return parse(import_module(detector_named(name).module).Options, given, f"detector {name}")


def weights_digest(name: str, options: Mapping[str, Any]) -> str | None:
    """Return the SHA-256 of a detector's weights file, downloaded if necessary; None for a detector without one."""
    if name not in DETECTORS:
        return None
    file = getattr(parse_detector(name, options), "file", None)
    return None if file is None else file_digest(file())


def open_detector(name: str, options: Mapping[str, Any] | None = None) -> Detector:
    """Return a detector that is ready to use.

    Raises InputError for an unknown name or option, a missing or altered weights file, or a
    library that is not installed.
    """
    return import_module(detector_named(name).module).open(parse_detector(name, options or {}))

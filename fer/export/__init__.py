"""Export of trained models: ONNX and LiteRT files that hold their preparation and run without TensorFlow.

:func:`convert` writes the files, :func:`open_exported` runs one, :func:`description_of` is what a reader of one must
know, and :func:`seconds_per_face` is its latency. Keras and TensorFlow are imported by :func:`convert` alone.
"""

from fer.export.conversion import Exported, check_can_export, convert
from fer.export.descriptions import description_of
from fer.export.kinds import EXPORT_PRECISIONS, FORMATS
from fer.export.runtimes import open_exported, seconds_per_face

__all__ = [
    "EXPORT_PRECISIONS",
    "FORMATS",
    "Exported",
    "check_can_export",
    "convert",
    "description_of",
    "open_exported",
    "seconds_per_face",
]

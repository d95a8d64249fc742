"""Convert a Keras model to files of other formats, and refuse files that do not compute what the model does."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fer.errors import InputError, refuse_repeated
from fer.export.converters import quietly
from fer.export.kinds import EXPORT_PRECISIONS, FORMATS, INT8
from fer.export.runtimes import open_exported
from fer.progress import announce

if TYPE_CHECKING:
    import keras  # isort: skip


@dataclass(frozen=True)
class Exported:
    """An exported file: its format (of ``FORMATS``), its precision (of ``EXPORT_PRECISIONS``) and where it lies.

    Example:
        >>> one = Exported("litert", "int8", Path("model_int8.tflite"))
        >>> one.name, one.title
        ('litert_int8', 'LiteRT int8')

    """

    format: str
    precision: str
    file: Path

    @property
    def name(self) -> str:
        """Its name in metrics and tables: ``onnx_int8``."""
        return f"{self.format}_{self.precision}"

    @property
    def title(self) -> str:
        """Its name for people: ``ONNX int8``."""
        return f"{FORMATS[self.format].title} {self.precision}"


def check_can_export(formats: Sequence[str], precisions: Sequence[str]) -> None:
    """Raise InputError for an unknown or repeated format or precision, for none, and for a package that is missing.

    Example:
        >>> check_can_export(["litert"], ["float32", "int4"])
        Traceback (most recent call last):
            ...
        fer.errors.InputError: unknown precision 'int4'; use one or more of float32, float16, int8.

    """
    for what, given, known in (("format", formats, FORMATS), ("precision", precisions, EXPORT_PRECISIONS)):
        if not given:
            raise InputError(f"{what} is empty; give one or more of {', '.join(known)}, joined by commas.")
        refuse_repeated(given, what)
        unknown = [name for name in given if name not in known]
        if unknown:
            raise InputError(f"unknown {what} {unknown[0]!r}; use one or more of {', '.join(known)}.")
    for name in formats:
        missing = [package for module, package in FORMATS[name].needs.items() if find_spec(module) is None]
        if missing:
            raise InputError(
                f"format {name} needs {missing[0]}, which is not installed; install {' and '.join(missing)} by `pip "
                f"install {' '.join(missing)}`, or leave {name} out of format=."
            )


def convert(
    model: "keras.Model",
    folder: Path,
    formats: Sequence[str] = tuple(FORMATS),
    precisions: Sequence[str] = EXPORT_PRECISIONS[:1],
    representative: np.ndarray | None = None,
) -> list[Exported]:
    """Write a model of :func:`fer.models.build_model`, or an ensemble of such, as files below ``folder``.

    Every file takes uint8 faces ``(n, height, width, channels)`` as the model does, for any n, and returns float32
    probabilities ``(n, classes)``. Of a model of mixed precision, the layers compute in float32, or as the file's
    precision asks.

    Args:
        model: the network, with its preparation.
        folder: an existing folder; files are named ``model_<precision>`` with the suffix of their format.
        formats: of :data:`FORMATS`.
        precisions: of :data:`EXPORT_PRECISIONS`. ``float16``: the weights, and where the runtime can the computation.
            ``int8``: weights and activations, by post-training quantization; the softmax stays in float32.
        representative: uint8 faces ``(n, height, width, channels)`` from which ``int8`` learns the range of each
            activation; a conversion is also checked on the first of them. Needed for ``int8``.

    Raises InputError for what :func:`check_can_export` refuses, for a layer that cannot be converted, and for a
    float32 file whose probabilities are not those of the model.

    """
    check_can_export(formats, precisions)
    if INT8 in precisions and (representative is None or not len(representative)):
        raise InputError("precision int8 needs representative faces; give a dataset that has training faces.")
    from fer.export.network import inference_network, trial_faces

    network = inference_network(model)
    made = []
    for name in formats:
        announce(f"converting to {FORMATS[name].title}, precision {', '.join(precisions)}")
        files = import_module(FORMATS[name].module).write(network, folder, precisions, representative)
        made += [Exported(name, precision, files[precision]) for precision in precisions]
    for one in made:
        quietly(partial(_try, one.file, trial_faces(network, representative)[:1]), one.title)
    return made


def _try(file: Path, faces: np.ndarray) -> None:
    """Raise what the runtime of a file raises if it cannot run it; converters write files that none can."""
    open_exported(file)(faces)

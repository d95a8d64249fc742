"""The interface of all classifiers, and what a reader of their results must know of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

# uint8 faces: an array (n, h, w) of gray ones or (n, h, w, c) with c 1 or 3 (RGB); or a sequence of single faces (h, w)
# or (h, w, c), each of any size.
Faces = np.ndarray | Sequence[np.ndarray]


@dataclass(frozen=True)
class ClassifierDescription:
    """What is known of a classifier.

    Attributes:
        kind: name in the registry: run, keras, onnx, litert, yolo or pyfunc.
        name: its name for people.
        address: where it was opened: a file, ``runs:/`` or ``models:/``.
        digest: SHA-256 of its file, or of all files of its folder.
        emotions: the emotions that it predicts, in the order of its probabilities.
        labels: its own words, in the order of its outputs.
        input_size: height and width in pixels to which it resizes faces.
        color: to what it converts faces: ``gray``, ``gray_as_rgb`` (in three channels), ``rgb`` or ``bgr``.
        scaling: how it scales pixels before its network sees them, such as ``unit`` (0..1).
        output: what its network returns: ``probabilities``, ``logits`` or, of a detector, ``boxes``.
        crop_margin: the margin of the crops that it was trained on, as a share of the face box; None: unknown.
        source: where it comes from; None: unknown.
        license: its licence; None: unknown.
        trained_here: whether it is a model of this project, whose training data may be known.

    """

    kind: str
    name: str
    address: str
    digest: str
    emotions: tuple[str, ...]
    labels: tuple[str, ...]
    input_size: tuple[int, int]
    color: str
    scaling: str
    output: str
    crop_margin: float | None = None
    source: str | None = None
    license: str | None = None
    trained_here: bool = False

    def facts(self) -> dict[str, str]:
        """Return what is known by name, as text; what is unknown is left out."""
        height, width = self.input_size
        found = {
            "kind": self.kind,
            "digest": self.digest,
            "labels": ", ".join(self.labels),
            "input_size": f"{height}x{width}",
            "color": self.color,
            "scaling": self.scaling,
            "output": self.output,
            "crop_margin": None if self.crop_margin is None else f"{self.crop_margin:g}",
            "source": self.source,
            "license": self.license,
        }
        return {name: value for name, value in found.items() if value is not None}

    def sentence(self) -> str:
        """Return what the model is, in one sentence.

        Example:
            >>> what = ClassifierDescription("onnx", "tiny", "tiny.onnx", "c0ffee" * 10, ("happy", "sad"),
            ...     ("joy", "sad"), (48, 48), "gray", "unit", "logits", license="MIT")
            >>> what.sentence()
            'The model tiny (onnx, from tiny.onnx, SHA-256 c0ffeec0ffee, licence MIT) takes faces of 48 x 48 pixels,
            gray, scaled: unit, and predicts happy, sad.'

        """
        height, width = self.input_size
        licence = f"licence {self.license}" if self.license else "licence unknown"
        scaled = "as they are" if self.scaling == "none" else f"scaled: {self.scaling}"
        return (
            f"The model {self.name} ({self.kind}, from {self.source or self.address}, SHA-256 {self.digest[:12]}, "
            f"{licence}) takes faces of {height} x {width} pixels, {_COLORS[self.color]}, {scaled}, and predicts "
            f"{', '.join(self.emotions)}."
        )


_COLORS = {"gray": "gray", "gray_as_rgb": "gray in three channels", "rgb": "RGB", "bgr": "BGR"}


class Classifier(Protocol):
    """Predicts the emotion that faces show."""

    @property
    def description(self) -> ClassifierDescription:
        """What is known of it."""
        ...

    def probabilities(self, faces: Faces) -> np.ndarray:
        """Return float32 ``(n, k)``: for each face the probability of each of ``description.emotions``; rows sum to 1.

        Raises InputError for faces of another kind than :data:`Faces`, and for outputs that are no probabilities.
        """
        ...

    def remarks(self) -> list[str]:
        """Return sentences on the faces seen so far that readers of the results need to know.

        Such as that they were resized, or that a detector found none.
        """
        ...

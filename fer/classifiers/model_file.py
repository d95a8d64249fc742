"""The description of a model in a YAML file: what the model's own file does not say.

It lies beside the model and has its name with ``.yaml`` added (``emotion.onnx.yaml``), or is a file of any name ending
in ``.yaml`` that names the model by ``model``.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, Field, ValidationError, field_validator

from fer.classifiers.preparation import Scaling, scaling_of
from fer.errors import InputError
from fer.options import Strict
from fer.text.validation_errors import UNKNOWN_KEY, first_error, place_of, reason, unknown_key
from fer.text.yaml_text import read_yaml

SUFFIXES = (".yaml", ".yml")


class ModelFile(Strict):
    """What a user says of a model.

    model: the model: a file, relative to this one, a run id, ``runs:/`` or ``models:/``.
    kind: name in the registry, if the model's address does not tell.
    labels: the model's words for the emotions, in the order of its outputs.
    words: what a label means, if it is no emotion or synonym of one: ``{contempt: drop}``.
    input_size: height and width in pixels, or one number for both.
    color: gray, gray_as_rgb (gray faces, repeated in three channels), rgb or bgr; by default, gray for one channel and
        rgb for three.
    scaling: how the network's input is scaled: none (0..255), unit (0..1), symmetric (-1..1), imagenet, or
        ``{mean: ..., std: ...}`` of pixels in 0..1.
    layout: channels_last (height, width, channels), channels_first, or flat (all pixels in one row, channels last).
    output: probabilities or logits.
    output_name: which of several outputs holds the emotions.
    task: of a YOLO model: classify or detect.
    confidence: of a YOLO detector: the score (0..1) from which a box counts as found.
    sha256: the SHA-256 of the model's file; another file is refused.
    name, source, license, crop_margin: what readers of the results must know.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    model: str | None = None
    kind: str | None = None
    labels: tuple[str, ...] | None = None
    words: dict[str, str] = Field(default_factory=dict)
    input_size: tuple[int, int] | None = None
    color: Literal["gray", "gray_as_rgb", "rgb", "bgr"] | None = None
    scaling: Scaling | None = None
    layout: Literal["channels_last", "channels_first", "flat"] | None = None
    output: Literal["probabilities", "logits"] = "probabilities"
    output_name: str | None = None
    task: Literal["classify", "detect"] | None = None
    confidence: float = Field(0.25, ge=0.0, le=1.0)
    sha256: str | None = Field(None, pattern="^[0-9a-fA-F]{64}$")
    name: str | None = None
    source: str | None = None
    license: str | None = None
    crop_margin: float | None = Field(None, ge=0.0)

    @field_validator("labels", "name", "source", "license")
    @classmethod
    def _one_line(cls, value: Any) -> Any:
        """Return text as one line, as it stands in sentences and tables."""
        if isinstance(value, tuple):
            return tuple(" ".join(one.split()) for one in value)
        return value if value is None else " ".join(value.split())

    @field_validator("input_size", mode="before")
    @classmethod
    def _both_sides(cls, value: Any) -> Any:
        sides = (value, value) if isinstance(value, int) else value
        whole = isinstance(sides, list | tuple) and all(type(side) is int and side > 0 for side in sides)
        if value is not None and not (whole and len(sides) == 2):
            raise ValueError("it must be one whole number of pixels, or [height, width]")
        return sides

    @field_validator("scaling", mode="before")
    @classmethod
    def _scaling(cls, value: Any) -> Scaling | None:
        return None if value is None else scaling_of(value)


def beside(path: Path) -> Path:
    """Return the place of the description of a model's file or folder."""
    return path.with_name(path.name + SUFFIXES[0])


def read_content(path: Path) -> dict[str, Any]:
    """Return the entries of a description, which :func:`checked` checks; raises InputError if it is no mapping."""
    try:
        content = read_yaml(path.read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError:
        raise InputError(f"{path} is not valid YAML; save it as UTF-8.") from None
    except OSError as error:
        raise InputError(f"the description {path} cannot be read ({error.strerror}); correct its name.") from None
    if not isinstance(content, dict):
        raise InputError(f"{path} is no description of a model; map keys to values, such as scaling: unit.")
    return content


def checked(content: Mapping[str, Any], where: str) -> ModelFile:
    """Return a description after checking its entries; raises InputError that names ``where``."""
    try:
        return ModelFile.model_validate(dict(content))
    except ValidationError as error:
        first = first_error(error)
        key = place_of(first)
        if first["type"] == UNKNOWN_KEY:
            raise InputError(f"{unknown_key(key, where, list(ModelFile.model_fields), {})}.") from None
        if first["type"] == "string_pattern_mismatch":
            raise InputError(f"{where}, entry {key}: it must be the 64 hex digits of a SHA-256.") from None
        raise InputError(f"{where}, entry {key}: {reason(first)}.") from None

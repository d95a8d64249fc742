"""What is known of a model's file for live use, in a file beside it: ``<model>.live.json``."""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from fer.errors import InputError
from fer.live.card_facts import MeasuredGroup
from fer.live.thresholds import GroupPromise, Threshold
from fer.text.validation_errors import first_error, place_of, reason

SUFFIX = ".live.json"
_DIGITS = 6


@dataclass(frozen=True)
class LiveFile:
    """The content of the file.

    Attributes:
        sha256: of the model's file that it speaks of.
        left_out: emotions that are not told unless asked for; ``why_left_out`` is a sentence.
        threshold: see :class:`fer.live.Threshold`.
        checked, measured, trained_on, evaluated_by_group: see :class:`fer.live.CardFacts`.

    """

    sha256: str
    threshold: Threshold
    left_out: tuple[str, ...] = ()
    why_left_out: str = ""
    checked: tuple[GroupPromise, ...] = ()
    measured: tuple[MeasuredGroup, ...] = ()
    trained_on: tuple[str, ...] = ()
    evaluated_by_group: bool = False


def live_file_beside(model: Path) -> Path:
    """Return the place of the file beside a model's file."""
    return model.with_name(model.name + SUFFIX)


def read_live_file(model: Path, digest: str) -> LiveFile | None:
    """Return what is said beside a model's file, whose SHA-256 is ``digest``; None where nothing is.

    Raises InputError for a file that is damaged, and for one of another model.
    """
    place = live_file_beside(model)
    if not place.is_file():
        return None
    try:
        content = json.loads(place.read_text(encoding="utf-8"))
        found = TypeAdapter(LiveFile).validate_python(_with_nan(content))
    except ValidationError as error:
        first = first_error(error)
        raise InputError(f"{place}, entry {place_of(first)}: {reason(first)}; make it again.") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{place} cannot be read ({str(error).splitlines()[0]}); make it again.") from None
    if found.sha256 != digest:
        raise InputError(f"{place} speaks of another model than {model.name}, by its SHA-256; remove it.")
    return found


def write_live_file(content: LiveFile, model: Path) -> Path:
    """Write the file beside a model's file and return its place."""
    place = live_file_beside(model)
    text = json.dumps(_without_nan(asdict(content)), indent=1, ensure_ascii=False, allow_nan=False)
    place.write_text(text + "\n", encoding="utf-8")
    return place


def _without_nan(value: Any) -> Any:
    """Return plain values with null for NaN, and numbers of few digits."""
    if isinstance(value, dict):
        return {key: _without_nan(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(one) for one in value]
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, _DIGITS)
    return value


def _with_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_nan(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_with_nan(one) for one in value]
    return math.nan if value is None else value

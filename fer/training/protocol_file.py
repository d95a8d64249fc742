"""A user's own protocol: a YAML file with the fields of :class:`Protocol` and, in ``phases``, of :class:`Phase`."""

import math
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from fer.errors import InputError
from fer.text.validation_errors import first_error, place_of, reason
from fer.text.yaml_text import read_yaml
from fer.training.protocols import ALL_LAYERS, Phase, Protocol, adjusted


def read_protocol(path: str | Path) -> Protocol:
    """Read and check a protocol file; raises InputError that names the file, the entry and the error."""
    if not Path(path).is_file():
        raise InputError(f"there is no protocol file {path}; see docs/models.md for one.")
    try:
        content = read_yaml(Path(path).read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not valid YAML ({error}); save it as UTF-8.") from error
    _refuse_unknown(content, path)
    try:
        protocol = TypeAdapter(Protocol).validate_python(content)
    except ValidationError as error:
        first = first_error(error)
        place = place_of(first) or "protocol"
        raise InputError(f"{path}, entry {place}: {reason(first)}; see docs/models.md.") from None
    try:
        return _checked(protocol)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _refuse_unknown(content: Any, path: str | Path) -> None:
    """Refuse anything but a mapping, and unknown names, which pydantic would ignore in a dataclass."""
    phases = content.get("phases") if isinstance(content, Mapping) else None
    if not isinstance(phases, list) or not phases or not all(isinstance(phase, Mapping) for phase in phases):
        raise InputError(f"{path} is not a protocol: it must map phases to a list of mappings; see docs/models.md.")
    for given, kind in ((content, Protocol), *((phase, Phase) for phase in phases)):
        valid = [field.name for field in fields(kind)]
        unknown = sorted(str(name) for name in given if name not in valid)
        if unknown:
            raise InputError(f"{path}: a {kind.__name__.lower()} has no {unknown[0]!r}; it has: {', '.join(valid)}.")


def _check_number(what: str, value: float | None, most: float = math.inf) -> None:
    """Refuse a number below 0, above ``most``, infinite or NaN; None is no number to check."""
    if value is not None and not (0 <= value <= most and math.isfinite(value)):
        allowed = "a finite number of 0 or more" if math.isinf(most) else f"a number from 0 to {most:g}"
        raise InputError(f"{what} is {value}; give {allowed}.")


def _check_phase(phase: Phase) -> None:
    for unfrozen in (phase.unfrozen, *phase.unfrozen_by_backbone.values()):
        if unfrozen < ALL_LAYERS:
            raise InputError(f"phase {phase.name} unfreezes {unfrozen} layers; give 0 or more, or -1 for all.")
    _check_number(f"warmup of phase {phase.name}", phase.warmup, most=1)
    _check_number(f"min_delta of phase {phase.name}", phase.min_delta)
    _check_number(f"early_stopping of phase {phase.name}", phase.early_stopping)
    if phase.reduce_on_plateau is not None:
        if phase.schedule != "constant":
            raise InputError(
                f"phase {phase.name} has the schedule {phase.schedule} and reduce_on_plateau, which both set the rate; "
                "give one of them."
            )
        factor, patience, lowest = phase.reduce_on_plateau
        if not 0 < factor < 1:
            raise InputError(
                f"the factor of reduce_on_plateau of phase {phase.name} is {factor}; give a number between 0 and 1."
            )
        _check_number(f"the patience of reduce_on_plateau of phase {phase.name}", patience)
        _check_number(f"the lowest rate of reduce_on_plateau of phase {phase.name}", lowest)


def _check_range(name: str, low: float, high: float, scale: str) -> None:
    most = 1 if name == "dropout" else math.inf
    if not (0 <= low <= high < most) or (scale == "log" and low == 0):
        bounds = ("above 0" if scale == "log" else "0 or more") + (" and below 1" if name == "dropout" else "")
        raise InputError(
            f"search_space of {name} from {low} to {high} ({scale}) is no range; give two finite numbers, {bounds}, "
            "the smaller one first."
        )


def _checked(protocol: Protocol) -> Protocol:
    for phase in protocol.phases:
        _check_phase(phase)
        adjusted(protocol, learning_rate=phase.learning_rate)
    _check_number("weight_decay", protocol.weight_decay)
    _check_number("label_smoothing", protocol.label_smoothing, most=1)
    if set(protocol.search_space) - {"learning_rate", "dropout"}:
        raise InputError("search_space may name learning_rate and dropout only; leave the others out.")
    for name, (low, high, scale) in protocol.search_space.items():
        _check_range(name, low, high, scale)
    return adjusted(
        protocol,
        epochs=[phase.epochs for phase in protocol.phases],
        dropout=protocol.dropout,
        batch_size=protocol.batch_size,
        monitor=protocol.monitor,
        mixup=protocol.mixup,
        weight_averaging=protocol.weight_averaging,
    )

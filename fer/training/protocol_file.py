"""A user's own protocol: a YAML file with the fields of :class:`Protocol` and, in ``phases``, of :class:`Phase`."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from fer.errors import InputError
from fer.training.protocols import Phase, Protocol, adjusted
from fer.yaml_text import read_yaml


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
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "protocol"
        raise InputError(f"{path}, entry {place}: {first['msg'].lower()}; see docs/models.md.") from None
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


def _checked(protocol: Protocol) -> Protocol:
    for phase in protocol.phases:
        if phase.unfrozen < -1:
            raise InputError(f"phase {phase.name} unfreezes {phase.unfrozen} layers; give 0 or more, or -1 for all.")
        adjusted(protocol, learning_rate=phase.learning_rate)
    if set(protocol.search_space) - {"learning_rate", "dropout"}:
        raise InputError("search_space may name learning_rate and dropout only; leave the others out.")
    return adjusted(
        protocol,
        epochs=[phase.epochs for phase in protocol.phases],
        dropout=protocol.dropout,
        batch_size=protocol.batch_size,
        monitor=protocol.monitor,
    )

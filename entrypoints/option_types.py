"""Parse the values of options: each function is the ``type=`` of some, and says in one sentence what is wrong."""

from pathlib import Path
from typing import Any

import click

from fer.errors import InputError, refuse_repeated, shown
from fer.sentinels import AUTO, NONE
from fer.text.numbers import real, whole


def optional(value: str) -> str | None:
    """Return the value, or None for ``none`` (MLflow treats an empty default as a missing parameter)."""
    return None if value == NONE else value


def optional_path(value: str) -> Path | None:
    """Return a path, or None for ``none``."""
    return None if value == NONE else Path(value).expanduser()


def optional_number(value: str) -> int | None:
    """Return a whole number, or None for ``none`` and ``auto``."""
    if value in (NONE, AUTO):
        return None
    try:
        return whole(value)
    except ValueError:
        raise click.BadParameter(f"{shown(value)} is not a whole number; give one, or none.") from None


def optional_real(value: str) -> float | None:
    """Return a number, or None for ``none`` and ``auto``."""
    if value in (NONE, AUTO):
        return None
    try:
        return real(value)
    except ValueError:
        raise click.BadParameter(f"{shown(value)} is not a number; give one, or leave it out.") from None


def counts(value: str) -> tuple[int, ...]:
    """Return the whole numbers of a comma-separated value; none for ``none`` and ``auto``."""
    try:
        return tuple(map(whole, [] if value in (NONE, AUTO) else value.split(",")))
    except ValueError:
        raise click.BadParameter(f"{shown(value)} is not a list of whole numbers; write it as 8,60.") from None


def ratios(value: str) -> tuple[float, ...]:
    """Return the three numbers of a comma-separated value."""
    try:
        train, validation, test = map(real, value.split(","))
    except ValueError:
        raise click.BadParameter(f"{shown(value)} is not a list of 3 numbers; write it as 0.6,0.2,0.2.") from None
    return train, validation, test


def listed(value: str) -> list[str]:
    """Return the parts of a comma-separated value, each given once; an empty list for ``none`` and ``auto``."""
    if value in (NONE, AUTO):
        return []
    parts = [part.strip() for part in value.split(",")]
    if not all(parts):
        raise click.BadParameter(f"{shown(value)} has an empty entry; join entries by single commas.")
    try:
        refuse_repeated(parts, shown(value))
    except InputError as error:
        raise click.BadParameter(str(error)) from None
    return parts


def listed_or_auto(value: str) -> list[str] | None:
    """Return :func:`listed`, or None for ``auto``."""
    return None if value == AUTO else listed(value)


def mapping(value: str) -> dict[str, Any]:
    """Return the mapping in a YAML value such as ``{splits: field}``, with keys as text; empty for ``none``."""
    from fer.text.yaml_text import NotYamlError, read_yaml

    try:
        content = {} if value == NONE else read_yaml(value, shown(value))
    except NotYamlError:
        content = None
    except InputError as error:
        raise click.BadParameter(str(error)) from None
    if not isinstance(content, dict):
        raise click.BadParameter(f"{shown(value)} is not a YAML mapping; write it as '{{splits: field}}'.")
    return content

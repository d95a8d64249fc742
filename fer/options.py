"""Declared options of sources and detectors: a class a thing, unknown names refused in one sentence."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from fer.errors import InputError


class Options(BaseModel):
    """Options of one source or detector: a subclass declares each with its default; unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Declared = TypeVar("Declared", bound=Options)


def parse(declared: type[Declared], given: Mapping[str, Any], what: str) -> Declared:
    """Check options against their declaration; InputError names ``what`` ("source eila"), the option and the remedy."""
    try:
        return declared.model_validate(dict(given))
    except ValidationError as error:
        first = error.errors()[0]
        option = ".".join(str(part) for part in first["loc"]) or "options"
        if first["type"] == "string_type":
            raise InputError(f"{what}, option {option!r}: {first['input']!r} is no text; write it in quotes.") from None
        valid = ", ".join(declared.model_fields) or "none"
        raise InputError(f"{what}, option {option!r}: {first['msg'].lower()}; its options are: {valid}.") from None

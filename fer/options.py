"""Declared options of sources and detectors: one class each; unknown names are refused."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from fer.errors import InputError
from fer.validation_errors import UNKNOWN_KEY, first_error, place_of, reason, unknown_key


class Options(BaseModel):
    """Options of one source or detector: a subclass declares each with its default. Unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Declared = TypeVar("Declared", bound=Options)


def parse(declared: type[Declared], given: Mapping[str, Any], what: str) -> Declared:
    """Return the options after checking them against their declaration.

    Raises InputError that names ``what`` (such as "source eila"), the option and the valid options.
    """
    try:
        return declared.model_validate(dict(given))
    except ValidationError as error:
        first = first_error(error)
        option = place_of(first)
        if not option:
            raise InputError(f"{what}: {reason(first)}.") from None
        if first["type"] == UNKNOWN_KEY:
            raise InputError(f"{unknown_key(option, what, list(declared.model_fields), {})}.") from None
        valid = ", ".join(declared.model_fields) or "none"
        raise InputError(f"{what}, option {option!r}: {reason(first)} (its options are: {valid}).") from None

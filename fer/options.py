"""Declared options of sources and detectors: one class each; unknown names are refused."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator

from fer.errors import InputError
from fer.text.numbers import plain
from fer.text.validation_errors import UNKNOWN_KEY, first_error, place_of, reason, unknown_key


class Strict(BaseModel):
    """Declared values that users write: unknown names are refused, and text for numbers that is not plain digits.

    pydantic takes the text ``1_0`` for 10.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _plain_numbers(cls, value: Any, info: ValidationInfo) -> Any:
        kinds = [part for part in _parts(cls.model_fields[str(info.field_name)].annotation) if isinstance(part, type)]
        if (int in kinds or float in kinds) and str not in kinds:
            for one in value if isinstance(value, list | tuple) else (value,):
                if isinstance(one, str):
                    plain(one)
        return value


def _parts(annotation: object) -> Iterator[object]:
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)


class Options(Strict):
    """Options of one source or detector: a subclass declares each with its default."""


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

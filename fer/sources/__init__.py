"""Raw sources of labelled faces: one module each, and the registry that names them.

A source is a function ``read(folder, options) -> Listing`` and a declared set of options. To add one,
write its module and enter it in :data:`SOURCES`; the tests over the registry then cover it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fer.errors import InputError
from fer.sources import eila, fer2013, sfew, synthetic
from fer.sources.listing import Listing, SourceOptions


@dataclass(frozen=True)
class Source:
    """One raw source.

    Attributes:
        read: lists the faces of a folder.
        options: the class that declares its options.
        needs_folder: false for a source that makes its faces.

    """

    read: Callable[[Path, Any], Listing]
    options: type[SourceOptions]
    needs_folder: bool = True


SOURCES: dict[str, Source] = {
    "fer2013": Source(fer2013.read, fer2013.Options),
    "sfew": Source(sfew.read, sfew.Options),
    "eila": Source(eila.read, eila.Options),
    "synthetic": Source(synthetic.read, synthetic.Options, needs_folder=False),
}


def source_named(name: str) -> Source:
    """Return the source of this name; InputError with the valid names for any other."""
    try:
        return SOURCES[name]
    except KeyError:
        raise InputError(f"unknown source {name!r}; use one of {', '.join(SOURCES)}.") from None


def parse_options(name: str, given: Mapping[str, Any]) -> SourceOptions:
    """Check a source's options against its declaration; InputError names the option and the remedy."""
    declared = source_named(name).options
    try:
        return declared.model_validate(dict(given))
    except ValidationError as error:
        first = error.errors()[0]
        option = ".".join(str(part) for part in first["loc"]) or "options"
        valid = ", ".join(declared.model_fields) or "none"
        raise InputError(
            f"source {name}, option {option!r}: {first['msg'].lower()}; its options are: {valid}."
        ) from None

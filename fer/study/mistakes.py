"""What is wrong with a study file, in one sentence that names the file, the line, the key and the remedy."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import get_args

import yaml
from pydantic import BaseModel, ValidationError

from fer.errors import InputError
from fer.study.schema import StudyFile
from fer.text.validation_errors import UNKNOWN_KEY, first_error, place_of, reason, unknown_key

_PAGE = "see docs/study_files.md"
_WHOLE = "a study file"
_PRETRAINING = "pretraining"


def mistake(
    error: ValidationError,
    path: Path,
    given: Mapping[str, object],
    inside: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> InputError:
    """Return the error for the first thing that the schema refuses in the study file at ``path``.

    ``given`` are the entries that the command line replaced: they have no line in the file. ``inside`` says of entries
    that are not at the file's top level where they are.
    """
    first = first_error(error)
    place = first["loc"]
    if str(place[0]) in given:
        return InputError(f"{place[0]}= for {path}: {reason(first)}; {_PAGE}.")
    what = _unknown(place) if first["type"] == UNKNOWN_KEY else reason(first)
    line = line_of(path.read_text(encoding="utf-8"), (*inside.get(str(place[0]), ()), *place))
    return InputError(f"{path}, line {line}, entry {place_of(first)}: {what}; {_PAGE}.")


def _unknown(place: Sequence[int | str]) -> str:
    keys = {where: list(model.model_fields) for where, model in models()}
    here = {where: model for where, model in models()}
    holder = next(where for where, model in here.items() if model is _holder(place))
    return unknown_key(str(place[-1]), holder, keys[holder], keys)


def models() -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield each kind of entry of a study file with what it is called: the file itself, then as it declares them.

    ``pretraining``, which is of the kind of ``training``, has none of its own.
    """
    yield _WHOLE, StudyFile
    for name, field in StudyFile.model_fields.items():
        for model in _models_in(field.annotation) if name != _PRETRAINING else ():
            yield (f"an entry of {name}" if model is not field.annotation else name), model
            for inner, declared in model.model_fields.items():
                yield from ((f"{inner} of an entry of {name}", one) for one in _models_in(declared.annotation))


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]


def _holder(place: Sequence[int | str]) -> type[BaseModel]:
    """Return the kind of entry that a place's last key stands in."""
    model: type[BaseModel] = StudyFile
    for part in place[:-1]:
        if part in model.model_fields:
            model = next(iter(_models_in(model.model_fields[str(part)].annotation)), model)
    return model


def line_of(text: str, place: Sequence[int | str]) -> int:
    """Return the line, from 1, of an entry of a YAML text, or of what it would stand in if it is not there.

    Example:
        >>> text = chr(10).join(["name: a", "test:", "  dataset: b"])
        >>> line_of(text, ("test", "dataset")), line_of(text, ("test", "split"))
        (3, 2)

    """
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if node is None:
        return 1
    line = node.start_mark.line
    for part in place:
        found = _entry(node, part)
        if found is None:
            break
        node, line = found
    return line + 1


def _entry(node: yaml.Node, part: int | str) -> tuple[yaml.Node, int] | None:
    """Return the value of an entry and the line on which the entry begins; None if there is no such entry."""
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part].start_mark.line
    if not isinstance(node, yaml.MappingNode):
        return None
    for key, value in node.value:
        if key.value == part:
            return value, key.start_mark.line
    merged = (value for key, value in node.value if key.tag == "tag:yaml.org,2002:merge")
    sources = (one for value in merged for one in (value.value if isinstance(value, yaml.SequenceNode) else [value]))
    return next((found for source in sources if (found := _entry(source, part)) is not None), None)

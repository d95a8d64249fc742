"""YAML as users mean it: keys are text as it is written, and none is given twice.

YAML itself makes a truth value of the key ``no``, a number of ``1.0000000e+00`` or ``010``, a date of ``2020-01-01``
and nothing of ``null``; and of a key that stands twice the last one silently counts. The keys of this project are words
of datasets, columns and names, which are what they are written as. Values keep YAML's types.
"""

import json
from collections.abc import Hashable
from typing import Any

import yaml

from fer.errors import InputError


class NotYamlError(InputError):
    """The text is no YAML at all."""


class _RepeatedKeyError(Exception):
    """A mapping gives this key twice."""


class _TextKeys(yaml.SafeLoader):
    """The safe loader with text keys, each once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        self._refuse_repeated(node)
        self.flatten_mapping(node)  # Merge keys: what a mapping says itself comes last, and counts.
        return {key.value: self.construct_object(value, deep=True) for key, value in node.value}

    def construct_yaml_map(self, node: yaml.MappingNode) -> Any:
        made: dict[Hashable, Any] = {}
        yield made
        made.update(self.construct_mapping(node))

    def _refuse_repeated(self, node: yaml.MappingNode) -> None:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key is no text", key.start_mark)
            if key.value in seen:
                raise _RepeatedKeyError(key.value)
            seen.add(key.value)


_TextKeys.add_constructor("tag:yaml.org,2002:map", _TextKeys.construct_yaml_map)


def read_yaml(text: str, what: str) -> Any:
    """Return what a YAML text says.

    Raises NotYamlError, naming ``what``, for one that is none, and InputError for one that gives a key twice.

    Example:
        >>> read_yaml("{no: drop, 010: sad, 1.0000000e+00: angry}", "labels")
        {'no': 'drop', '010': 'sad', '1.0000000e+00': 'angry'}

    """
    try:
        return yaml.load(text, Loader=_TextKeys)
    except _RepeatedKeyError as repeated:
        raise InputError(f"{what} gives {repeated} twice; keep one of them.") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f" in line {mark.line + 1}" if mark is not None and "\n" in text.strip() else ""
        raise NotYamlError(f"{what} is no YAML ({error.problem or error.context}{at}); correct it.") from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise NotYamlError(f"{what} is no YAML ({' '.join(str(error).split())}); correct it.") from None
    except RecursionError:
        raise NotYamlError(f"{what} is nested too deeply; correct it.") from None


def key_text(key: str) -> str:
    """Return a key as it is to be written in a YAML mapping such as ``{key: drop}``, in quotes where it needs them.

    Example:
        >>> key_text("no"), key_text("fear: mild")
        ('no', '"fear: mild"')

    """
    try:
        plain = read_yaml(f"{{{key}: x}}", "a key") == {key: "x"}
    except InputError:
        plain = False
    return key if plain else json.dumps(key, ensure_ascii=False)

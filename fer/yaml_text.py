"""YAML with keys as the text that is written, and without repeated keys.

Plain YAML reads the key ``no`` as a boolean, ``1.0000000e+00`` and ``010`` as numbers, ``2020-01-01`` as a date and
``null`` as None, and silently uses the last one of repeated keys. In this project keys are labels of datasets, columns
and names, which are meant as written. Values keep YAML's types.
"""

import json
from collections.abc import Hashable
from typing import Any

import yaml

from fer.errors import InputError


class NotYamlError(InputError):
    """Raised if the text is not valid YAML."""


class _RepeatedKeyError(Exception):
    """Raised if a mapping has this key twice."""


class _TextKeys(yaml.SafeLoader):
    """YAML's safe loader with keys as text and without repeated keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        self._refuse_repeated(node)
        self.flatten_mapping(node)  # Merge keys: a mapping's own entries come last and take precedence.
        return {key.value: self.construct_object(value, deep=True) for key, value in node.value}

    def construct_yaml_map(self, node: yaml.MappingNode) -> Any:
        made: dict[Hashable, Any] = {}
        yield made
        made.update(self.construct_mapping(node))

    def _refuse_repeated(self, node: yaml.MappingNode) -> None:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key is not text", key.start_mark)
            if key.value in seen:
                raise _RepeatedKeyError(key.value)
            seen.add(key.value)


_TextKeys.add_constructor("tag:yaml.org,2002:map", _TextKeys.construct_yaml_map)


def read_yaml(text: str, what: str) -> Any:
    """Return the content of a YAML text.

    Raises NotYamlError, naming ``what``, if the text is not valid YAML, and InputError if a key is repeated.

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
        raise NotYamlError(f"{what} is not valid YAML ({error.problem or error.context}{at}); correct it.") from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise NotYamlError(f"{what} is not valid YAML ({' '.join(str(error).split())}); correct it.") from None
    except RecursionError:
        raise NotYamlError(f"{what} is nested too deeply; correct it.") from None


def key_text(key: str) -> str:
    """Return a key as it must be written in a YAML mapping such as ``{key: drop}``, quoted if necessary.

    Example:
        >>> key_text("no"), key_text("fear: mild")
        ('no', '"fear: mild"')

    """
    try:
        plain = read_yaml(f"{{{key}: x}}", "a key") == {key: "x"}
    except InputError:
        plain = False
    return key if plain else json.dumps(key, ensure_ascii=False)

"""YAML with keys as the text that is written, and without repeated keys.

Plain YAML reads the key ``no`` as a boolean, ``1.0000000e+00`` and ``010`` as numbers, ``2020-01-01`` as a date and
``null`` as None, and silently uses the last one of repeated keys. In this project keys are labels of datasets, columns
and names, which are meant as written. Values keep YAML's types, but a number must be written in plain digits: YAML
reads ``1_0`` as 10, ``010`` as 8 and ``1:30`` as 90.
"""

import json
import re
from collections.abc import Hashable
from typing import Any

import yaml

from fer.errors import InputError


class NotYamlError(InputError):
    """Raised if the text is not valid YAML."""


class _RepeatedKeyError(Exception):
    """Raised if a mapping has this key twice."""


_PLAIN_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)", re.ASCII)


class _NumberError(Exception):
    """Raised for a number that YAML reads as another one than its digits say."""


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

    def construct_whole(self, node: yaml.ScalarNode) -> int:
        if not _PLAIN_WHOLE.fullmatch(node.value):
            raise _NumberError(node.value)
        return self.construct_yaml_int(node)

    def construct_real(self, node: yaml.ScalarNode) -> float:
        if set(node.value) & {"_", ":"}:
            raise _NumberError(node.value)
        return self.construct_yaml_float(node)

    def _refuse_repeated(self, node: yaml.MappingNode) -> None:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key is not text", key.start_mark)
            if key.value in seen:
                raise _RepeatedKeyError(key.value)
            seen.add(key.value)


_TextKeys.add_constructor("tag:yaml.org,2002:map", _TextKeys.construct_yaml_map)
_TextKeys.add_constructor("tag:yaml.org,2002:int", _TextKeys.construct_whole)
_TextKeys.add_constructor("tag:yaml.org,2002:float", _TextKeys.construct_real)


def read_yaml(text: str, what: str) -> Any:
    """Return the content of a YAML text.

    Raises NotYamlError, naming ``what``, if the text is not valid YAML, and InputError if a key is repeated or a number
    has other characters than plain digits.

    Example:
        >>> read_yaml("{no: drop, 010: sad, 1.0000000e+00: angry}", "labels")
        {'no': 'drop', '010': 'sad', '1.0000000e+00': 'angry'}

    """
    try:
        return yaml.load(text, Loader=_TextKeys)
    except _RepeatedKeyError as repeated:
        raise InputError(f"{what} gives {repeated} twice; keep one of them.") from None
    except _NumberError as number:
        raise InputError(
            f"{what} gives {number}, which YAML takes for a number; write plain digits, or quote it if it is text."
        ) from None
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

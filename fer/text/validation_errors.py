"""What pydantic refuses, in plain English: its own messages speak of tuples, instances and extra inputs."""

import difflib
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

UNKNOWN_KEY = "extra_forbidden"
_SHOWN = 60
_KINDS: dict[type, str] = {dict: "a mapping", list: "a list", tuple: "a list", bool: "true or false"}


def first_error(error: "ValidationError") -> "ErrorDetails":
    """Return the error to report: an unknown key before all others, as it explains why another one is missing."""
    found = error.errors()
    return next((one for one in found if one["type"] == UNKNOWN_KEY), found[0])


def place_of(error: "ErrorDetails") -> str:
    """Return where an error is, as ``training.epochs`` or ``mixtures.0.arm`` (counted from 0); "" for the whole."""
    return ".".join(str(part) for part in error["loc"])


def closest(name: str, valid: Collection[str]) -> str | None:
    """Return the valid name that a name was probably meant to be; None if it resembles none.

    Example:
        >>> closest("epoch", ["epochs", "dropout"]), closest("Split-rule", ["split_rule"]), closest("x", ["epochs"])
        ('epochs', 'split_rule', None)

    """
    plain = {one.lower().replace("-", "_"): one for one in valid}
    near = difflib.get_close_matches(name.lower().replace("-", "_"), plain, n=1, cutoff=0.7)
    return plain[near[0]] if near else None


def unknown_key(key: str, here: str, valid: Collection[str], elsewhere: Mapping[str, Collection[str]]) -> str:
    """Return what is wrong with an unknown key, and the remedy.

    Args:
        key: the key as written.
        here: what it stands in, such as "training".
        valid: the keys that are valid there.
        elsewhere: the valid keys of other places, by their names.

    Example:
        >>> unknown_key("epoch", "training", ["epochs", "dropout"], {})
        "there is no key 'epoch' in training; write epochs"
        >>> unknown_key("epochs", "test", ["dataset"], {"training": ["epochs"]})
        "there is no key 'epochs' in test; it belongs in training (keys of test: dataset)"

    """
    near = closest(key, valid)
    others = [place for place, keys in elsewhere.items() if key in keys and place != here]
    what = f"there is no key {_shown(key)} in {here}"
    if near is None and others:
        return f"{what}; it belongs in {' or '.join(others)} (keys of {here}: {', '.join(valid)})"
    if not valid:
        return f"{what}, which has none; leave it out"
    return f"{what}; write {near}" if near else f"{what}; leave it out, or write one of {', '.join(valid)}"


def reason(error: "ErrorDetails") -> str:
    """Return what is wrong with a value, and the remedy, as one clause without a full stop.

    Unknown keys are described by :func:`unknown_key`, which needs to know the valid ones.
    """
    kind, value = error["type"], error["input"]
    context = error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "missing":
        return "it is missing; add it"
    if kind in ("too_short", "too_long"):
        bound = f"at least {context['min_length']}" if kind == "too_short" else f"at most {context['max_length']}"
        return f"it must have {bound} {'entry' if bound.endswith(' 1') else 'entries'}, not {context['actual_length']}"
    if value is None:
        return f"it is empty; it must be {_expected(kind, context) or 'given'}"
    if kind == "string_type" and not isinstance(value, dict | list | tuple):
        return f"{_shown(value)} is no text; write it in quotes"
    expected = _expected(kind, context)
    if expected is None:  # A kind of error that no declaration of this project raises so far.
        return error["msg"][:1].lower() + error["msg"][1:]
    return f"it must be {expected}, not {_KINDS.get(type(value)) or _shown(value)}"


_EXPECTED: dict[str, str | Callable[[Mapping[str, Any]], str]] = {
    "string_type": "text",
    "dict_type": "a mapping of names to values, such as {name: value}",
    "mapping_type": "a mapping of names to values, such as {name: value}",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
    "dataclass_type": "a mapping of keys to values",
    "tuple_type": "a list, such as [a, b]",
    "list_type": "a list, such as [a, b]",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a smaller whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "literal_error": lambda context: f"{context['expected']}",
    "greater_than_equal": lambda context: f"{context['ge']:.12g} or more",
    "greater_than": lambda context: f"more than {context['gt']:.12g}",
    "less_than_equal": lambda context: f"{context['le']:.12g} or less",
    "less_than": lambda context: f"less than {context['lt']:.12g}",
}


def _expected(kind: str, context: Mapping[str, Any]) -> str | None:
    known = _EXPECTED.get(kind)
    return known(context) if callable(known) else known


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."

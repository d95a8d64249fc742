"""pydantic's errors in plain English: none of its own words is left."""

from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fer.options import Options, parse
from fer.text.validation_errors import first_error, place_of, reason


class _Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    word: str


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str = ""
    count: int = Field(default=1, ge=1, lt=10)
    share: float = Field(default=0.5, gt=0, le=1)
    on: bool = False
    kind: Literal["a", "b"] = "a"
    words: tuple[str, ...] = Field(default=("x",), min_length=1, max_length=2)
    items: list[int] = []
    names: dict[str, str] = {}
    inner: _Inner | None = None


def said(**given):
    with pytest.raises(ValidationError) as caught:
        _Declared(**given)
    first = first_error(caught.value)
    return f"{place_of(first)}: {reason(first)}"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"text": 2024}, "text: 2024 is no text; write it in quotes"),
        ({"text": False}, "text: False is no text; write it in quotes"),
        ({"text": None}, "text: it is empty; it must be text"),
        ({"text": ["a"]}, "text: it must be text, not a list"),
        ({"count": "first"}, "count: it must be a whole number, not 'first'"),
        ({"count": 1.5}, "count: it must be a whole number, not 1.5"),
        ({"count": 0}, "count: it must be 1 or more, not 0"),
        ({"count": 10}, "count: it must be less than 10, not 10"),
        ({"share": "half"}, "share: it must be a number, not 'half'"),
        ({"share": 0}, "share: it must be more than 0, not 0"),
        ({"share": 2}, "share: it must be 1 or less, not 2"),
        ({"on": "perhaps"}, "on: it must be true or false, not 'perhaps'"),
        ({"kind": "c"}, "kind: it must be 'a' or 'b', not 'c'"),
        ({"words": "x"}, "words: it must be a list, such as [a, b], not 'x'"),
        ({"words": []}, "words: it must have at least 1 entry, not 0"),
        ({"items": {}}, "items: it must be a list, such as [a, b], not a mapping"),
        ({"names": []}, "names: it must be a mapping of names to values, such as {name: value}, not a list"),
        ({"inner": "x"}, "inner: it must be a mapping of keys to values, not 'x'"),
        ({"inner": {}}, "inner.word: it is missing; add it"),
        ({"text": {"a": 1}}, "text: it must be text, not a mapping"),
    ],
)
def test_each_kind_of_error(given, sentence):
    assert said(**given) == sentence


def test_a_long_value_is_cut():
    assert said(count="9" * 5000 + "x").endswith("9...")


class _Splits(Options):
    splits: str = "field"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"splts": "paper"}, ("no key 'splts' in source x", "write splits")),
        ({"colour": "red"}, ("no key 'colour' in source x", "one of splits")),
        ({"splits": ["a"]}, ("source x, option 'splits'", "must be text, not a list")),
    ],
)
def test_options_of_a_source(given, words, refused):
    with refused(*words):
        parse(_Splits, given, "source x")


def test_a_source_without_options(refused):
    with refused("no key 'a' in source y", "which has none; leave it out"):
        parse(Options, {"a": 1}, "source y")

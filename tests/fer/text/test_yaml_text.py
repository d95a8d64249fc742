"""YAML keys are text as written; repeated keys and invalid YAML are refused in one sentence."""

import pytest

from fer.errors import InputError
from fer.text.yaml_text import NotYamlError, key_text, read_yaml

WORDS = [
    "no",
    "Yes",
    "off",
    "null",
    "~",
    "1.0000000e+00",
    "010",
    "0x1F",
    "1_000",
    "2020-01-01",
    "12:30:00",
    "7",
    ".inf",
]


@pytest.mark.parametrize("word", WORDS)
def test_a_key_is_text_as_it_is_written(word):
    assert read_yaml(f"{{{word}: drop}}", "labels") == {word: "drop"}
    assert read_yaml(f"labels:\n  {word}: drop\n", "a file") == {"labels": {word: "drop"}}


def test_values_keep_their_types():
    assert read_yaml("{a: no, b: 1.5, c: [1, {d: null}]}", "options") == {"a": False, "b": 1.5, "c": [1, {"d": None}]}


def test_aliases_and_merge_keys_work():
    assert read_yaml("base: &b {1: x, 2: y}\nmore: {<<: *b, 2: z}\n", "a file")["more"] == {"1": "x", "2": "z"}


@pytest.mark.parametrize(
    "text", ["{a: 1, a: 2}", "{yes: 1, yes: 1}", "x:\n  - {b: 1, 'b': 2}\n", '{a: 1, b: {}, "a": 3}']
)
def test_a_key_given_twice_is_refused(text, refused):
    with refused("options gives", "twice"):
        read_yaml(text, "options")


@pytest.mark.parametrize(
    "text", ["{a", "a: b: c", "[" * 3000, "{a: " * 3000, "{[a]: b}", "\x00", "!!python/name:os.system {}", "*a",
             "a: 2020-13-45", "a: !!int x"],
)  # fmt: skip
def test_what_is_no_yaml_is_refused_by_name(text, refused):
    with refused("my file"):
        read_yaml(text, "my file")
    assert issubclass(NotYamlError, InputError)


@pytest.mark.parametrize(
    "word", [*WORDS, "fear: mild", "a, b", "#1", "", " x", "{", "it's", 'a"b', "a\\b", "日本", "- x", "?", "a #b"]
)
def test_a_remedy_prints_a_key_that_is_read_as_that_word(word):
    assert read_yaml(f"{{{key_text(word)}: drop}}", "labels") == {word: "drop"}


@pytest.mark.parametrize("number", ["1_0", "010", "0x10", "0b1", "1:30", "1_0.5", "1:30.5", "!!int '1_0'", "-1_0"])
def test_a_number_that_its_digits_do_not_say_is_refused(number, refused):
    with refused("my file gives", number.strip("!int '"), "plain digits", "quote it"):
        read_yaml(f"a: [{number}]", "my file")


def test_plain_numbers_are_read_and_text_is_text():
    text = "[0, -7, +3, 1.5, 1.0e-3, .inf, '010', '1_0', a_1, 1-2]"
    assert read_yaml(text, "a file") == [0, -7, 3, 1.5, 0.001, float("inf"), "010", "1_0", "a_1", "1-2"]

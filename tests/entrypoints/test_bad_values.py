"""What no parameter may be: empty, given twice, a list with gaps or repeats, a number in other digits.

Every entry point refuses it in one sentence, before a run is opened.
"""

import importlib

import click
import mlflow
import pytest
from click.testing import CliRunner

from entrypoints.console import NAMES
from entrypoints.option_types import listed, listed_or_auto

COMMANDS = {name: importlib.import_module(f"entrypoints.{name}").main for name in NAMES}
OPTIONS = [(name, option) for name, command in COMMANDS.items() for option in command.params
           if isinstance(option, click.Option)]  # fmt: skip
NUMBERS = [(name, option) for name, option in OPTIONS if option.type.name in ("integer", "number")]
LISTS = [(name, option) for name, option in OPTIONS if getattr(option.type, "func", None) in (listed, listed_or_auto)]


def ids(case):
    return case.opts[0] if isinstance(case, click.Option) else case


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    """An SQLite store that is not there yet, and is not made."""
    before = mlflow.get_tracking_uri()
    monkeypatch.chdir(tmp_path)
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/mlflow.db")
    yield
    mlflow.set_tracking_uri(before)
    assert not list(tmp_path.iterdir())


def sentence(name, *arguments):
    """Return the one line that an entry point answers bad parameters with."""
    result = CliRunner().invoke(COMMANDS[name], list(arguments))
    assert result.exit_code == 2, result.exception
    [line] = result.output.splitlines()
    assert line.startswith("error: ") and line.endswith(".")
    return line.removeprefix("error: ")


def required(name, but):
    """Return values for the other required options of an entry point."""
    return [
        word
        for option in COMMANDS[name].params
        if option.required and option is not but
        for word in (option.opts[0], "x")
    ]


@pytest.mark.parametrize(("name", "option"), OPTIONS, ids=ids)
def test_empty(name, option):
    for value in ("", "  "):
        said = sentence(name, option.opts[0], value)
        assert said.startswith(f"{option.opts[0][2:].replace('-', '_')}= is empty; ")
        assert option.required or str(option.default) in said


@pytest.mark.parametrize(("name", "option"), OPTIONS, ids=ids)
def test_given_twice(name, option):
    said = sentence(name, option.opts[0], "1", option.opts[0], "2")
    assert said == f"{option.opts[0][2:].replace('-', '_')}= is given twice; keep one of them."


@pytest.mark.parametrize("value", ["٣", "1_0", "²", "x"])
@pytest.mark.parametrize(("name", "option"), NUMBERS, ids=ids)
def test_numbers_in_other_digits(name, option, value):
    said = sentence(name, *required(name, option), option.opts[0], value)
    assert f"{value!r} is not a valid {option.type.name}; give one such as {option.default}." in said


def test_numbers_that_may_be_left_out():
    for option in ("--limit", "--workers"):
        assert "'²' is not a whole number" in sentence("preprocess", option, "²")
    assert "'1_0,0,0' is not a list of 3 numbers" in sentence("preprocess", "--split-ratios", "1_0,0,0")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (",", "has an empty entry"),
        ("a,,b", "has an empty entry"),
        ("a,", "has an empty entry"),
        ("a, b ,a", "a is given twice"),
    ],
)
@pytest.mark.parametrize(("name", "option"), LISTS, ids=ids)
def test_lists_with_gaps_and_repeats(name, option, value, said):
    assert said in sentence(name, *required(name, option), option.opts[0], value)


def test_the_lists_are_all_found():
    found = {(name, option.name) for name, option in LISTS}
    assert {("evaluate", "attributes"), ("evaluate", "groups"), ("ensemble", "members"), ("study", "seeds")} <= found
    assert len(found) == 14 and len(NUMBERS) >= 12


@pytest.mark.parametrize(
    "value", ["{a: 1, a: 2}", "[" * 3000, "{a: 1_0}", "{a: 010}", "{a: 1:30}", "red", "[1]", "{a: &b *b}"]
)
@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("preprocess", "--options"),
        ("preprocess", "--detector-options"),
        ("balance", "--options"),
        ("evaluate", "--columns"),
        ("evaluate", "--labels"),
    ],
)
def test_mappings(name, option, value):
    assert len(sentence(name, *(["--dataset", "x"] if name == "balance" else []), option, value)) < 300

"""MLproject is a contract: declared parameters = placeholders of the command = options of the click command."""

import importlib
import re
from dataclasses import fields
from pathlib import Path

import click
import pytest
import yaml

from fer.training.parameters import TrainingParameters

ROOT = Path(__file__).parents[2]
ENTRY_POINTS = yaml.safe_load((ROOT / "MLproject").read_text())["entry_points"]


def _command(name: str) -> click.Command:
    module = re.search(r"python -m (entrypoints\.\w+)", ENTRY_POINTS[name]["command"])[1]
    return importlib.import_module(module).main


def _options(name: str) -> list[click.Option]:
    """Return the options; a positional argument is for the shell alone, and an option takes the same."""
    return [option for option in _command(name).params if isinstance(option, click.Option)]


def _words(name: str) -> dict[str, str]:
    """Return option by placeholder: {"fraction": "--fraction"}."""
    found = re.findall(r"(--[\w-]+) \{(\w+)\}", ENTRY_POINTS[name]["command"])
    return {placeholder: option for option, placeholder in found}


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_declared_parameters_are_the_placeholders(name):
    assert set(ENTRY_POINTS[name]["parameters"]) == set(re.findall(r"\{(\w+)\}", ENTRY_POINTS[name]["command"]))


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_placeholders_are_the_click_options(name):
    options = {option.opts[0] for option in _options(name)}
    assert set(_words(name).values()) == options
    for placeholder, option in _words(name).items():
        assert option == "--" + placeholder.replace("_", "-")


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_defaults_are_equal(name):
    options = {option.opts[0]: option for option in _options(name)}
    for placeholder, option in _words(name).items():
        declared = ENTRY_POINTS[name]["parameters"][placeholder]
        if options[option].required:
            assert "default" not in declared, placeholder
        else:
            assert str(declared["default"]) == str(options[option].default), placeholder


def test_main_is_the_study_of_the_demo():
    assert ENTRY_POINTS["main"] == ENTRY_POINTS["study"]
    assert ENTRY_POINTS["main"]["parameters"]["config"]["default"] == "studies/demo.yaml"


def test_no_default_is_empty_or_null():
    # MLflow takes null for a missing parameter and hands an empty one on as two quotes.
    for name, entry in ENTRY_POINTS.items():
        for parameter, declared in entry["parameters"].items():
            assert declared.get("default", "given") not in (None, ""), (name, parameter)


def test_every_module_with_a_command_is_an_entry_point():
    shared = {"__init__", "command", "console", "ending", "option_types", "reporting", "shared_options"}
    modules = {path.stem for path in (ROOT / "entrypoints").glob("*.py")} - shared
    used = {re.search(r"entrypoints\.(\w+)", entry["command"])[1] for entry in ENTRY_POINTS.values()}
    assert modules == used


@pytest.mark.parametrize(
    ("name", "without"), [("train", set()), ("study", set()), ("tune", {"learning_rate", "dropout"})]
)
def test_what_trains_takes_every_training_parameter_but_what_it_searches(name, without):
    training = {parameter.name for parameter in fields(TrainingParameters)}
    assert training & {option.name for option in _command(name).params} == training - without

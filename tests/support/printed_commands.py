"""Commands that the project prints for copying, found in a text and taken apart as MLflow and click would."""

import re
import shlex
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).parents[2]
_ENTRY_POINTS = yaml.safe_load((ROOT / "MLproject").read_text())["entry_points"]
_COMMAND = re.compile(r"(?:^\s*|`)(mlflow run .*?)(?:`|$)", re.MULTILINE)


class Printed(NamedTuple):
    """A printed `mlflow run`: the line, its entry point, its experiment and its parameters."""

    line: str
    entry_point: str
    experiment: str | None
    parameters: dict[str, str]


def printed_commands(text: str) -> list[Printed]:
    """Return the `mlflow run` commands in a text; each must run here and give its entry point what that declares."""
    return [parsed(line) for line in _COMMAND.findall(text)]


def parsed(line: str) -> Printed:
    """Take a command apart; assert that MLproject declares its entry point and parameters, and that none is missing."""
    words = iter(shlex.split(line))
    assert [next(words) for _ in range(5)] == ["mlflow", "run", ".", "--env-manager", "local"], line
    options = list(zip(words, words, strict=True))
    given = dict(value.split("=", 1) for option, value in options if option == "-P")
    named = {option: value for option, value in options if option != "-P"}
    assert set(named) <= {"-e", "--experiment-name"}, line
    declared = _ENTRY_POINTS[named["-e"]]["parameters"]
    assert set(given) <= set(declared), line
    assert {name for name, about in declared.items() if "default" not in about} <= set(given), line
    return Printed(line, named["-e"], named.get("--experiment-name"), given)

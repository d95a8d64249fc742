"""The console command lists and runs the entry points of MLproject, and loads nothing that it does not need."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

import fer
from entrypoints.console import NAMES, main

ROOT = Path(__file__).parents[2]


def _answer(*words):
    return CliRunner().invoke(main, list(words))


def test_it_has_the_entry_points_of_mlproject():
    entries = yaml.safe_load((ROOT / "MLproject").read_text())["entry_points"]
    assert sorted(NAMES) == sorted(set(entries) - {"main"})


def test_help_lists_each_entry_point_with_a_sentence():
    shown = [line.split(maxsplit=1) for line in _answer("--help").stdout.split("Commands:")[1].splitlines() if line]
    assert [name for name, _ in shown] == list(NAMES)
    assert all(sentence.endswith(".") and not sentence.endswith("...") for _, sentence in shown)
    assert _answer().stdout == _answer("--help").stdout


def test_version():
    assert _answer("--version").stdout == f"fair-fer, version {fer.__version__}\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["trian"], f"error: there is no entry point 'trian'; there are: {', '.join(NAMES)}.\n"),
        (["card", "--colour", "red"], "error: card has no parameter --colour; it has: attributes, model, use.\n"),
        (["balance"], "error: balance needs dataset=, which is missing: Dataset: a folder or runs:/<id>.\n"),
        (["--version=1"], "error: fair-fer: Option '--version' does not take a value; see `fair-fer --help`.\n"),
        (["--colour"], "error: fair-fer has no parameter --colour; it has: version.\n"),
    ],
)
def test_bad_input_is_answered_with_one_sentence(words, sentence):
    result = _answer(*words)
    assert (result.exit_code, result.stderr) == (2, sentence)


@pytest.mark.parametrize("words", [["--help"], ["train", "--help"], ["report", "--help"]])
def test_help_loads_nothing_heavy(words):
    heavy = ("tensorflow", "keras", "torch", "mlflow", "pandas", "matplotlib")
    code = (
        "import sys; from entrypoints.console import main\n"
        f"try: main({words!r})\n"
        f"finally: print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert "Usage: " in shown.stdout
    assert shown.stderr.strip() == "[]"

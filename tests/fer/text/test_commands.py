"""Commands to copy: a shell gives the program the words that were meant, whatever they hold; credentials stay out."""

import re
import shutil
import subprocess

import pytest
from printed_commands import parsed

from fer.text.commands import PROJECT, run_command, shell_command

_COMMAND = r"mlflow.run. -|-e (train|evaluate|report|study)|--env-manager|python -m [\w.]+ \{"
WORDS = (
    "race*gender",
    "a b",
    "it's",
    '$HOME `id` "x"',
    "{splits: field}",
    "~/faces",
    "#1",
    "!x",
    "日本",
    "a\\b",
    "=x",
    "",
)


@pytest.mark.parametrize("shell", [shell for shell in ("bash", "zsh", "sh") if shutil.which(shell)])
def test_a_shell_reads_each_word_as_it_was_given(shell, tmp_path):
    (tmp_path / "raceXgender").touch()  # What an unquoted * would find.
    command = "printf '%s\\0' " + shell_command("word", *WORDS)
    read = subprocess.run([shell, "-c", command], capture_output=True, check=True, cwd=tmp_path).stdout.decode()
    assert read.split("\0")[:-1] == ["word", *WORDS]


def test_a_command_has_its_experiment_and_parameters(monkeypatch):
    monkeypatch.chdir(PROJECT)
    asked = {"experiment": "my faces", "attribute": "race*gender", "published": "a's.yaml"}
    found = parsed(run_command("report", "my faces", **asked))
    assert (found.entry_point, found.experiment, found.parameters) == ("report", "my faces", asked)
    assert "'attribute=race*gender'" in found.line


def test_outside_the_project_the_console_command_is_named(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    command = run_command("train", "my faces", dataset="out/a b", batch_size=8)
    assert command == "MLFLOW_EXPERIMENT_NAME='my faces' fair-fer train --dataset 'out/a b' --batch-size 8"


def test_a_command_shows_no_credentials():
    command = run_command("train", dataset="d", weights="https://ann:word@host/w.h5?api_key=123&part=2")
    assert "word" not in command and "123" not in command and "part=2" in command


def test_no_other_module_writes_a_command_by_hand():
    modules = [path for package in ("fer", "analysis", "entrypoints") for path in (PROJECT / package).rglob("*.py")]
    by_hand = [path.relative_to(PROJECT) for path in modules if re.search(_COMMAND, path.read_text())]
    # The latter in its help, for any entry point.
    assert sorted(map(str, by_hand)) == ["entrypoints/console.py", "fer/text/commands.py"]

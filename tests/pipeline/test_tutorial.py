"""The tutorial is followed in a folder of its own: its files are saved, its commands run in order."""

import os
import re
import runpy
import subprocess
from contextlib import redirect_stdout
from importlib import import_module
from io import StringIO

import mlflow
import pytest
from click.testing import CliRunner
from command_checks import check
from documented_commands import ROOT, blocks, fenced_commands, read_commands
from mlflow.cli import cli as mlflow_command

from analysis import load_runs

PAGE = ROOT / "docs" / "tutorial.md"
FAILS = "ends with an error"
# Smaller than on the page, so that the test takes seconds.
SMALLER = {"700, (1": "140, (1", "1050, (1": "210, (1", "epochs: 8": "epochs: 1", "epochs=8": "epochs=1",
           "replicates=2000": "replicates=200"}  # fmt: skip
# What a checkout has that the commands need; nothing is written there.
CHECKOUT = ("MLproject", "conda.yaml", "requirements.txt", "entrypoints", "fer", "analysis", "studies")


CLEANING_UP = ROOT / "docs" / "cleaning_up.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder that looks like a checkout, as the working folder, with the environment of a new shell."""
    made = tmp_path_factory.mktemp("checkout")
    for name in CHECKOUT:
        (made / name).symlink_to(ROOT / name)
    before = mlflow.get_tracking_uri()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made)
        patch.setenv("PWD", str(made))
        patch.setenv("FER_CACHE", str(made / "cache"))
        # As the page exports it; `make` exports the checkout's own store.
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{made}/mlflow.db")
        for name in ("MLFLOW_EXPERIMENT_ID", "MLFLOW_RUN_ID"):
            patch.delenv(name, raising=False)
        yield made
    mlflow.set_tracking_uri(before)


@pytest.fixture(scope="module")
def followed(folder):
    """Follow the page; return what each command printed, by its place on the page."""
    for block in blocks(PAGE):
        if block.title is not None:
            (folder / block.title).parent.mkdir(exist_ok=True)
            (folder / block.title).write_text(smaller(block.text))
    printed = {}
    with pytest.MonkeyPatch.context() as patch:
        for command in fenced_commands(PAGE):
            code, printed[command.place] = _run([smaller(word) for word in command.words], patch)
            assert (code != 0) == (command.comment == FAILS), (str(command), printed[command.place])
            if command.words[:2] == ["rm", "-r"]:
                assert not (folder / command.words[2]).exists()
    return printed


def smaller(text):
    for large, small in SMALLER.items():
        text = text.replace(large, small)
    return text


def _run(words, patch):
    """Run a command of the page; return its exit code and what it printed."""
    match words:
        case [".", ".venv/bin/activate"]:  # The tests' own interpreter comes first on the path already.
            return 0, ""
        case ["export", assignment]:
            name, value = assignment.split("=", 1)
            patch.setenv(name, os.path.expandvars(value))
            mlflow.set_tracking_uri(os.environ["MLFLOW_TRACKING_URI"])
            return 0, ""
        case ["python", script]:
            with redirect_stdout(StringIO()) as printed:
                runpy.run_path(script, run_name="__main__")
            return 0, printed.getvalue()
        case ["mlflow", "run", ".", "--env-manager", "local", "-e", "integrate", *_]:
            return _process(words)  # One as a user does; the others do the same without a process for each.
        case ["mlflow", "run", ".", "--env-manager", "local", "-e", name, "--experiment-name", experiment, *rest]:
            return _invoke(name, experiment, rest)
        case ["mlflow", "gc", *_]:
            return _process(words)  # It sets the address that the environment had when MLflow was imported.
        case ["mlflow", *rest]:
            done = CliRunner().invoke(mlflow_command, rest)
            return done.exit_code, done.output
        case ["mkdir" | "head" | "rm", *_]:
            return _process(words)
        case _:
            raise AssertionError(f"the test does not know how to run {words}")


def _process(words):
    # What MLflow leaves in this process's environment is not in a user's shell.
    env = {key: value for key, value in os.environ.items() if key not in ("MLFLOW_EXPERIMENT_ID", "MLFLOW_RUN_ID")}
    done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout + done.stderr


def _invoke(name, experiment, rest):
    assert set(rest[::2]) == {"-P"}, rest
    given = [part for one in rest[1::2] for part in (f"--{one.split('=')[0].replace('_', '-')}", one.split("=", 1)[1])]
    command = import_module(f"entrypoints.{name}").main
    done = CliRunner().invoke(command, given, env={"MLFLOW_EXPERIMENT_NAME": experiment})
    return done.exit_code, done.output + ("" if done.exception is None else repr(done.exception))


def test_it_ends_with_a_report_by_the_table_s_own_groups(followed, folder):
    report = load_runs("tutorial-study", stage="report").iloc[0]
    files = {file.path for file in mlflow.artifacts.list_artifacts(run_id=report["run_id"], artifact_path="report")}
    assert "report/report.html" in files
    cells = load_runs("tutorial-study")
    assert set(cells["tags.fer.experiment"]) == {"city only", "city + 100% country"}
    assert cells["metrics.test/region/accuracy/hills"].notna().all()


def test_the_word_that_is_unknown_is_named(followed):
    failed = next(command.place for command in fenced_commands(PAGE) if command.comment == FAILS)
    assert "cheerful" in followed[failed]


def test_the_sizes_that_are_made_smaller_are_those_of_the_page():
    assert [size for size in SMALLER if size not in PAGE.read_text()] == []


def test_what_the_page_shows_is_what_is_printed_but_for_the_numbers(followed):
    drawn = next(command.place for command in fenced_commands(PAGE) if command.words[0] == "python")
    shown = [re.sub(r"\d+", "N", block.text) for block in blocks(PAGE) if block.language == "text"]
    assert re.sub(r"\d+", "N", followed[drawn]) == shown[0]
    table = next(followed[command.place] for command in fenced_commands(PAGE) if command.words[0] == "head")
    row = r"(pictures/\w+/N\.png;\w+;country-N;\w+\n){3}"
    for lines in (re.sub(r"\d+", "N", table), shown[1]):
        assert re.fullmatch(f"picture;feeling;who;region\n{row}", lines)


def test_the_commands_that_the_steps_print_exist_as_they_are_printed(followed):
    lines = [line.strip() for text in followed.values() for line in text.splitlines()]
    printed = [line for line in lines if re.match(r"([A-Z_]+=\S+ )?(mlflow|make|fair-fer|python) ", line)]
    assert len(printed) >= 5
    for command in (command for line in printed for command in read_commands(line, "what is printed")):
        check(command, PAGE)


def test_what_was_logged_is_removed_as_the_page_says(followed, folder, monkeypatch):
    tutorial = mlflow.get_experiment_by_name("tutorial").experiment_id
    kept = mlflow.get_experiment_by_name("tutorial-study").experiment_id
    assert list((folder / "mlruns" / tutorial).iterdir())
    commands = [one for one in fenced_commands(CLEANING_UP) if one.words[0] in ("export", "mlflow", "rm")]
    assert len(commands) == 5
    for command in commands:
        words = [os.path.expandvars(word.replace("EXPERIMENT_ID", tutorial)) for word in command.words]
        code, printed = _run(words, monkeypatch)
        assert code == 0, (str(command), printed)
    assert mlflow.get_experiment_by_name("tutorial") is None
    assert not (folder / "mlruns" / tutorial).exists()
    assert len(load_runs("tutorial-study")) == 2 and list((folder / "mlruns" / kept).iterdir())

"""Warnings, parameters and error messages of all entry points."""

import errno
import importlib
import warnings
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from entrypoints.command import EntryPoint, format_warning
from entrypoints.option_types import listed, mapping, optional_number, optional_path, ratios
from fer import record


def test_a_warning_of_ours_is_one_line_without_code():
    shown = format_warning("29 of 150 faces.", UserWarning, record.__file__, 24, "warn_of(found)")
    assert shown == "warning: 29 of 150 faces.\n"


def test_others_warnings_keep_their_place():
    for category, file in ((UserWarning, warnings.__file__), (DeprecationWarning, record.__file__)):
        assert f"{Path(file).name}:24" in format_warning("Old.", category, file, 24)


def test_the_end_of_a_file_is_no_stop_by_the_user():
    @click.command(name="broken", cls=EntryPoint)
    def broken():
        raise EOFError("No data left in file")

    result = CliRunner().invoke(broken, [])
    assert isinstance(result.exception, EOFError) and "stopped" not in result.output


@click.command(name="reads", cls=EntryPoint)
@click.option("--options", default="none", type=mapping)
@click.option("--split-ratios", default="0.6,0.2,0.2", type=ratios)
@click.option("--groups", default="auto", type=listed)
@click.option("--limit", default="none", type=optional_number)
@click.option("--output", default="none", type=optional_path)
@click.option("--align", default="false", type=bool)
@click.option("--format", "form", default="text")
@click.option("--seed", default=0)
def reads(**read):
    click.echo(read)
    click.echo(click.get_current_context().obj)


@pytest.mark.parametrize(
    ("arguments", "read", "given"),
    [
        (
            [],
            {"options": {}, "split_ratios": (0.6, 0.2, 0.2), "groups": [], "limit": None, "output": None,
             "align": False, "form": "text", "seed": 0},
            {"options": "none", "split_ratios": "0.6,0.2,0.2", "groups": "auto", "limit": "none", "output": "none",
             "align": "false", "format": "text", "seed": 0},
        ),
        (
            ["--options", "{a: 1}", "--split-ratios", "1,0,0", "--groups", "a, b", "--limit", "007", "--output", "~/x",
             "--align", "TRUE", "--format", "csv", "--seed", "5"],
            {"options": {"a": 1}, "split_ratios": (1.0, 0.0, 0.0), "groups": ["a", "b"], "limit": 7,
             "output": Path.home() / "x", "align": True, "form": "csv", "seed": 5},
            {"options": "{a: 1}", "split_ratios": "1,0,0", "groups": "a, b", "limit": "007", "output": "~/x",
             "align": "TRUE", "format": "csv", "seed": "5"},
        ),
    ],
)  # fmt: skip
def test_parameters_are_read_and_kept_as_they_were_given(arguments, read, given):
    result = CliRunner().invoke(reads, arguments)
    assert result.output.splitlines() == [str(read), str(given)]


@pytest.mark.parametrize(
    ("entry_point", "arguments", "sentence"),
    [
        ("preprocess", ["--limit", "few"], "limit 'few' is not a whole number; give one, or none."),
        ("preprocess", ["--split-ratios", "1"], "split_ratios '1' is not a list of 3 numbers; write it as "
         "0.6,0.2,0.2."),
        ("preprocess", ["--labels", "{no: drop, no: sad}"],
         "labels '{no: drop, no: sad}' gives no twice; keep one of them."),
        ("preprocess", ["--labels", "{a"], "labels '{a' is not a YAML mapping; write it as '{splits: field}'."),
        ("preprocess", ["--align", "up"], "align 'up' is not a valid boolean; give one such as false."),
        ("integrate", ["--base", "b", "--seed", "x"], "seed 'x' is not a valid integer; give one such as 0."),
        ("compare", ["--first", "a"], "compare needs second=, which is missing: Id of the run to compare with it."),
        ("card", ["--mode", "a"], "card has no parameter --mode; it has: attributes, model, use."),
        ("report", ["--form", "csv"], "report has no parameter --form; it has: attribute, baseline, cluster, "
         "experiment, format, margin, published, replicates, split, study."),
        ("card", ["--model"], "card: Option '--model' requires an argument; see `python -m entrypoints.card --help`."),
        ("card", ["--model", "a", "b"],
         "card: Got unexpected extra argument (b); see `python -m entrypoints.card --help`."),
    ],
)  # fmt: skip
def test_a_bad_parameter_is_one_sentence_with_a_remedy(entry_point, arguments, sentence):
    command = importlib.import_module(f"entrypoints.{entry_point}").main
    result = CliRunner().invoke(command, arguments)
    assert (result.exit_code, result.output) == (2, f"error: {sentence}\n")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/data/x"), "error: a disk is full (/data/x); free space"),
        (OSError(errno.EROFS, "Read-only file system", "/x"), "error: the system does not allow this (/x)"),
    ],
)
def test_a_fault_of_the_system_is_one_sentence(monkeypatch, error, sentence):
    def fail(*given):
        raise error

    monkeypatch.setattr("analysis.render.check_format", fail)
    result = CliRunner().invoke(importlib.import_module("entrypoints.report").main, ["--experiment", "a"])
    assert result.exit_code == 2 and result.stderr.splitlines()[-1].startswith(sentence)


def test_a_defect_keeps_its_traceback(monkeypatch):
    def fail(*given):
        raise KeyError("a defect")

    monkeypatch.setattr("analysis.render.check_format", fail)
    result = CliRunner().invoke(importlib.import_module("entrypoints.report").main, ["--experiment", "a"])
    assert isinstance(result.exception, KeyError)


def test_a_byte_that_is_no_utf_8_is_named():
    result = CliRunner().invoke(importlib.import_module("entrypoints.card").main, ["--model", "a\udcff"])
    assert (result.exit_code, result.stderr) == (
        2,
        "error: a\\udcff holds a byte that is no UTF-8; rename what it names.\n",
    )

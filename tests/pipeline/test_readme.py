"""The README's first section is followed as a new user does: from a table of predictions to the report's first page."""

import importlib
import re
import warnings

import mlflow
import pandas as pd
import pytest
from click.testing import CliRunner
from documented_commands import ROOT, fenced_commands

from analysis import load_runs
from fer.errors import FerWarning

README = ROOT / "README.md"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the documentation beside an empty store, as the working folder."""
    before = mlflow.get_tracking_uri()
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))
    for name in ("MLFLOW_EXPERIMENT_ID", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/mlflow.db")
    yield tmp_path
    mlflow.set_tracking_uri(before)


def test_the_section_on_fairness_has_ten_lines_that_work(folder):
    section = re.search("^## Is my model fair\\?\n\n(.+?)\n\n^## ", README.read_text(), re.M | re.S)[1]
    assert len(section.splitlines()) <= 10
    first, last = (README.read_text()[:place].count("\n") + 1 for place in _span(section))
    commands = [one for one in fenced_commands(README) if first <= int(one.place.rpartition(":")[2]) <= last]
    ran = [one.words for one in commands if one.words[0] == "fair-fer"]
    assert [words[1] for words in ran] == ["evaluate", "report"]
    for _, name, *words in ran:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FerWarning)
            result = CliRunner().invoke(importlib.import_module(f"entrypoints.{name}").main, words)
        assert result.exit_code == 0, result.output
    assert "group_c" in result.stdout and "by race" in result.stdout
    [run] = load_runs("fer", stage="report")["run_id"]
    page = mlflow.artifacts.load_text(f"runs:/{run}/report/report.md")
    assert "Accuracy of predictions is 54 %, from 31 % on group_c to 70 % on group_a" in page


def _span(section):
    start = README.read_text().index(section)
    return start, start + len(section)


def test_the_example_is_a_table_of_200_drawn_faces():
    table = pd.read_csv(ROOT / "docs" / "examples" / "predictions.csv")
    assert len(table) == 200 and table["sample_id"].is_unique
    assert {"label", "predicted", "race", "gender", "person", "clip"} < set(table)
    assert table.filter(like="p_").sum(axis=1).round(3).eq(1).all()

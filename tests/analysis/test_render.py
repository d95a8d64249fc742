"""Tables as text: every format shows the same numbers."""

import io
import re

import numpy as np
import pandas as pd
import pytest

from analysis import render_table, results_table, trade_off_table
from analysis.render import FORMATS


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "experiment": ["One only", "One + 10% Two"],
            "origin": ["measured", "published"],
            "seeds": [3, 1],
            "f1_weighted": [0.26712, 0.5],
            "f1_weighted_sd": [0.01, np.nan],
            "accuracy_percent": [31.94, np.nan],
            "accuracy_percent_sd": [2.06, np.nan],
            "std_points": [5.1449, 12.2],
            "std_points_sd": [np.nan, np.nan],
            "pareto": [True, False],
        }
    )


def cells(text, line):
    return [cell.strip() for cell in text.splitlines()[line].strip("|").split("|")]


def test_markdown_shows_mean_and_deviation_marks_and_dashes(table):
    text = render_table(table, "markdown")
    assert cells(text, 0) == ["experiment", "origin", "seeds", "f1", "accuracy", "std", "pareto"]
    assert cells(text, 2) == ["One only", "measured", "3", "0.267 ± 0.010", "31.9 ± 2.1", "5.14", "*"]
    assert cells(text, 3) == ["One + 10% Two", "published", "1", "0.500", "–", "12.20", ""]
    assert len(text.splitlines()) == 4


def test_text_aligns(table):
    head, rule, *rows = render_table(table).splitlines()
    spans = [match.span() for match in re.finditer("-+", rule)]
    shown = [[line[slice(*span)] for span in spans] for line in (head, *rows)]
    assert [cell.strip() for cell in shown[1]] == [
        "One only",
        "measured",
        "3",
        "0.267 ± 0.010",
        "31.9 ± 2.1",
        "5.14",
        "*",
    ]
    for column, side in ((0, str.lstrip), (4, str.rstrip), (5, str.rstrip)):
        assert all(side(line[column]) == line[column] for line in shown)


def test_csv_keeps_every_column_and_digit(table):
    pd.testing.assert_frame_equal(pd.read_csv(io.StringIO(render_table(table, "csv"))), table, check_dtype=False)


def test_latex_escapes_percent(table):
    text = render_table(table, "latex")
    assert r"One + 10\% Two" in text
    assert r"\toprule" in text
    assert text.count(r"\\") == 3


def test_seeds_that_are_all_one_are_left_out(table):
    assert "seeds" not in render_table(table.assign(seeds=1), "markdown")
    assert "seeds" in render_table(table.assign(seeds=2), "markdown")


def test_digits_are_as_asked_where_none_are_fixed(table):
    assert cells(render_table(table, "markdown", digits=2), 2)[3:6] == ["0.267 ± 0.010", "31.94 ± 2.06", "5.14"]


def test_an_unknown_format_is_refused(table, refused):
    with refused("'html'", ", ".join(FORMATS)):
        render_table(table, "html")


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_shows_every_experiment_of_the_published_table(published_runs, form):
    for shown in (results_table(published_runs), trade_off_table(published_runs)):
        text = render_table(shown, form)
        for experiment in shown["experiment"]:
            assert (experiment.replace("%", r"\%") if form == "latex" else experiment) in text
    assert text.count("True" if form == "csv" else "*") == 5


@pytest.mark.parametrize("form", FORMATS)
def test_a_table_without_rows_shows_its_head(table, form):
    assert "experiment" in render_table(table.iloc[:0], form)

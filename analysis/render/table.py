"""Render a frame as text that aligns on a terminal, Markdown, CSV or LaTeX."""

import math
from typing import NamedTuple

import pandas as pd
from tabulate import tabulate

from analysis.render.labels import digits_of, excludes_nothing, heading, is_p_value, largest_of, p_value, words
from analysis.tables.columns import HIGH, LOW, SD, companion
from fer.errors import InputError
from fer.text.escaping import latex, markdown_table
from fer.text.spreadsheets import marked
from fer.tracking import names

FORMATS = ("text", "markdown", "csv", "latex")
_NOTHING = "–"
NO_INTERVAL = "n/e"
# Columns whose cells are names of ours.
_OF_NAMES = ("summary", "outcome")


class Shown(NamedTuple):
    """A table as a reader sees it."""

    headings: list[str]
    rows: list[list[str]]
    # Whether each column holds numbers, which are aligned to the right.
    numeric: list[bool]


def check_format(form: str) -> None:
    """Raise InputError for a format that :func:`render_table` does not know."""
    if form not in FORMATS:
        raise InputError(f"unknown table format {form!r}; use one of {', '.join(FORMATS)}.")


def render_table(table: pd.DataFrame, form: str = "text", digits: int = 1) -> str:
    """Return a table as text, in one of FORMATS: ``text``, ``markdown``, ``csv``, ``latex``.

    For readers, a column and its companions are shown as one, ``mean ± sd`` and ``estimate (low to high)``, where
    ``(n/e)`` is an interval that cannot be estimated or excludes nothing; NaN is a dash, true is ``*``, a p-value below
    0.001 is ``< 0.001``; a column ``seeds`` that is 1 throughout is left out. ``digits`` are those after the point
    where a column has none of its own. CSV keeps every column, its name and all digits, and text that a
    spreadsheet would run is marked (:func:`fer.text.spreadsheets.marked`). Raises InputError for another format.

    Example:
        >>> table = pd.DataFrame({"experiment": ["a", "b"], "accuracy_percent": [41.25, 50.0], "p_holm": [0.0, None]})
        >>> print(render_table(table, "markdown"))
        | experiment   |   accuracy |   p (Holm) |
        |--------------|------------|------------|
        | a            |       41.2 |    < 0.001 |
        | b            |       50.0 |          – |

    """
    check_format(form)
    if form == "csv":
        return marked(table).to_csv(index=False)
    shown = shown_table(table, digits)
    if form == "latex":
        return _latex_table(shown)
    if form == "markdown":
        return markdown_table(*shown)
    align = ["right" if number else "left" for number in shown.numeric]
    return tabulate(shown.rows, headers=shown.headings, tablefmt="simple", colalign=align, disable_numparse=True)


def shown_table(table: pd.DataFrame, digits: int = 1) -> Shown:
    """Return a table as a reader sees it: text in every cell, deviations and intervals beside their figures."""
    beside = {companion(str(name), kind) for name in table for kind in (SD, LOW, HIGH)}
    columns = [str(name) for name in table if name not in beside]
    if "seeds" in table and (table["seeds"].dropna() == 1).all():
        columns.remove("seeds")
    cells = [_cells(table, name, digits) for name in columns]
    numeric = [name not in ("experiment", "origin") and table[name].dtype.kind in "fi" for name in columns]
    return Shown([heading(name) for name in columns], [list(row) for row in zip(*cells, strict=True)], numeric)


def _latex_table(shown: Shown) -> str:
    """Return a table as the package booktabs sets it."""
    columns = "".join("r" if number else "l" for number in shown.numeric)
    head, *rows = (" & ".join(map(latex, row)) + r" \\" for row in (shown.headings, *shown.rows))
    inside = [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", head, r"\midrule", *rows, r"\bottomrule"]
    return "\n".join([*inside, r"\end{tabular}"])


def _cells(table: pd.DataFrame, name: str, digits: int) -> list[str]:
    values = list(table[name])
    if name in _OF_NAMES:
        return [words(str(value)) for value in values]
    if is_p_value(name):
        return [_NOTHING if pd.isna(value) else p_value(value) for value in values]
    if name == "fraction":
        return [f"{value:.0%}" for value in values]
    places = digits_of(name, digits)
    deviation, low, high = (_beside(table, name, kind) for kind in (SD, LOW, HIGH))
    if "origin" in table:  # The uncertainty of published figures is unknown.
        low = [None if origin == names.PUBLISHED else end for origin, end in zip(table["origin"], low, strict=True)]
    low = [
        math.nan if first is not None and last is not None and excludes_nothing(name, first, last) else first
        for first, last in zip(low, high, strict=True)
    ]
    cells = [_cell(*parts, places=places) for parts in zip(values, deviation, low, high, strict=True)]
    most = largest_of(name)
    return [
        f"> {most:.0f}" if isinstance(value, float) and value > most else cell
        for value, cell in zip(values, cells, strict=True)
    ]


def _beside(table: pd.DataFrame, name: str, kind: str) -> list[float | None]:
    column = companion(name, kind)
    return list(table[column]) if column in table else [None] * len(table)


def _cell(value: object, deviation: float | None, low: float | None, high: float | None, places: int) -> str:
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return "*" if value else ""
    if pd.isna(value):
        return _NOTHING
    if not isinstance(value, float):
        return str(value)
    around = "" if deviation is None or pd.isna(deviation) else f" ± {deviation:.{places}f}"
    if low is None or high is None:
        ends = ""
    else:
        ends = f" ({NO_INTERVAL})" if pd.isna(low) else f" ({low:.{places}f} to {high:.{places}f})"
    return f"{value:.{places}f}{around}{ends}"

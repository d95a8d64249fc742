"""Render a frame as text that aligns on a terminal, Markdown, CSV or LaTeX."""

import pandas as pd
from tabulate import tabulate

from analysis.tables.results import PUBLISHED_SUFFIX
from fer.errors import InputError
from fer.escaping import latex, markdown
from fer.tracking import names

FORMATS = ("text", "markdown", "csv", "latex")
_TABULATE = {"text": "simple", "markdown": "github"}
_DIGITS = {
    "f1": 3, "loss": 3, "std": 2, "p": 3, "p Holm": 3, "to utopia": 3, "plain": 3, "debiased": 3, "alpha": 3,
    "estimate": 2, "by chance": 2, "corrected": 2, "upper": 2,
}  # fmt: skip
_NOTHING = "–"
NO_INTERVAL = "n/e"


def render_table(table: pd.DataFrame, form: str = "text", digits: int = 1) -> str:
    """Return ``table`` in one of FORMATS. A column and its ``_sd`` are shown as one, ``mean ± sd``; CSV keeps both.

    So are a column and its ends ``_low`` and ``_high``, ``estimate [low, high]``; ``[n/e]`` is an interval that cannot
    be estimated. NaN is shown as a dash, true as ``*``; a column ``seeds`` that is 1 throughout is left out.
    """
    if form not in FORMATS:
        raise InputError(f"unknown table format {form!r}; use one of {', '.join(FORMATS)}.")
    if form == "csv":
        return table.to_csv(index=False)
    shown = shown_cells(table, digits)
    numeric = numeric_columns(table, shown)
    if form == "latex":
        return _latex_table(list(map(str, shown)), shown.values.tolist(), numeric)
    escaped = markdown if form == "markdown" else str
    rows = [[escaped(cell) for cell in row] for row in shown.values.tolist()]
    heads, align = [escaped(str(name)) for name in shown], ["right" if number else "left" for number in numeric]
    return tabulate(rows, headers=heads, tablefmt=_TABULATE[form], colalign=align, disable_numparse=True)


def shown_cells(table: pd.DataFrame, digits: int = 1) -> pd.DataFrame:
    """Return the table as a reader sees it: text in every cell, spreads and intervals beside their figures."""
    shown = pd.DataFrame({name: _cells(table, name, digits) for name in table if not _is_beside(table, str(name))})
    if "seeds" in table and (table["seeds"].dropna() == 1).all():
        shown = shown.drop(columns="seeds")
    return shown


def numeric_columns(table: pd.DataFrame, shown: pd.DataFrame) -> list[bool]:
    """Return for each shown column whether it holds numbers."""
    return [name not in ("experiment", "origin") and table[name].dtype.kind in "fi" for name in shown]


def _latex_table(heads: list[str], rows: list[list[str]], numeric: list[bool]) -> str:
    """Return a table as the package booktabs sets it."""
    columns = "".join("r" if number else "l" for number in numeric)
    head, *lines = (" & ".join(map(latex, row)) + r" \\" for row in [heads, *rows])
    inside = [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", head, r"\midrule", *lines, r"\bottomrule"]
    return "\n".join([*inside, r"\end{tabular}"])


def _is_beside(table: pd.DataFrame, name: str) -> bool:
    return any(name.endswith(end) and name.removesuffix(end) in table for end in ("_sd", "_low", "_high"))


def _cells(table: pd.DataFrame, name: str, digits: int) -> list[str]:
    places = _DIGITS.get(name.removesuffix(PUBLISHED_SUFFIX), digits)
    beside = [table.get(f"{name}{end}") for end in ("_sd", "_low", "_high")]
    rows = range(len(table))
    spread, low, high = ([None] * len(table) if column is None else list(column) for column in beside)
    if "origin" in table:  # Of published figures nobody could say how sure they are.
        low = [None if origin == names.PUBLISHED else end for origin, end in zip(table["origin"], low, strict=True)]
    return [_cell(table[name].iloc[row], places, spread[row], low[row], high[row]) for row in rows]


def _cell(value: object, places: int, spread: float | None, low: float | None, high: float | None) -> str:
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return "*" if value else ""
    if pd.isna(value):
        return _NOTHING
    if not isinstance(value, float):
        return str(value)
    around = "" if spread is None or spread != spread else f" ± {spread:.{places}f}"
    if low is None or high is None:
        ends = ""
    else:
        ends = f" [{NO_INTERVAL}]" if low != low else f" [{low:.{places}f}, {high:.{places}f}]"
    return f"{value:.{places}f}{around}{ends}"

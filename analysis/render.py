"""Render a frame as text that aligns on a terminal, Markdown, CSV or LaTeX."""

import pandas as pd
from tabulate import tabulate

from analysis.tables import PUBLISHED_SUFFIX
from fer.errors import InputError

FORMATS = ("text", "markdown", "csv", "latex")
_TABULATE = {"text": "simple", "markdown": "github", "latex": "latex_booktabs"}
_DIGITS = {"f1": 3, "loss": 3, "std": 2}
_NOTHING = "–"


def render_table(table: pd.DataFrame, form: str = "text", digits: int = 1) -> str:
    """Return ``table`` in one of FORMATS. A column and its ``_sd`` are shown as one, ``mean ± sd``; CSV keeps both.

    NaN is shown as a dash, true as ``*``; a column ``seeds`` that is 1 throughout is left out.
    """
    if form not in FORMATS:
        raise InputError(f"unknown table format {form!r}; use one of {', '.join(FORMATS)}.")
    if form == "csv":
        return table.to_csv(index=False)
    shown = pd.DataFrame({name: _cells(table, name, digits) for name in table if not _is_spread(table, name)})
    if "seeds" in table and (table["seeds"].dropna() == 1).all():
        shown = shown.drop(columns="seeds")
    numeric = [name not in ("experiment", "origin") and table[name].dtype.kind in "fi" for name in shown]
    align = ["right" if number else "left" for number in numeric]
    return tabulate(
        shown.values.tolist(), headers=list(shown), tablefmt=_TABULATE[form], colalign=align, disable_numparse=True
    )


def _is_spread(table: pd.DataFrame, name: str) -> bool:
    return name.endswith("_sd") and name.removesuffix("_sd") in table


def _cells(table: pd.DataFrame, name: str, digits: int) -> list[str]:
    places = _DIGITS.get(name.removesuffix(PUBLISHED_SUFFIX), digits)
    spread = table.get(f"{name}_sd")
    return [_cell(value, places, None if spread is None else spread.iloc[row]) for row, value in enumerate(table[name])]


def _cell(value: object, places: int, spread: float | None) -> str:
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return "*" if value else ""
    if pd.isna(value):
        return _NOTHING
    if not isinstance(value, float):
        return str(value)
    around = "" if spread is None or spread != spread else f" ± {spread:.{places}f}"
    return f"{value:.{places}f}{around}"

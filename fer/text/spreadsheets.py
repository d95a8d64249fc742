"""Tables that people open in a spreadsheet: text that it would run as a formula is marked as text.

Names of groups, files and datasets are anybody's. A spreadsheet runs a CSV cell such as ``=cmd|' /C calc'!A0``; OWASP's
remedy is an apostrophe before it (https://owasp.org/www-community/attacks/CSV_Injection). All CSV files of this project
are written so, as each may be opened by a double click; its own readers take the apostrophe off again. Parquet files,
such as predictions, hold every text as it is.
"""

import re
from collections.abc import Callable

import pandas as pd

from fer.text.numbers import real

_BEGINS = r"[=+\-@\t\r\n＝＋－＠]"
# With the apostrophes that a text has itself, so that marking can be undone.
_FORMULA, _MARKED = re.compile(f"'*{_BEGINS}"), re.compile(f"'+{_BEGINS}")


def marked(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with an apostrophe before each text, also of its index and names, that a spreadsheet would run.

    Example:
        >>> print(marked(pd.DataFrame({"group": ["=1+1", "a=b", "-18"], "gap": [-0.5, 0.1, 0.2]})).to_csv(index=False))
        group,gap
        '=1+1,-0.5
        a=b,0.1
        -18,0.2
        <BLANKLINE>

    """
    return _each_text(table, _mark)


def unmarked(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table that was read from CSV as it was before :func:`marked`."""
    return _each_text(table, lambda text: text[1:] if _MARKED.match(text) else text)


def _mark(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        real(text)
    except ValueError:
        return False
    return True


def _each_text(table: pd.DataFrame, change: Callable[[str], str]) -> pd.DataFrame:
    def changed(value: object) -> object:
        return change(value) if isinstance(value, str) else value

    def of(column: pd.Series) -> pd.Series:
        if column.dtype.kind != "O":
            return column
        # Not by Series.map, which makes floats of whole numbers beside None.
        kind = object if isinstance(column.dtype, pd.CategoricalDtype) else column.dtype
        return pd.Series([changed(value) for value in column], column.index, kind)

    shown = pd.concat([of(column) for _, column in table.items()], axis=1) if len(table.columns) else table.copy()
    index = shown.index.map(changed) if shown.index.dtype.kind == "O" and shown.index.nlevels == 1 else shown.index
    return shown.set_axis([changed(name) for name in table], axis=1).set_axis(index.rename(changed(shown.index.name)))

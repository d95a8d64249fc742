"""A report as one self-contained HTML file, as Markdown and as LaTeX: Jinja2 templates beside this file.

Whatever a template shows is escaped, in HTML by Jinja2's autoescape, in the others by :mod:`fer.text.escaping`: groups,
datasets and experiments have names that users gave. Only what a filter below returns as :class:`_Source` is not.
"""

import base64
import io
import re
from collections.abc import Callable
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from matplotlib import rc_context

from analysis.render import Shown, render_table, shown_table
from analysis.report.document_model import Conclusions, Picture, Report
from fer.text.escaping import latex, markdown

_SCREEN_DPI = 110
# TeX's own signs are braces and percents: a template of them is read more easily with other marks.
_LATEX_MARKS = {
    "block_start_string": "<%", "block_end_string": "%>", "variable_start_string": "<<", "variable_end_string": ">>",
    "comment_start_string": "<#", "comment_end_string": "#>",
}  # fmt: skip
# A longer table scrolls in a box of its own, with a note.
_MOST_ROWS = 40
# What is shown of a table, which its CSV file holds whole. On paper more rows would be too small to read.
_ROWS_SHOWN, _ROWS_ON_PAPER = 500, 100
# In characters: how much of a row a narrow screen and a wide one show, the room between columns, and from which length
# on names are broken into lines.
_NARROW, _WIDE, _BETWEEN, _WORDY = 48, 138, 3, 12
# Of the width of a column with text that is broken anywhere; the length of such text is in the template.
_LONG = 32


class _Source(str):
    """Text in the syntax of its document, which is not escaped."""


def html_document(report: Report) -> str:
    """Return the report as a self-contained HTML file: figures are embedded as data."""
    environment = _environment(autoescape=True)
    environment.globals |= {"shown_table": shown_table, "image": _embedded, "hints": _hints, "most": _ROWS_SHOWN}
    environment.filters["parts"] = _parts
    environment.filters["unbroken"] = _unbroken
    return environment.get_template("template.html").render(report=report)


def markdown_document(report: Report) -> str:
    """Return the report as Markdown; figures are links to ``figures/<name>.png`` beside it."""
    return _tidy(_markdown().get_template("template.md").render(report=report))


def conclusions_markdown(conclusions: Conclusions) -> str:
    """Return the verdict, what it is claimed of, what else may be concluded and the limits, as Markdown."""
    return _tidy(_markdown().get_template("conclusions.md").render(conclusions=conclusions)).rstrip()


def conclusions_text(conclusions: Conclusions) -> str:
    """Return the same as plain text, for a terminal."""
    lists = {"What may be concluded": conclusions.may, "Limits": conclusions.may_not}
    parts = [
        "\n".join([head, *(f"- {sentence}" for sentence in sentences)])
        for head, sentences in lists.items()
        if sentences
    ]
    return "\n\n".join([*filter(None, [conclusions.verdict, conclusions.claim]), *parts])


def latex_document(report: Report) -> str:
    """Return the report as a LaTeX article; figures are ``figures/<name>.png`` beside it.

    pdfLaTeX compiles it where names are in Latin script, LuaLaTeX and XeLaTeX any.
    """
    environment = _environment(latex, **_LATEX_MARKS)
    environment.filters["table"] = lambda frame: _Source(render_table(frame, "latex"))
    environment.globals["most"] = _ROWS_ON_PAPER
    return _tidy(environment.get_template("template.tex").render(report=report))


def _environment(escape: Callable[[str], str] | None = None, **options: Any) -> Environment:
    """Return Jinja2's environment, in which every value shown goes through ``escape``."""

    def shown(value: object) -> object:
        return value if escape is None or isinstance(value, _Source) else escape(str(value))

    environment = Environment(
        loader=PackageLoader("analysis", "report"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        finalize=shown, **options,
    )  # fmt: skip
    # A file's name, which the report made of letters, digits, "_" and "-".
    environment.filters["path"] = _Source
    return environment


def _markdown() -> Environment:
    environment = _environment(markdown)
    environment.filters["line"] = lambda text: _Source(markdown(text, begins_line=True))
    environment.filters["alternative"] = lambda text: _Source(markdown(text, in_brackets=True))
    environment.filters["table"] = lambda frame: _Source(render_table(frame, "markdown"))
    environment.globals["most"] = _ROWS_SHOWN
    return environment


def _embedded(picture: Picture) -> str:
    kind, mime = ("png", "image/png") if picture.raster else ("svg", "image/svg+xml")
    buffer = io.BytesIO()
    # Without a date and with ids of their own, the same figures are the same file.
    with rc_context({"svg.hashsalt": picture.name}):
        picture.figure.savefig(buffer, format=kind, dpi=_SCREEN_DPI, metadata={} if picture.raster else {"Date": None})
    return f"data:{mime};base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _hints(shown: Shown) -> dict[str, bool]:
    """Return on which screens a table is wider than the page, and whether it is long enough to scroll in a box.

    ``wordy``: its first column has names that take several words.
    """
    widths = []
    for place, (name, number) in enumerate(zip(shown.headings, shown.numeric, strict=True)):
        # Headings and names are broken between words, figures before their intervals, long text anywhere.
        cells = [row[place] for row in shown.rows]
        parts = [part[:_LONG] for cell in cells for part in (_parts(cell) if number else cell.split())]
        widths.append(max(map(len, [*parts, *name.split()]), default=0) + _BETWEEN)
    row, first = sum(widths), max((len(cells[0]) for cells in shown.rows), default=0)
    return {
        "narrow": row > _NARROW, "wide": row > _WIDE, "long": len(shown.rows) > _MOST_ROWS, "wordy": first > _WORDY,
    }  # fmt: skip


def _parts(cell: str) -> list[str]:
    """Return a figure and its interval, which a narrow column shows below it."""
    return re.split(r" (?=[\[(])", cell)


def _unbroken(sentence: str) -> str:
    """Return a sentence in which no line ends within "86 %" or "p = 0.012"."""
    return re.sub(r"(?<=\d) (?=%)|(?<=\bp) (?=[=<])|(?<=[=<]) (?=\d)", "\N{NO-BREAK SPACE}", sentence)


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"

"""Render: a frame as text that aligns on a terminal, Markdown, CSV or LaTeX; headings of columns."""

from analysis.render.labels import heading, p_value, words
from analysis.render.table import FORMATS, NO_INTERVAL, Shown, check_format, render_table, shown_table

__all__ = [
    "FORMATS",
    "NO_INTERVAL",
    "Shown",
    "check_format",
    "heading",
    "p_value",
    "render_table",
    "shown_table",
    "words",
]

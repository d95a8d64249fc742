"""The report of an experiment: the answer to its question with its limits, then every table and figure.

Made once as sections (:mod:`analysis.report.build`), rendered as HTML, Markdown and LaTeX
(:mod:`analysis.report.documents`).
"""

from analysis.report.build import build_report
from analysis.report.context import ReportContext
from analysis.report.document_model import Picture, Report, Section, Table
from analysis.report.documents import html_document, latex_document, markdown_document

__all__ = [
    "ReportContext",
    "Picture",
    "Report",
    "Section",
    "Table",
    "build_report",
    "html_document",
    "latex_document",
    "markdown_document",
]

"""From runs on a tracking server to the accuracy-against-fairness tables, figures and report.

Three layers: fetch (:func:`load_runs`, :func:`load_predictions`, :func:`gather`), pure functions of frames
(:mod:`analysis.tables`), and render (:func:`render_table`, :mod:`analysis.figures`, :mod:`analysis.report`)::

    runs = load_runs("eila")
    print(render_table(trade_off_table(runs)))
"""

from analysis.experiments.paired_outcomes import before_after
from analysis.experiments.seeds import repetitions
from analysis.fetch.evidence import gather
from analysis.fetch.runs import load_predictions, load_predictions_of, load_runs
from analysis.figures import accuracy_by_fraction, trade_off_figure
from analysis.render import render_table
from analysis.report import ReportContext, build_report, html_document
from analysis.tables.results import beside_published, group_table, results_table, trade_off_table
from analysis.tables.uncertainty import difference_table, interval_table, spread_table

__all__ = [
    "ReportContext",
    "accuracy_by_fraction",
    "before_after",
    "beside_published",
    "build_report",
    "difference_table",
    "gather",
    "group_table",
    "html_document",
    "interval_table",
    "load_predictions",
    "load_predictions_of",
    "load_runs",
    "render_table",
    "repetitions",
    "results_table",
    "spread_table",
    "trade_off_figure",
    "trade_off_table",
]

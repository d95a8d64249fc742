"""From runs on a tracking server to the accuracy-against-fairness tables and figures.

Three layers: fetch (:func:`load_runs`, :func:`load_predictions`), pure functions of frames (the tables), and
render (:func:`render_table`, :mod:`analysis.figures`)::

    runs = load_runs("eila")
    print(render_table(trade_off_table(runs)))
"""

from analysis.comparison import before_after
from analysis.figures import accuracy_by_fraction, trade_off_figure
from analysis.render import render_table
from analysis.runs import load_predictions, load_predictions_of, load_runs
from analysis.tables import beside_published, group_table, results_table, trade_off_table

__all__ = [
    "accuracy_by_fraction",
    "before_after",
    "beside_published",
    "group_table",
    "load_predictions",
    "load_predictions_of",
    "load_runs",
    "render_table",
    "results_table",
    "trade_off_figure",
    "trade_off_table",
]

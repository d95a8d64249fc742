"""Tables: pure functions of a frame of runs and, where needed, of the runs' predictions by run id.

Columns are ``snake_case`` and a column's ending says its unit:

- ``..._percent``: a share of faces (accuracy, recall), in percent;
- ``..._points``: a difference of two such shares, or their standard deviation over groups, in percentage points;
- no ending: as on the tracking server: weighted F1 (0 to 1), losses, ratios, p-values, counts.

The server's own unit differs for shares, gaps and the worst group (0 to 1 there); its standard deviations over groups
are in percentage points too. A table whose rows are of several metrics has a column ``unit`` instead.

Rows and columns of groups: see :mod:`analysis.tables.columns`; the group ``all`` is all faces, those of no known group
included. A cell is NaN where it is not known: no run measured it, or it cannot be estimated. What readers see instead
of a column's name is made when a table is rendered, :mod:`analysis.render`.
"""

from analysis.experiments.runs_by_experiment import keyed_runs, mixtures_of, tag_of
from analysis.tables.classes import class_distribution, confusion_shares, group_composition, recall_by_group
from analysis.tables.datasets import dataset_overview, mixture_sizes
from analysis.tables.matrix import group_matrix, train_test_matrix
from analysis.tables.results import beside_published, group_table, results_table, trade_off_table
from analysis.tables.studies import complet_result, model_eval

__all__ = [
    "beside_published",
    "class_distribution",
    "complet_result",
    "confusion_shares",
    "dataset_overview",
    "group_composition",
    "group_matrix",
    "group_table",
    "keyed_runs",
    "mixture_sizes",
    "mixtures_of",
    "model_eval",
    "recall_by_group",
    "results_table",
    "tag_of",
    "trade_off_table",
    "train_test_matrix",
]

"""Tables: pure functions of a frame of runs and, where needed, of the runs' predictions by run id."""

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

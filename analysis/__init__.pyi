from .experiments.paired_outcomes import before_after
from .experiments.seeds import predictions_by_experiment
from .fetch.evidence import gather
from .fetch.runs import load_predictions, load_predictions_of, load_runs
from .figures import accuracy_by_fraction, trade_off_figure
from .render import render_table
from .report import ReportContext, build_report, html_document
from .study_plan import Stated, StudyPlan, plan_study
from .tables.arms import arm_contrasts, contrast_table
from .tables.disparities import disparity_table
from .tables.many_groups import flag_table, pooling_table
from .tables.margins import equivalence_table, no_worse_table
from .tables.mitigation import method_pairs, method_ranking, mitigation_table
from .tables.results import beside_published, group_table, results_table, trade_off_table
from .tables.uncertainty import difference_table, interval_table

__all__ = [
    "ReportContext",
    "Stated",
    "StudyPlan",
    "accuracy_by_fraction",
    "arm_contrasts",
    "before_after",
    "beside_published",
    "build_report",
    "contrast_table",
    "difference_table",
    "disparity_table",
    "equivalence_table",
    "flag_table",
    "gather",
    "group_table",
    "html_document",
    "interval_table",
    "load_predictions",
    "load_predictions_of",
    "load_runs",
    "method_pairs",
    "method_ranking",
    "mitigation_table",
    "no_worse_table",
    "plan_study",
    "pooling_table",
    "predictions_by_experiment",
    "render_table",
    "results_table",
    "trade_off_figure",
    "trade_off_table",
]

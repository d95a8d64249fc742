"""Metrics of accuracy and fairness, their uncertainty, and tests, as plain functions of arrays.

Functions of predictions take ``y_true`` and ``y_pred``, class labels or codes, and everything else by keyword:
``sensitive_features`` (n,) as Fairlearn does; ``y_proba`` (n, k), ``labels``, ``sample_weight`` and ``random_state`` as
scikit-learn does; ``clusters`` (n,), ids of clusters of dependent samples; ``groups``, the names of the groups to
return, in order. Nothing here depends on the rest of the project.
"""

from fer.fairness.bootstrap import REPLICATES, Replicates, bootstrap_metrics, joint_bootstrap
from fer.fairness.calibration import debiased_calibration_error, reliability_table
from fer.fairness.classical_tests import holm, mcnemar, replicates_for_family
from fer.fairness.cluster_errors import effective_clusters
from fer.fairness.clusters import cluster_counts, linked_clusters
from fer.fairness.comparison import ONE_SEED, SEVERAL_SEEDS, paired_comparison
from fer.fairness.definitions import METRICS, Metric
from fer.fairness.differences import difference_intervals, minimum_detectable_difference
from fer.fairness.discovery import FALSE_DISCOVERY_RATE, false_discovery_p, flagged_groups
from fer.fairness.disparity import PAIRS, disparity_statistics, effective_sample_size, noise_corrected_disparity
from fer.fairness.disparity_bounds import DISPARITIES
from fer.fairness.dose import ONE_SEED_DOSE, DoseResponse, dose_response
from fer.fairness.group_design import Correlations, GroupDesign
from fer.fairness.group_permutation_test import STUDENTISED
from fer.fairness.groups import group_metrics, group_summary, over_groups, worst_group
from fer.fairness.intervals import FEW_CLUSTERS, NO_ESTIMATE, group_intervals
from fer.fairness.margins import MARGIN, group_equivalence, paired_equivalence
from fer.fairness.metrics import class_metrics, direction_of, point_metrics, unit_of
from fer.fairness.new_test_set import new_test_set_draws
from fer.fairness.parity import (
    demographic_parity_difference,
    equalized_odds_difference,
    recall_difference,
)
from fer.fairness.partial_pooling import HIERARCHICAL, partial_pooling
from fer.fairness.planned_power import GroupTest, difference_power
from fer.fairness.selective import SelectiveThreshold, risk_coverage, selective_accuracy, selective_threshold
from fer.fairness.simultaneous import simultaneous_differences, simultaneous_intervals
from fer.fairness.standardisation import calibration_error_at_equal_size, standardised_accuracy
from fer.fairness.study_size import (
    Change,
    detectable_change,
    detectable_difference,
    required_clips,
    required_clips_for_change,
    required_seeds,
)
from fer.fairness.tradeoff import distance_to_utopia, front_probability, hypervolume, pareto_front
from fer.fairness.units import Direction, Unit
from fer.fairness.variance_components import variance_components

__all__ = [
    "Change",
    "Correlations",
    "DISPARITIES",
    "Direction",
    "DoseResponse",
    "GroupDesign",
    "GroupTest",
    "FALSE_DISCOVERY_RATE",
    "FEW_CLUSTERS",
    "HIERARCHICAL",
    "MARGIN",
    "METRICS",
    "Metric",
    "NO_ESTIMATE",
    "REPLICATES",
    "ONE_SEED",
    "ONE_SEED_DOSE",
    "PAIRS",
    "Replicates",
    "SEVERAL_SEEDS",
    "SelectiveThreshold",
    "STUDENTISED",
    "Unit",
    "bootstrap_metrics",
    "calibration_error_at_equal_size",
    "class_metrics",
    "cluster_counts",
    "debiased_calibration_error",
    "demographic_parity_difference",
    "detectable_change",
    "detectable_difference",
    "difference_intervals",
    "difference_power",
    "direction_of",
    "disparity_statistics",
    "distance_to_utopia",
    "dose_response",
    "effective_clusters",
    "effective_sample_size",
    "equalized_odds_difference",
    "false_discovery_p",
    "flagged_groups",
    "front_probability",
    "group_equivalence",
    "group_intervals",
    "group_metrics",
    "group_summary",
    "holm",
    "hypervolume",
    "joint_bootstrap",
    "linked_clusters",
    "mcnemar",
    "minimum_detectable_difference",
    "new_test_set_draws",
    "noise_corrected_disparity",
    "over_groups",
    "paired_comparison",
    "paired_equivalence",
    "pareto_front",
    "partial_pooling",
    "point_metrics",
    "recall_difference",
    "reliability_table",
    "replicates_for_family",
    "required_clips",
    "required_clips_for_change",
    "required_seeds",
    "risk_coverage",
    "selective_accuracy",
    "selective_threshold",
    "simultaneous_differences",
    "simultaneous_intervals",
    "standardised_accuracy",
    "unit_of",
    "variance_components",
    "worst_group",
]

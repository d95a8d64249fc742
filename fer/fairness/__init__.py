"""Accuracy and fairness as plain functions of arrays; this room knows nothing of the rest of the project."""

from fer.fairness.bootstrap import Replicates, bootstrap_metrics, joint_bootstrap
from fer.fairness.calibration import debiased_calibration_error, reliability_table
from fer.fairness.classical_tests import holm, mcnemar
from fer.fairness.clusters import cluster_counts, linked_clusters
from fer.fairness.comparison import ONE_SEED, SEVERAL_SEEDS, paired_comparison
from fer.fairness.differences import difference_intervals, smallest_visible_gap
from fer.fairness.dose import DoseResponse, dose_response
from fer.fairness.groups import OVER_GROUPS, group_metrics, over_groups, standardised_accuracy
from fer.fairness.intervals import NO_ESTIMATE, group_intervals
from fer.fairness.metrics import DIRECTIONS, METRICS, direction_of, point_metrics
from fer.fairness.parity import (
    demographic_parity_difference,
    equalized_odds_difference,
    recall_difference,
)
from fer.fairness.spread import effective_sample_size, noise_corrected_spread, spread_statistics
from fer.fairness.tradeoff import distance_to_utopia, front_probability, hypervolume, pareto_front

__all__ = [
    "DIRECTIONS",
    "DoseResponse",
    "METRICS",
    "NO_ESTIMATE",
    "ONE_SEED",
    "OVER_GROUPS",
    "Replicates",
    "SEVERAL_SEEDS",
    "bootstrap_metrics",
    "cluster_counts",
    "debiased_calibration_error",
    "demographic_parity_difference",
    "difference_intervals",
    "direction_of",
    "distance_to_utopia",
    "dose_response",
    "effective_sample_size",
    "equalized_odds_difference",
    "front_probability",
    "group_intervals",
    "group_metrics",
    "holm",
    "hypervolume",
    "joint_bootstrap",
    "linked_clusters",
    "mcnemar",
    "noise_corrected_spread",
    "over_groups",
    "paired_comparison",
    "pareto_front",
    "point_metrics",
    "recall_difference",
    "reliability_table",
    "smallest_visible_gap",
    "spread_statistics",
    "standardised_accuracy",
]

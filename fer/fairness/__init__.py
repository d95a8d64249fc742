"""Accuracy and fairness as plain functions of arrays; this room knows nothing of the rest of the project."""

from fer.fairness.groups import OVER_GROUPS, group_metrics, over_groups, standardised_accuracy
from fer.fairness.metrics import DIRECTIONS, METRICS, direction_of, point_metrics
from fer.fairness.parity import (
    demographic_parity_difference,
    equalized_odds_difference,
    recall_difference,
)
from fer.fairness.tradeoff import pareto_front

__all__ = [
    "DIRECTIONS",
    "METRICS",
    "OVER_GROUPS",
    "demographic_parity_difference",
    "direction_of",
    "equalized_odds_difference",
    "group_metrics",
    "over_groups",
    "pareto_front",
    "point_metrics",
    "recall_difference",
    "standardised_accuracy",
]

"""Corrected p-values of the signed differences between groups, of experiments that share their faces."""

from collections.abc import Iterable

import pandas as pd

from analysis.experiments.seeds import ExperimentPredictions, by_test_set
from fer.data.attributes import Attribute
from fer.evaluation.independent_units import clusters_of
from fer.evaluation.predictions import vocabulary_of
from fer.fairness import simultaneous_differences

_PAIR = ["experiment", "group", "other"]


def max_t_p(
    experiments: Iterable[ExperimentPredictions], attribute: Attribute, cluster: str, metric: str = "accuracy"
) -> pd.Series:
    """Return the p-values of all signed differences of a share between groups, corrected by step-down max-t.

    Indexed by ``experiment``, ``group`` and ``other``; see :func:`fer.fairness.simultaneous_differences`. Experiments
    on the same faces are correlated, which the correction knows. Those on different test sets are taken as families
    whose p-values are multiplied by their number (Bonferroni).
    """
    tests = by_test_set({tested.experiment: tested for tested in experiments})
    parts = []
    for tested in tests.values():
        first = tested[0]
        found = simultaneous_differences(
            first.y_true, {one.experiment: one.y_pred for one in tested}, sensitive_features=first.group(attribute),
            clusters=clusters_of(first.samples, cluster).units, labels=range(len(vocabulary_of(first.samples))),
            metric=metric,
        )  # fmt: skip
        parts.append(found["p_step_down"].rename_axis(_PAIR))
    return (pd.concat(parts) * len(tests)).clip(upper=1.0)

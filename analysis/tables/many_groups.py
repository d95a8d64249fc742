"""Attributes of many groups: flags with a false discovery rate, and partial pooling of sparse combinations.

``experiments``, ``cluster`` and ``attribute`` are those of :mod:`analysis.tables.uncertainty`.
"""

from collections.abc import Iterable

import pandas as pd

from analysis.experiments.seeds import ExperimentPredictions
from analysis.tables.columns import HIGH, LOW, companion
from analysis.tables.uncertainty import over_clusters
from fer.data.attributes import Attribute, combination
from fer.fairness import flagged_groups, partial_pooling
from fer.sentinels import AUTO

POINTS = 100.0


def flag_table(
    experiments: Iterable[ExperimentPredictions], attribute: Attribute | str, cluster: str = AUTO
) -> pd.DataFrame:
    """Return how much the accuracy of each group differs from that of all others: one row per experiment and group.

    For attributes of many groups, such as race*gender*age_group. Columns: ``experiment``, ``group``;
    ``accuracy_percent`` and ``others_percent``; ``difference_points`` with ``_low`` and ``_high`` of its 95 % interval,
    uncorrected; ``p``; ``p_fdr``, adjusted over the groups of the experiment for the false discovery rate (Benjamini
    and Hochberg); ``flagged``, True where it is at most 0.05. NaN where it cannot be estimated. Raises InputError for
    an attribute that the predictions do not have.

    Example:
        >>> from analysis.experiments.examples import example_predictions, example_runs
        >>> from analysis.experiments.seeds import predictions_by_experiment
        >>> tested = predictions_by_experiment(example_runs(), example_predictions())
        >>> table = flag_table(tested.values(), "race")
        >>> shown = ["experiment", "group", "difference_points", "p_fdr", "flagged"]
        >>> print(table[shown].round(3).to_string(index=False))
           experiment group  difference_points  p_fdr  flagged
             one only black             -31.25  0.012     True
             one only white              31.25  0.012     True
        one + 50% two black              -7.50  0.403    False
        one + 50% two white               7.50  0.403    False

    """

    def one(_: ExperimentPredictions, arrays: dict) -> pd.DataFrame:
        arrays = {name: values for name, values in arrays.items() if name != "y_proba"}
        return flagged_groups(**arrays).reset_index()

    table = over_clusters(experiments, Attribute.parse(attribute), cluster, one)
    return _in_percent(table, {"estimate": "accuracy_percent", "others": "others_percent", **_DIFFERENCE})[
        ["experiment", "group", "accuracy_percent", "others_percent", *_DIFFERENCE.values(), "p", "p_fdr", "flagged"]
    ]


def pooling_table(
    experiments: Iterable[ExperimentPredictions], attribute: Attribute | str, cluster: str = AUTO
) -> pd.DataFrame:
    """Return the accuracy of combinations of groups, raw and by a hierarchical model: one row per experiment and group.

    ``attribute``: a product such as race*gender*age_group; the model has main effects of its columns, and random
    effects of combinations and of clusters (:func:`fer.fairness.partial_pooling`). Columns: ``experiment``, ``group``;
    ``faces``, ``clusters``; ``accuracy_percent`` with ``_low`` and ``_high``, raw; ``modelled_percent`` with ``_low``
    and ``_high``, the model's; ``method``: "hierarchical model", or "cannot be estimated: " and the reason. Raises
    InputError for an attribute that the predictions do not have.

    Example:
        >>> from analysis.experiments.examples import example_predictions, example_runs
        >>> from analysis.experiments.seeds import predictions_by_experiment
        >>> tested = predictions_by_experiment(example_runs(), example_predictions())
        >>> table = pooling_table(tested.values(), "race*label")
        >>> shown = ["group", "faces", "accuracy_percent", "modelled_percent"]
        >>> print(table[shown].round(1).head(2).to_string(index=False))
                group  faces  accuracy_percent  modelled_percent
          black_angry     15              46.7              50.6
        black_disgust      5              80.0              56.4

    """
    attribute = Attribute.parse(attribute)

    def one(tested: ExperimentPredictions, arrays: dict) -> pd.DataFrame:
        columns = tested.samples[list(attribute.columns)].astype("str")
        factors = pd.concat([columns] * arrays["repeats"], ignore_index=True)
        arrays = {name: values for name, values in arrays.items() if name not in ("y_proba", "sensitive_features")}
        found = partial_pooling(sensitive_features=factors, **arrays)
        groups = [combination(names) for names in found.index]
        return found.reset_index(drop=True).assign(group=groups)

    columns = {
        "raw": "accuracy_percent", "raw_low": companion("accuracy_percent", LOW),
        "raw_high": companion("accuracy_percent", HIGH), "estimate": "modelled_percent",
        "low": companion("modelled_percent", LOW), "high": companion("modelled_percent", HIGH),
    }  # fmt: skip
    table = _in_percent(over_clusters(experiments, attribute, cluster, one), columns)
    table = table.rename(columns={"samples": "faces"})
    return table[["experiment", "group", "faces", "clusters", *columns.values(), "method"]]


_DIFFERENCE = {
    "difference": "difference_points",
    "low": companion("difference_points", LOW),
    "high": companion("difference_points", HIGH),
}


def _in_percent(table: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    table = table.rename(columns=columns)
    table[list(columns.values())] *= POINTS
    return table

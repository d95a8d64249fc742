"""No worse than, and equal within, a margin: tables of groups, and of experiments against their baseline.

Margins are in percentage points. The p-values are those of :mod:`fer.fairness.margins`; each column is corrected by
Holm for the comparisons of its table.
"""

from collections.abc import Iterable, Sequence

import pandas as pd

from analysis.experiments.paired_outcomes import check_same_samples
from analysis.experiments.seeds import ExperimentPredictions
from analysis.tables.columns import HIGH, LOW, companion
from analysis.tables.pairwise import Pair
from analysis.tables.uncertainty import over_clusters
from fer.data.attributes import RACE, Attribute
from fer.errors import InputError
from fer.evaluation.independent_units import clusters_of
from fer.evaluation.predictions import vocabulary_of
from fer.fairness import MARGIN, group_equivalence, holm, paired_equivalence
from fer.sentinels import AUTO

POINTS = 100.0
MARGIN_POINTS = POINTS * MARGIN
COMPARED = ("accuracy", "accuracy_min")
_COLUMNS = {
    "difference": "difference_points",
    "low": companion("difference_points", LOW),
    "high": companion("difference_points", HIGH),
}


def check_margin(points: float) -> float:
    """Return a margin in percentage points; raises InputError unless it is above 0 and below 100."""
    if not 0 < points < POINTS:
        raise InputError(
            f"margin {points:g} is outside 0..{POINTS:.0f} percentage points; give one such as {MARGIN_POINTS:g}, the "
            "default."
        )
    return points


def equivalence_table(
    experiments: Iterable[ExperimentPredictions], attribute: Attribute | str = RACE, cluster: str = AUTO,
    margin: float = MARGIN_POINTS,
) -> pd.DataFrame:  # fmt: skip
    """Return whether the accuracies of every two groups are shown to be equal within a margin.

    Columns: ``experiment, group, other``; ``difference_points`` (group minus other) with ``_low`` and ``_high`` of its
    90 % interval; ``p_equal``, of a difference of ``margin`` points or more, and ``p_equal_holm``, corrected for all of
    the table. NaN where it cannot be estimated. Raises InputError for a margin outside 0..100, and for an attribute
    that the predictions do not have.

    Example:
        >>> from analysis.experiments.examples import example_predictions, example_runs
        >>> from analysis.experiments.seeds import predictions_by_experiment
        >>> tested = predictions_by_experiment(example_runs(), example_predictions())
        >>> table = equivalence_table(tested.values(), "race", margin=30)
        >>> shown = ["experiment", "difference_points", "difference_points_low", "p_equal_holm"]
        >>> print(table[shown].round(3).to_string(index=False))
           experiment  difference_points  difference_points_low  p_equal_holm
             one only             -31.25                -48.317         0.545
        one + 50% two              -7.50                -22.897         0.020

    """
    share = check_margin(margin) / POINTS

    def one(_: ExperimentPredictions, arrays: dict) -> pd.DataFrame:
        return group_equivalence(**arrays, margin=share).reset_index()

    table = _in_points(over_clusters(experiments, Attribute.parse(attribute), cluster, one))
    table["p_equal_holm"] = holm(table["p_equal"])
    return table[["experiment", "group", "other", *_COLUMNS.values(), "p_equal", "p_equal_holm"]]


def no_worse_table(
    pairs: Sequence[Pair], attribute: Attribute | str = RACE, cluster: str = AUTO, margin: float = MARGIN_POINTS,
    metrics: Sequence[str] | None = COMPARED,
) -> pd.DataFrame:  # fmt: skip
    """Return whether experiments are shown to be no worse than their baseline by a margin: one row per pair and metric.

    ``metrics`` are rows of :func:`fer.fairness.paired_equivalence`; None shows them all, each group too. Columns:
    ``experiment``, ``baseline``, ``metric``; ``difference_points`` (after minus before) with ``_low`` and ``_high`` of
    its 90 % interval; ``p_no_worse``, of a loss of ``margin`` points or more, and ``p_equal``, of a change of as much;
    both with ``_holm``, corrected for all of the table. NaN where it cannot be estimated. Raises InputError for a
    margin outside 0..100.

    Example:
        >>> from analysis.experiments.examples import example_predictions, example_runs
        >>> from analysis.experiments.seeds import predictions_by_experiment
        >>> before, after = predictions_by_experiment(example_runs(), example_predictions()).values()
        >>> table = no_worse_table([Pair(before, after)], "race")
        >>> shown = ["metric", "difference_points", "p_no_worse_holm", "p_equal_holm"]
        >>> print(table[shown].round(3).to_string(index=False))
              metric  difference_points  p_no_worse_holm  p_equal_holm
            accuracy             15.417            0.071           1.0
        accuracy_min             31.250            0.170           1.0

    """
    share = check_margin(margin) / POINTS
    attribute = Attribute.parse(attribute)
    tables = []
    for before, after in pairs:
        check_same_samples(before.samples, after.samples)
        found = paired_equivalence(
            before.y_true, before.y_pred, after.y_pred, sensitive_features=before.group(attribute),
            clusters=clusters_of(before.samples, cluster).units, margin=share,
            labels=range(len(vocabulary_of(before.samples))),
        )  # fmt: skip
        found = found if metrics is None else found.loc[list(metrics)]
        tables.append(found.reset_index().assign(experiment=after.experiment, baseline=before.experiment))
    keys, p = ["experiment", "baseline", "metric"], ["p_no_worse", "p_equal"]
    columns = [*keys, *_COLUMNS.values(), *(name + ending for name in p for ending in ("", "_holm"))]
    if not tables:
        return pd.DataFrame(columns=columns)
    whole = _in_points(pd.concat(tables, ignore_index=True))
    for name in p:
        whole[f"{name}_holm"] = holm(whole[name])
    return whole[columns]


def _in_points(table: pd.DataFrame) -> pd.DataFrame:
    table = table.rename(columns=_COLUMNS)
    table[list(_COLUMNS.values())] *= POINTS
    return table

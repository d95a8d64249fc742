"""How sure the figures are: intervals, differences between groups, spreads, effective sizes, over clusters.

All take ``trials`` (:func:`analysis.experiments.seeds.repetitions`). Several seeds of an experiment are taken
together: a cluster is drawn for all of them, so an interval says how far other faces could move the seeds' mean.
"""

from collections.abc import Callable, Iterable

import pandas as pd

from analysis.experiments.runs_by_experiment import PERCENT
from analysis.experiments.seeds import Repetitions
from fer.data.attributes import ALL, RACE, Attribute
from fer.data.samples import CLUSTER_COLUMNS
from fer.evaluation.independent_units import AUTO, SAMPLE, clusters_of
from fer.evaluation.metric_names import metric_part
from fer.evaluation.predictions import vocabulary_of
from fer.fairness import (
    DISPARITIES,
    difference_intervals,
    disparity_statistics,
    effective_sample_size,
    group_intervals,
    holm,
    unit_of,
)
from fer.fairness.bootstrap import REPLICATES

SPREADS_OF_EMOTIONS = ("accuracy_std", "accuracy_gap", "accuracy_ratio")


def interval_table(
    trials: Iterable[Repetitions], attribute: Attribute | str = RACE, unit: str = AUTO, replicates: int = REPLICATES
) -> pd.DataFrame:
    """Return the 95 % interval of every metric of every group: ``experiment, group, metric, estimate, low, high, ...``.

    ``group`` is ``all`` or a group's name. Shares are in percent, losses and Brier scores as they are. ``clusters``
    is what the figure rests on and ``method`` how the interval was made; ``low`` and ``high`` are NaN where it "cannot
    be estimated".
    """

    def one(trial: Repetitions, arrays: dict) -> pd.DataFrame:
        table = group_intervals(**arrays, n_resamples=replicates, labels=vocabulary_of(trial.samples)).reset_index()
        scaled = ["estimate", "low", "high", "standard_error"]
        table[scaled] = table[scaled].mul(table["metric"].map(_scale), axis=0)
        return table

    return _each(trials, Attribute.parse(attribute), unit, one)


def with_intervals(table: pd.DataFrame, intervals: pd.DataFrame, columns: dict[str, tuple[str, str]]) -> pd.DataFrame:
    """Return a results or group table with ``_low`` and ``_high`` of its measured rows beside its ``columns``.

    ``columns`` maps a column to the group (as metrics name it) and the metric that it shows; ``intervals`` is
    :func:`interval_table`.
    """
    table = table.copy()
    named = intervals["group"].map(metric_part)
    for name, (group, metric) in columns.items():
        own = intervals[(named == group) & (intervals["metric"] == metric)].set_index("experiment")
        # Weighted F1 stands in tables as a share of 1, as the studies print it.
        scale = 1.0 / PERCENT if metric.startswith("f1") else 1.0
        for end in ("low", "high"):
            ends = table["experiment"].map(own[end]) * scale
            place = list(table).index(name) + 1
            table.insert(place, f"{name}_{end}", ends.where(table["origin"] == "measured"))
    return table


def difference_table(
    trials: Iterable[Repetitions], attribute: Attribute | str = RACE, unit: str = AUTO, metric: str = "accuracy",
    replicates: int = REPLICATES,
) -> pd.DataFrame:  # fmt: skip
    """Return the signed difference of a metric between every two groups, in points.

    Columns: ``experiment``, ``group``, ``other``, ``difference`` (group less other) with ``_low`` and ``_high``,
    ``p``, ``p Holm`` (over this table's p-values), ``smallest visible`` (what 80 % of such tests would find at 5 %)
    and ``method``. NaN where it cannot be estimated.
    """

    def one(trial: Repetitions, arrays: dict) -> pd.DataFrame:
        table = difference_intervals(**arrays, metric=metric, n_resamples=replicates).reset_index()
        scaled = ["estimate", "low", "high", "minimum_detectable_difference"]
        table[scaled] = table[scaled] * _scale(metric)
        return table

    names = {"estimate": "difference", "low": "difference_low", "high": "difference_high",
             "minimum_detectable_difference": "smallest visible"}  # fmt: skip
    table = _each(trials, Attribute.parse(attribute), unit, one).rename(columns=names)
    table["p Holm"] = holm(table["p"])
    shown = ["experiment", "group", "other", "difference", "difference_low", "difference_high", "p", "p Holm"]
    return table[[*shown, "smallest visible", "method"]]


def spread_table(
    trials: Iterable[Repetitions], attribute: Attribute | str = RACE, unit: str = AUTO, replicates: int = REPLICATES
) -> pd.DataFrame:
    """Return what is known of each figure over groups: ``experiment, summary, estimate, by chance, corrected, ...``.

    ``summary`` is ``accuracy_std``, ``accuracy_gap``, ``accuracy_ratio``, ``demographic_parity_difference``,
    ``equalized_odds_difference`` or ``recall_difference``; ``unit`` says "points" of all but the ratio.
    ``by chance`` is its mean under permuted groups, ``corrected`` less noise, ``upper`` a one-sided 95 % bound (of the
    ratio ``lower``), ``p`` against "no difference" and ``p Holm`` corrected over the experiments, each summary a family
    of its own. By ``label`` there are no parity, odds and recall differences: between true emotions they are large for
    a model that is always right.
    """

    def one(trial: Repetitions, arrays: dict) -> pd.DataFrame:
        del arrays["y_proba"]
        return disparities_in_points(disparity_statistics(**arrays, n_resamples=replicates)).reset_index()

    names = {"expected_under_no_difference": "by chance", "bias_corrected": "corrected"}
    attribute = Attribute.parse(attribute)
    wanted = SPREADS_OF_EMOTIONS if attribute.by_emotion else DISPARITIES
    table = _each(trials, attribute, unit, one).rename(columns=names)
    table = table[table["summary"].isin(wanted)].reset_index(drop=True)
    table["p Holm"] = table.groupby("summary")["p"].transform(holm)
    shown = ["experiment", "summary", "unit", "estimate", "by chance", "corrected", "upper", "lower", "p", "p Holm"]
    return table[shown]


def disparities_in_points(table: pd.DataFrame) -> pd.DataFrame:
    """Return :func:`fer.fairness.disparity_statistics` in percentage points, the ratio as it is; ``unit`` says so."""
    table = table.copy()
    scale = pd.Series([_scale(name) for name in table.index], table.index)
    figures = ["estimate", "bias_corrected", "upper", "lower", "expected_under_no_difference"]
    table[figures] = table[figures].mul(scale, axis=0)
    table["variance"] = table["variance"] * scale**2
    table["unit"] = table["unit"].where(scale != PERCENT, "points")
    return table


def effective_sizes(trials: Iterable[Repetitions], attribute: Attribute = RACE, unit: str = AUTO) -> pd.DataFrame:
    """Return how many independent faces each group is worth for its accuracy: ``experiment, group, effective, ...``.

    ``faces`` and ``clusters`` are what it has, ``design effect`` the ratio of the variances. NaN with one cluster.
    Of the first seed of each experiment.
    """

    def one(trial: Repetitions, arrays: dict) -> pd.DataFrame:
        by = {"sensitive_features": trial.group(attribute), "clusters": clusters_of(trial.samples, unit).ids}
        table = effective_sample_size(trial.y_true, trial.y_pred[0], **by).reset_index()
        return table.rename(columns={"samples": "faces", "design_effect": "design effect"})

    return _each(trials, attribute, unit, one)


def unit_table(trial: Repetitions, attribute: Attribute = RACE, replicates: int = REPLICATES) -> pd.DataFrame:
    """Return what the choice of the independent unit does to the interval of an experiment's accuracy, in percent.

    One row a unit that the predictions know: ``unit``, ``clusters``, ``accuracy`` with ``_low`` and ``_high``, and
    ``width`` of the interval.
    """
    recorded = [name for name in CLUSTER_COLUMNS if name in trial.samples and trial.samples[name].notna().any()]
    rows = []
    for unit in (AUTO, *recorded, SAMPLE):
        clusters = clusters_of(trial.samples, unit)
        arrays = trial.stacked(attribute, clusters.ids)
        found = group_intervals(**arrays, groups=[], n_resamples=replicates).loc[(ALL, "accuracy")]
        low, high = found["low"] * PERCENT, found["high"] * PERCENT
        rows.append(
            {
                "unit": clusters.name, "clusters": found["clusters"], "accuracy": found["estimate"] * PERCENT,
                "accuracy_low": low, "accuracy_high": high, "width": high - low,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _scale(metric: str) -> float:
    return unit_of(metric).in_percent


def _each(
    trials: Iterable[Repetitions], attribute: Attribute, unit: str, one: Callable[[Repetitions, dict], pd.DataFrame]
) -> pd.DataFrame:
    tables = {
        trial.experiment: one(trial, trial.stacked(attribute, clusters_of(trial.samples, unit).ids)) for trial in trials
    }
    return pd.concat(tables, names=["experiment"]).reset_index("experiment").reset_index(drop=True)

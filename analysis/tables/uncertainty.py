"""Uncertainty of results: intervals, and differences between groups, over clusters.

These functions, :mod:`analysis.tables.disparities` and :mod:`analysis.tables.clusters` take ``experiments``
(:func:`analysis.experiments.seeds.predictions_by_experiment`). Of several seeds every figure is the mean of the seeds'
figures, as in the other tables; a cluster is drawn for all of them, so an interval covers the variance over faces of
that mean. ``cluster`` is
the unit of resampling, see :func:`fer.evaluation.independent_units.clusters_of`: the name of a column, ``sample``, or
``auto``, clips linked by persons (or crossed with them) where these are known. ``replicates`` are those of every
bootstrap and permutation; their seed is fixed, so the same predictions give the same table.
"""

from collections.abc import Callable, Iterable, Mapping

import pandas as pd

from analysis.experiments.runs_by_experiment import PERCENT
from analysis.experiments.seeds import ExperimentPredictions
from analysis.tables.columns import HIGH, LOW, companion, quantity_and_key
from analysis.tables.max_t import max_t_p
from analysis.tables.units import scale_of, unit_of
from fer.data.attributes import RACE, Attribute
from fer.evaluation.independent_units import clusters_of
from fer.evaluation.metric_names import group_shown
from fer.evaluation.predictions import vocabulary_of
from fer.fairness import METRICS, difference_intervals, group_intervals, holm, minimum_detectable_difference
from fer.fairness.bootstrap import REPLICATES
from fer.sentinels import AUTO
from fer.tracking import names

FrameOf = Callable[[ExperimentPredictions, dict], pd.DataFrame]


def interval_table(
    experiments: Iterable[ExperimentPredictions], attribute: Attribute | str = RACE, cluster: str = AUTO,
    replicates: int = REPLICATES,
) -> pd.DataFrame:  # fmt: skip
    """Return the 95 % interval of every metric of every group.

    Columns: ``experiment``; ``group``, ``all`` first; ``metric``; ``unit`` of its figures (``percent`` for shares,
    ``points``, ``nats``, ...); ``estimate, low, high, standard_error``; ``clusters``, their number;
    ``degrees_of_freedom``; ``undefined``, replicates without a value; ``method``, how the interval was made. ``low``
    and ``high`` are NaN where it "cannot be estimated", such as for a group of one cluster; ``estimate`` is NaN without
    faces. Raises InputError for an attribute that the predictions do not have.

    Example:
        >>> from analysis.experiments.examples import example_predictions, example_runs
        >>> from analysis.experiments.seeds import predictions_by_experiment
        >>> tested = predictions_by_experiment(example_runs(), example_predictions())
        >>> table = interval_table(tested.values(), "race", replicates=200)
        >>> shown = table[(table["metric"] == "accuracy") & (table["experiment"] == "one only")]
        >>> print(shown[["group", "unit", "estimate", "low", "high", "clusters"]].round(1).to_string(index=False))
        group    unit  estimate  low  high  clusters
          all percent      64.6 52.2  75.2        24
        black percent      43.8 25.1  64.4         8
        white percent      75.0 61.0  85.2        16

    """

    def one(tested: ExperimentPredictions, arrays: dict) -> pd.DataFrame:
        table = group_intervals(**arrays, n_resamples=replicates, labels=vocabulary_of(tested.samples)).reset_index()
        figures = ["estimate", "low", "high", "standard_error"]
        table[figures] = table[figures].mul(table["metric"].map(scale_of), axis=0)
        table.insert(table.columns.get_loc("metric") + 1, "unit", table["metric"].map(unit_of))
        return table

    return over_clusters(experiments, Attribute.parse(attribute), cluster, one)


def with_intervals(
    table: pd.DataFrame, intervals: pd.DataFrame, columns: Mapping[str, tuple[str, str]]
) -> pd.DataFrame:
    """Return a results or group table with ``_low`` and ``_high`` of its measured rows beside its ``columns``.

    ``columns`` maps a column to the group and the metric that it shows; ``intervals`` is
    :func:`interval_table`. The ends are in the unit of the column.
    """
    table = table.copy()
    groups = intervals["group"].map(group_shown)
    for name, (group, metric) in columns.items():
        own = intervals[(groups == group) & (intervals["metric"] == metric)].set_index("experiment")
        quantity, _ = quantity_and_key(name)
        as_shares = unit_of(metric) == "percent" and not quantity.endswith("_percent")
        scale = 1 / PERCENT if as_shares else 1.0
        for kind in (LOW, HIGH):
            ends = table["experiment"].map(own[kind]) * scale
            place = list(table).index(name) + 1
            table.insert(place, companion(name, kind), ends.where(table["origin"] == names.MEASURED))
    return table


def difference_table(
    experiments: Iterable[ExperimentPredictions], attribute: Attribute | str = RACE, cluster: str = AUTO,
    metric: str = "accuracy", replicates: int = REPLICATES,
) -> pd.DataFrame:  # fmt: skip
    """Return the signed difference of a metric between every two groups.

    Columns: ``experiment, group, other``; ``difference_points`` (group minus other) with ``_low`` and ``_high``; ``p``
    against no difference; corrected for all p-values of this table ``p_holm`` and ``p_max_t``, by step-down max-t
    (:func:`analysis.tables.max_t.max_t_p`), on which verdicts rest: it is the smaller, as it knows how the comparisons
    are correlated; ``minimum_detectable_difference_points``, the true difference that such a test detects with 80 %
    power at 5 % after Holm's correction; ``method``. (Of a ``metric`` that is no share, such as ``loss``, the columns
    are ``difference`` and ``minimum_detectable_difference``, in its unit, and there is no ``p_max_t``.) NaN where it
    cannot be estimated. Raises InputError for an attribute that the predictions do not know, ValueError for an unknown
    metric.

    Example:
        >>> from analysis.experiments.examples import example_predictions, example_runs
        >>> from analysis.experiments.seeds import predictions_by_experiment
        >>> tested = predictions_by_experiment(example_runs(), example_predictions())
        >>> table = difference_table(tested.values(), "race", replicates=200)
        >>> shown = ["experiment", "group", "other", "difference_points", "p_holm", "p_max_t"]
        >>> print(table[shown].round(3).to_string(index=False))
           experiment group other  difference_points  p_holm  p_max_t
             one only black white             -31.25   0.024    0.024
        one + 50% two black white              -7.50   0.403    0.403

    """

    def one(_: ExperimentPredictions, arrays: dict) -> pd.DataFrame:
        table = difference_intervals(**arrays, metric=metric, n_resamples=replicates).reset_index()
        figures = ["estimate", "low", "high", "minimum_detectable_difference"]
        table[figures] = table[figures] * scale_of(metric)
        return table

    ending = "_points" if unit_of(metric) in ("percent", "points") else ""
    difference, detectable = f"difference{ending}", f"minimum_detectable_difference{ending}"
    low, high = companion(difference, LOW), companion(difference, HIGH)
    columns = {"estimate": difference, "low": low, "high": high, "minimum_detectable_difference": detectable}
    experiments = list(experiments)
    table = over_clusters(experiments, Attribute.parse(attribute), cluster, one).rename(columns=columns)
    table["p_holm"] = holm(table["p"])
    family, alone = ({"comparisons": count} for count in (max(int(table["p"].notna().sum()), 1), 1))
    table[detectable] *= [
        minimum_detectable_difference(1.0, degrees_of_freedom=degrees, **family)
        / minimum_detectable_difference(1.0, degrees_of_freedom=degrees, **alone)
        for degrees in table["degrees_of_freedom"]
    ]
    corrected = ["p_holm"]
    if METRICS[metric.partition("/")[0]].proportion:
        p = max_t_p(experiments, Attribute.parse(attribute), cluster, metric)
        table["p_max_t"] = p.reindex(pd.MultiIndex.from_frame(table[list(p.index.names)])).to_numpy()
        corrected.append("p_max_t")
    return table[["experiment", "group", "other", difference, low, high, "p", *corrected, detectable, "method"]]


def over_clusters(
    experiments: Iterable[ExperimentPredictions], attribute: Attribute, cluster: str, one: FrameOf
) -> pd.DataFrame:
    """Return in one frame what ``one`` makes of each experiment and its arrays, with a column ``experiment``."""
    tables = {
        tested.experiment: one(tested, tested.stacked(attribute, clusters_of(tested.samples, cluster).units))
        for tested in experiments
    }
    return pd.concat(tables, names=["experiment"]).reset_index("experiment").reset_index(drop=True)

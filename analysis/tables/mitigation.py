"""Mitigation methods compared: each with plain training, and with each other, on the same test faces."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from analysis.experiments.runs_by_experiment import measured_runs
from analysis.experiments.seeds import ExperimentPredictions
from analysis.tables.columns import HIGH, LOW, companion
from analysis.tables.margins import MARGIN_POINTS, no_worse_table
from analysis.tables.pairwise import Pair, pairwise_table
from fer.data.attributes import RACE, Attribute
from fer.errors import InputError
from fer.fairness import holm
from fer.fairness.bootstrap import REPLICATES
from fer.fairness.clusters import sorted_names
from fer.sentinels import AUTO
from fer.tracking import names
from fer.training.mitigation.registry import ERM

OVERALL, GROUPS = "overall", "groups"
HIGHER, LOWER, EQUAL, UNDECIDED = "higher", "lower", "equal within the margin", "not shown"
_LEVEL = 0.05
_OVERALL_METRICS = ("accuracy", "accuracy_min", "accuracy_std")
_WORST = "accuracy_min"
_METHOD = names.param("method")
# What two trainings that differ in their method alone have in common.
_ALIKE = tuple(
    names.param(name)
    for name in ("base", "addition", "fraction", "arm", "kept_aside", "validation_from", "balance", "test",
                 "backbone", "head", "weights", "protocol", "epochs", "steps_per_epoch", "members")
)  # fmt: skip
_DIFFERENCE = "difference_points"
_ENDS = [companion(_DIFFERENCE, LOW), companion(_DIFFERENCE, HIGH)]


def experiments_by_method(
    runs: pd.DataFrame, experiments: Mapping[str, ExperimentPredictions]
) -> list[dict[str, ExperimentPredictions]]:
    """Return the experiments that differ in their mitigation method alone, by method, in one mapping per training.

    Experiments of a training that was made by one method only are left out. With two settings of one method, the first
    is taken. ``runs`` is what :func:`analysis.load_runs` returns.
    """
    if _METHOD not in runs:
        return []
    rows = measured_runs(runs)
    rows = rows[rows["experiment"].isin(list(experiments))].drop_duplicates("experiment")
    rows = rows.assign(method=rows[_METHOD].fillna(ERM).replace(AUTO, ERM))
    found = []
    for _, alike in rows.groupby([name for name in _ALIKE if name in rows], sort=False, dropna=False):
        first = alike.drop_duplicates("method")
        if len(first) > 1:
            found.append({row["method"]: experiments[row["experiment"]] for _, row in first.iterrows()})
    return found


def mitigation_table(
    runs: pd.DataFrame, experiments: Mapping[str, ExperimentPredictions], attribute: Attribute | str = RACE,
    cluster: str = AUTO, replicates: int = REPLICATES,
) -> pd.DataFrame:  # fmt: skip
    """Return what each mitigation method changes against plain training (``erm``): one row per method and metric.

    Metrics: ``accuracy``, ``accuracy_min`` (of the worst group) and ``accuracy_std`` (over groups) are the family
    ``overall``; ``accuracy/<group>`` are the family ``groups``. Both sides are tested on the same faces; seeds are
    crossed with clusters, as in :func:`fer.fairness.paired_comparison`.

    Columns: ``experiment``, that of the method; ``method``, ``metric``, ``family``; ``method_percent`` and
    ``erm_percent``, means over seeds; ``difference_points`` (method minus erm) with ``_low`` and ``_high``; ``p``;
    ``p_holm``, corrected for all p-values of the row's family in this table; ``seeds``, of the side with fewer. Empty
    where no method was trained beside erm. Raises InputError for an attribute that the predictions do not have.

    Example:
        >>> from analysis.experiments.examples import example_methods
        >>> from analysis.experiments.seeds import predictions_by_experiment
        >>> runs, predictions = example_methods()
        >>> table = mitigation_table(runs, predictions_by_experiment(runs, predictions), "race", replicates=200)
        >>> shown = table[table["metric"] == "accuracy_min"]
        >>> columns = ["method", "erm_percent", "method_percent", "difference_points"]
        >>> print(shown[columns].to_string(index=False))
           method  erm_percent  method_percent  difference_points
        group_dro        43.75           72.50              28.75
              jtt        43.75           43.75               0.00

    """
    attribute = Attribute.parse(attribute)
    tables = []
    for by_method in experiments_by_method(runs, experiments):
        if ERM not in by_method:
            continue
        plain = by_method[ERM]
        groups = sorted_names(plain.group(attribute).dropna().unique())
        over = _OVERALL_METRICS if len(groups) > 1 else _OVERALL_METRICS[:1]
        metrics = [*over, *(f"accuracy/{group}" for group in groups)]
        for method, one in by_method.items():
            if method == ERM:
                continue
            found = pairwise_table([Pair(plain, one)], attribute, cluster, replicates, metrics)
            tables.append(
                pd.DataFrame({
                    "experiment": one.experiment, "method": method, "metric": found["metric"],
                    "family": [OVERALL] * len(over) + [GROUPS] * len(groups),
                    "method_percent": found["after_percent"], "erm_percent": found["before_percent"],
                    **{name: found[name] for name in (_DIFFERENCE, *_ENDS, "p")},
                    "seeds": min(len(plain.tables), len(one.tables)),
                })
            )  # fmt: skip
    if not tables:
        return pd.DataFrame()
    whole = pd.concat(tables, ignore_index=True)
    whole.insert(list(whole).index("p") + 1, "p_holm", whole.groupby("family")["p"].transform(holm))
    return whole


def method_pairs(
    runs: pd.DataFrame, experiments: Mapping[str, ExperimentPredictions], attribute: Attribute | str = RACE,
    cluster: str = AUTO, replicates: int = REPLICATES, metric: str = _WORST, margin: float = MARGIN_POINTS,
) -> pd.DataFrame:  # fmt: skip
    """Return every two methods compared in one metric, plain training among them: one row per pair.

    ``metric`` is ``accuracy_min`` or ``accuracy``, ``margin`` in percentage points. Columns: ``first, second, metric``;
    ``difference_points`` (first minus second) with ``_low`` and ``_high`` of its 95 % interval; ``p`` of no difference
    and ``p_equal`` of a difference of the margin or more, each with ``_holm``, corrected for all pairs; ``verdict``:
    ``higher`` or ``lower`` (the first one, corrected p below 0.05), ``equal within the margin`` (corrected p_equal
    below 0.05), else ``not shown``: neither a difference nor equality is. Empty with fewer than two methods. Raises
    InputError for another metric.

    Example:
        >>> from analysis.experiments.examples import example_methods
        >>> from analysis.experiments.seeds import predictions_by_experiment
        >>> runs, predictions = example_methods()
        >>> experiments = predictions_by_experiment(runs, predictions)
        >>> pairs = method_pairs(runs, experiments, "race", replicates=200)
        >>> print(pairs[["first", "second", "difference_points", "verdict"]].to_string(index=False))
            first    second  difference_points   verdict
              erm group_dro             -28.75 not shown
              erm       jtt               0.00 not shown
        group_dro       jtt              28.75 not shown

    """
    if metric not in (_WORST, "accuracy"):
        raise InputError(f"methods are compared in accuracy_min or accuracy, not in {metric!r}; give one of these.")
    attribute = Attribute.parse(attribute)
    pairs = [
        (first, second, Pair(by_method[second], by_method[first]))
        for by_method in experiments_by_method(runs, experiments)
        for first, second in combinations(by_method, 2)
    ]
    if not pairs:
        return pd.DataFrame()
    both = [pair for *_, pair in pairs]
    found = pairwise_table(both, attribute, cluster, replicates, [metric])
    equal = no_worse_table(both, attribute, cluster, margin, [metric])
    table = pd.DataFrame({
        "first": [first for first, *_ in pairs], "second": [second for _, second, _ in pairs], "metric": metric,
        **{name: found[name] for name in (_DIFFERENCE, *_ENDS, "p", "p_holm")},
        **{name: equal[name] for name in ("p_equal", "p_equal_holm")},
    })  # fmt: skip
    differ = table["p_holm"] < _LEVEL
    table["verdict"] = np.select(
        [differ & (table[_DIFFERENCE] > 0), differ & (table[_DIFFERENCE] < 0), table["p_equal_holm"] < _LEVEL],
        [HIGHER, LOWER, EQUAL], UNDECIDED,
    )  # fmt: skip
    return table


def method_ranking(table: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the methods by the accuracy of their worst group, the highest first: one row per method, erm among them.

    ``table`` is that of :func:`mitigation_table`, ``pairs`` that of :func:`method_pairs` by ``accuracy_min``, of one
    way of training. Columns: ``method``; ``accuracy_min_percent``, ``accuracy_percent`` and ``std_points``, means over
    seeds; ``difference_points`` of the worst group from erm with ``_low`` and ``_high``, NaN for erm; ``not_below``,
    the methods above it that it is not shown to be below of, joined by commas: an order among them is not shown.

    Example:
        >>> from analysis.experiments.examples import example_methods
        >>> from analysis.experiments.seeds import predictions_by_experiment
        >>> runs, predictions = example_methods()
        >>> experiments = predictions_by_experiment(runs, predictions)
        >>> table = mitigation_table(runs, experiments, "race", replicates=200)
        >>> ranking = method_ranking(table, method_pairs(runs, experiments, "race", replicates=200))
        >>> print(ranking[["method", "accuracy_min_percent", "not_below"]].to_string(index=False))
           method  accuracy_min_percent      not_below
        group_dro                 72.50
              jtt                 43.75      group_dro
              erm                 43.75 group_dro, jtt

    """
    columns = {"accuracy": "accuracy_percent", _WORST: "accuracy_min_percent", "accuracy_std": "std_points"}
    values = table[table["metric"].isin(columns)]
    wide = values.pivot_table(index="method", columns="metric", values="method_percent", sort=False)
    wide.loc[ERM] = values.groupby("metric")["erm_percent"].first()
    worst = table[table["metric"] == _WORST].set_index("method")[[_DIFFERENCE, *_ENDS]]
    ranked = wide.rename(columns=columns)[list(columns.values())].join(worst)
    ranked = ranked.sort_values("accuracy_min_percent", ascending=False, kind="stable")
    higher = {(row["first"], row["second"]) for _, row in pairs.iterrows() if row["verdict"] == HIGHER}
    higher |= {(row["second"], row["first"]) for _, row in pairs.iterrows() if row["verdict"] == LOWER}
    order = list(ranked.index)
    ranked["not_below"] = [_not_below(method, order[:place], higher) for place, method in enumerate(order)]
    return ranked.rename_axis("method").rename_axis(columns=None).reset_index()


def _not_below(method: str, above: Sequence[str], higher: set[tuple[str, str]]) -> str:
    return ", ".join(one for one in above if (one, method) not in higher)

"""Contrasts between arms: other faces, or only more faces?

Three arms change one base: ``add`` (it grows by faces of another dataset), ``swap`` (as many of its own faces leave as
come) and ``same`` (it grows by as many faces of its own that were kept aside). A contrast is the difference of two of
them, or of one from the base alone, at one fraction, on the same test faces.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from analysis.experiments.runs_by_experiment import PERCENT
from analysis.experiments.seeds import ExperimentPredictions
from analysis.tables.columns import HIGH, LOW, companion
from analysis.tables.pairwise import Pair, pairwise_table, trained_alike
from fer.data.attributes import RACE, Attribute
from fer.fairness import holm
from fer.fairness.bootstrap import REPLICATES
from fer.fairness.clusters import sorted_names
from fer.sentinels import AUTO
from fer.tracking import names

BASE = "base"
ADD_SAME, SWAP_BASE, SAME_BASE = "add - same", "swap - base", "same - base"
# By name, the arm of either side.
CONTRASTS: Mapping[str, tuple[str, str]] = {
    ADD_SAME: ("add", "same"),
    SWAP_BASE: ("swap", BASE),
    SAME_BASE: ("same", BASE),
}
MEANING: Mapping[str, str] = {
    ADD_SAME: "other faces, at the same number of faces",
    SWAP_BASE: "other faces in place of as many of the base's own",
    SAME_BASE: "more faces of the base's own",
}
OVERALL, GROUPS = "overall", "groups"
# The primary family of Holm's correction: these metrics of every contrast.
_OVERALL_METRICS = ("accuracy", "accuracy_min", "accuracy_std")
_ARM, _BASE_NAME, _ADDITION, _BALANCE = (names.param(name) for name in ("arm", "base", "addition", "balance"))
_COLUMNS = {
    "first_percent": "after_percent",
    "second_percent": "before_percent",
    "difference_points": "difference_points",
    companion("difference_points", LOW): companion("difference_points", LOW),
    companion("difference_points", HIGH): companion("difference_points", HIGH),
    "p": "p",
}


class Contrast(NamedTuple):
    """Two experiments that differ in their arm.

    Attributes:
        name: one of :data:`CONTRASTS`.
        base: name of the dataset that both begin with.
        addition: name of the dataset whose faces are added, or whose numbers are matched.
        fraction: share of the addition, 0..1.
        first: the experiment named first, from which the other one is subtracted.
        second: the other experiment.

    """

    name: str
    base: str
    addition: str
    fraction: float
    first: ExperimentPredictions
    second: ExperimentPredictions


def arm_contrasts(runs: pd.DataFrame, experiments: Mapping[str, ExperimentPredictions]) -> list[Contrast]:
    """Return the contrasts between the arms of each base, addition and fraction, in the order of :data:`CONTRASTS`.

    Both sides have the same base without the same faces kept aside, are trained in the same way and tested on the same
    faces. A contrast of which one side was not run is left out; the list is empty where one arm alone was run.

    ``runs`` is what :func:`analysis.load_runs` returns, ``experiments`` :func:`analysis.predictions_by_experiment`.

    Example:
        >>> from analysis.experiments.examples import example_arms
        >>> from analysis.experiments.seeds import predictions_by_experiment
        >>> runs, predictions = example_arms()
        >>> found = arm_contrasts(runs, predictions_by_experiment(runs, predictions))
        >>> for one in found:
        ...     print(f"{one.name}: {one.first.experiment} - {one.second.experiment}")
        add - same: one + 50% two - one + own faces, as many as 50% two
        swap - base: one ~ 50% two - one only
        same - base: one + own faces, as many as 50% two - one only

    """
    balance = [_BALANCE] if _BALANCE in runs else []
    parts = [
        part
        for alike in trained_alike(runs, experiments)
        for _, part in (alike.groupby(balance, sort=False, dropna=False) if balance else [("", alike)])
    ]
    return [contrast for part in parts for contrast in _contrasts(part, experiments)]


def _contrasts(alike: pd.DataFrame, experiments: Mapping[str, ExperimentPredictions]) -> Iterator[Contrast]:
    alone = alike.loc[alike["share"] == 0, "experiment"]
    mixed = alike[alike["share"] > 0]
    if mixed[_ARM].nunique() < 2:
        return
    for (addition, fraction), rows in mixed.groupby([_ADDITION, "share"], sort=False):
        arms = dict(zip(rows[_ARM], rows["experiment"], strict=True))
        if len(alone):
            arms[BASE] = alone.iloc[0]
        for name, (first, second) in CONTRASTS.items():
            if first in arms and second in arms:
                sides = experiments[arms[first]], experiments[arms[second]]
                yield Contrast(name, str(rows[_BASE_NAME].iloc[0]), str(addition), float(fraction), *sides)


def contrast_table(
    contrasts: Sequence[Contrast], attribute: Attribute | str = RACE, cluster: str = AUTO, replicates: int = REPLICATES,
) -> pd.DataFrame:  # fmt: skip
    """Return what each contrast changes: one row per contrast and metric.

    Metrics: ``accuracy``, ``accuracy_min`` (of the worst group) and ``accuracy_std`` (over groups) are the family
    ``overall``, which is primary; ``accuracy/<group>`` are the family ``groups``. Those over groups are left out where
    there are fewer than two.

    Columns: ``contrast, base, addition``; ``added_percent``, the share of the addition; ``first`` and ``second``, the
    experiments; ``metric``, ``family``; ``first_percent`` and ``second_percent``, means over seeds;
    ``difference_points`` (first minus second) with ``_low`` and ``_high``; ``p``; ``p_holm``, corrected for all
    p-values of the row's family in this table; ``seeds``, of the side with fewer. Seeds are crossed with clusters, as
    in :func:`fer.fairness.paired_comparison`; with one seed a side a row compares two models. NaN where it cannot be
    estimated. Empty without a contrast. Raises InputError for an attribute that the predictions do not have.

    Example:
        >>> from analysis.experiments.examples import example_arms
        >>> from analysis.experiments.seeds import predictions_by_experiment
        >>> runs, predictions = example_arms()
        >>> found = arm_contrasts(runs, predictions_by_experiment(runs, predictions))
        >>> table = contrast_table(found, "race", replicates=200)
        >>> shown = table[table["metric"] == "accuracy"]
        >>> print(shown[["contrast", "first_percent", "second_percent"]].round(1).to_string(index=False))
           contrast  first_percent  second_percent
         add - same           80.0            68.8
        swap - base           70.8            64.6
        same - base           68.8            64.6

    """
    attribute = Attribute.parse(attribute)
    tables = []
    for one in contrasts:
        groups = sorted_names(one.first.group(attribute).dropna().unique())
        over = _OVERALL_METRICS if len(groups) > 1 else _OVERALL_METRICS[:1]
        metrics = [*over, *(f"accuracy/{group}" for group in groups)]
        found = pairwise_table([Pair(one.second, one.first)], attribute, cluster, replicates, metrics)
        table = pd.DataFrame({
            "contrast": one.name, "base": one.base, "addition": one.addition,
            "added_percent": one.fraction * PERCENT, "first": one.first.experiment, "second": one.second.experiment,
            "metric": found["metric"], "family": [OVERALL] * len(over) + [GROUPS] * len(groups),
        })  # fmt: skip
        values = {name: found[column] for name, column in _COLUMNS.items()}
        tables.append(table.assign(**values, seeds=min(len(one.first.tables), len(one.second.tables))))
    if not tables:
        return pd.DataFrame()
    whole = pd.concat(tables, ignore_index=True)
    whole.insert(list(whole).index("p") + 1, "p_holm", whole.groupby("family")["p"].transform(holm))
    return whole

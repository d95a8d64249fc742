"""What the primary comparisons of a report changed, with or without predictions to test it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.experiments.runs_by_experiment import KEYS, mixtures_of
from analysis.report.context import ReportContext
from analysis.report.primary import PRIMARY_METRICS, Primary
from analysis.tables.results import tested_on, trade_off_table
from fer.errors import InputError
from fer.sentinels import NONE
from fer.tracking import names

# Columns of the trade-off by metric.
COLUMNS = {"accuracy": "accuracy_percent", "accuracy_min": "worst_percent", "accuracy_std": "std_points"}


@dataclass(frozen=True)
class Change:
    """A figure before and after, in percent or points; ``p``: corrected, NaN if it cannot be tested, None untested."""

    before: float
    after: float
    p: float | None


@dataclass(frozen=True)
class Effect:
    """What one comparison changed.

    Attributes:
        experiment: the one compared.
        baseline: what it is compared with.
        base: name of the dataset that its training data begin with.
        addition: name of the dataset of which a share was added; "none" without one.
        fraction: that share, 0..1.
        arm: in which way it was added.
        test: name of the test set.
        changes: of ``accuracy`` and, with two groups or more, ``accuracy_min`` and ``accuracy_std``.

    """

    experiment: str
    baseline: str
    base: str
    addition: str
    fraction: float
    arm: str
    test: str
    changes: Mapping[str, Change]


def tested_effects(context: ReportContext, primary: Primary) -> list[Effect]:
    """Return the effects in a table of primary comparisons, in its order."""
    mixtures = _mixtures(context, names.MEASURED).reindex(list(context.experiments))
    found = []
    for (experiment, baseline), rows in primary.table.groupby(["experiment", "baseline"], sort=False):
        changes = {
            row["metric"]: Change(row["before_percent"], row["after_percent"], row["p_holm"])
            for row in rows.to_dict("records")
        }
        found.append(_effect(mixtures.loc[str(experiment)], str(experiment), str(baseline), changes))
    return found


def untested_effects(context: ReportContext) -> list[Effect]:
    """Return the effects of the largest share added to each base in the runs' own figures, without predictions.

    Those of published runs where none was measured. Empty without figures by the attribute.
    """
    for origin in (names.MEASURED, names.PUBLISHED):
        figures = _figures(context, origin)
        mixtures = _mixtures(context, origin)
        found = [
            _effect(mixtures.loc[after], after, before, _changes(figures.loc[before], figures.loc[after]))
            for after, before in _largest(mixtures)
            if {after, before} <= set(figures.index)
        ]
        if found:
            return [one for one in found if one.changes]
    return []


def labels_of(effects: Sequence[Effect]) -> list[str]:
    """Return what tells effects apart: the base or the test set if that does, else the experiment."""
    for label in ([one.base for one in effects], [one.test for one in effects]):
        if len(set(label)) == len(effects):
            return label
    return [one.experiment for one in effects]


def _figures(context: ReportContext, origin: str) -> pd.DataFrame:
    try:
        table = trade_off_table(context.runs_with_groups, context.attribute, context.split)
    except InputError:  # No run has groups of the attribute.
        return pd.DataFrame(columns=list(COLUMNS.values()))
    return table[table["origin"] == origin].set_index("experiment")


def _mixtures(context: ReportContext, origin: str) -> pd.DataFrame:
    table = mixtures_of(context.runs)
    table["test"] = list(tested_on(context.runs, table[KEYS], "test"))
    return table[table["origin"] == origin].drop_duplicates("experiment").set_index("experiment")


def _largest(mixtures: pd.DataFrame) -> list[tuple[str, str]]:
    """Return for each base, test and way of adding the first largest share, with the base alone."""
    pairs = []
    for _, rows in mixtures.groupby(["base", "test"], sort=False):
        alone = rows.index[rows["fraction"] == 0]
        added = rows[rows["fraction"] > 0]
        if len(alone) and len(added):
            first = added[added["arm"] == ("add" if (added["arm"] == "add").any() else added["arm"].iloc[0])]
            pairs.append((str(first["fraction"].idxmax()), str(alone[0])))
    return pairs


def _changes(before: pd.Series, after: pd.Series) -> dict[str, Change]:
    return {
        metric: Change(before[COLUMNS[metric]], after[COLUMNS[metric]], None)
        for metric in PRIMARY_METRICS
        if pd.notna(before[COLUMNS[metric]]) and pd.notna(after[COLUMNS[metric]])
    }


def _effect(mixture: pd.Series, experiment: str, baseline: str, changes: Mapping[str, Change]) -> Effect:
    if pd.isna(mixture["base"]):  # An evaluation that no study made begins with nothing that is known.
        mixture = pd.Series({"base": experiment, "addition": NONE, "arm": NONE, "test": "", "fraction": 0.0})
    fields = {name: str(mixture[name]) for name in ("base", "addition", "arm", "test")}
    return Effect(experiment, baseline, fraction=float(mixture["fraction"]), changes=changes, **fields)

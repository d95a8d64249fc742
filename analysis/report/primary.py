"""The primary comparisons: the one family of p-values on which a report's answer rests, chosen without the results.

1. With a named baseline: the largest share added to each base against it, or every experiment if nothing was added.
2. With the arms ``add`` and ``same``: ``add - same`` at the largest share at which a base has both.
3. Else the largest share added to each base against that base alone (the arm ``add`` where it was run).
4. Without any of these: whether groups differ, of each experiment.

Of 1 to 3 accuracy, accuracy of the worst group and its standard deviation over groups are tested, of 4 the standard
deviation; Holm's correction is over all of these p-values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from analysis.experiments.runs_by_experiment import mixtures_of
from analysis.report.context import ReportContext
from analysis.tables.arms import ADD_SAME, OVERALL
from analysis.tables.columns import HIGH, LOW, companion
from analysis.tables.pairwise import Pair, largest_additions, trained_alike
from fer.fairness import holm
from fer.tracking import names

PRIMARY_METRICS = ("accuracy", "accuracy_min", "accuracy_std")
DIFFERENCE = "difference_points"
_ARMS_IN_ORDER = ("add", "swap", "same")
_PAIRED = [
    "experiment", "baseline", "metric", "before_percent", "after_percent", DIFFERENCE, companion(DIFFERENCE, LOW),
    companion(DIFFERENCE, HIGH), "p", "p_holm",
]  # fmt: skip

# From the columns of the contrasts between arms.
_SIDES = {
    "first": "experiment", "second": "baseline", "second_percent": "before_percent", "first_percent": "after_percent",
}  # fmt: skip

Kind = Literal["baseline", "arms", "base", "groups"]
RULES: dict[Kind, str] = {
    "baseline": "the largest addition to each base, or every experiment, against the named baseline",
    "arms": "the arm add against the arm same, at the largest share that both have",
    "base": "the largest addition to each base, against that base alone",
    "groups": "whether the groups differ, for each experiment",
}


@dataclass(frozen=True)
class Primary:
    """The primary comparisons of a report.

    Attributes:
        kind: which of the rules of this module chose them.
        table: one row per comparison and metric, with ``experiment``, ``baseline``, ``metric``, ``before_percent``,
            ``after_percent``, ``difference_points`` with its interval, ``p`` and ``p_holm``; of the kind ``groups`` one
            row per experiment, with ``experiment``, ``accuracy_percent``, ``worst_percent``, ``std_points``,
            ``expected_under_no_difference``, ``p`` and ``p_holm``. NaN where it cannot be estimated.
        seeds: of the side with the fewest.
        most_seeds: of the side with the most.

    """

    kind: Kind
    table: pd.DataFrame
    seeds: int
    most_seeds: int

    @property
    def rule(self) -> str:
        """How the comparisons were chosen, in words."""
        return RULES[self.kind]


def primary_of(context: ReportContext) -> Primary | None:
    """Return the primary comparisons of a report; None without predictions, and where groups cannot be compared."""
    if not context.experiments:
        return None
    if context.baseline is None and (context.arm_contrasts and (found := _of_arms(context)) is not None):
        return found
    pairs = primary_pairs(context)
    if not pairs:
        return _of_groups(context)
    kind: Kind = "base" if context.baseline is None else "baseline"
    chosen = pd.concat([_rows_of(context, pair) for pair in pairs], ignore_index=True)
    return _primary(context, kind, _corrected(chosen))


def primary_pairs(context: ReportContext) -> list[Pair]:
    """Return the pairs of the rules 1 and 3, in the study's order."""
    mixtures = mixtures_of(context.runs)
    mixtures = mixtures[mixtures["origin"] == names.MEASURED].drop_duplicates("experiment").set_index("experiment")
    mixtures = mixtures.reindex(list(context.experiments))  # An evaluation that no study made has none.
    added = [pair for pair in context.pairs if mixtures.loc[pair.after.experiment, "fraction"] > 0]
    if context.baseline is not None and not added:
        return context.pairs
    arms = mixtures["arm"]
    by_base: dict[tuple[str, str], list[Pair]] = {}
    for pair in added:
        by_base.setdefault((pair.before.experiment, mixtures.loc[pair.after.experiment, "base"]), []).append(pair)
    return [
        largest
        for pairs in by_base.values()
        for largest in largest_additions(context.runs, _in_first_arm(pairs, arms), most=1)
    ]


def _in_first_arm(pairs: Sequence[Pair], arms: pd.Series) -> list[Pair]:
    """Return the pairs of the first of the arms that any of them has."""
    ordered = {arm: [pair for pair in pairs if arms[pair.after.experiment] == arm] for arm in _ARMS_IN_ORDER}
    return next((found for found in ordered.values() if found), list(pairs))


def _of_arms(context: ReportContext) -> Primary | None:
    table = context.contrasts
    table = table[(table["contrast"] == ADD_SAME) & (table["family"] == OVERALL)]
    if table.empty:
        return None
    training = {
        name: number
        for number, alike in enumerate(trained_alike(context.runs, context.experiments))
        for name in alike["experiment"]
    }
    largest = table.groupby([table["first"].map(training), "addition"])["added_percent"].transform("max")
    table = table[table["added_percent"] == largest].rename(columns=_SIDES)
    return _primary(context, "arms", _corrected(table))


def _primary(context: ReportContext, kind: Kind, table: pd.DataFrame) -> Primary:
    compared = {name for side in ("experiment", "baseline") if side in table for name in table[side]}
    seeds = [len(context.experiments[name].runs) for name in compared]
    return Primary(kind, table, min(seeds), max(seeds))


def _rows_of(context: ReportContext, pair: Pair) -> pd.DataFrame:
    """Return the rows of a pair in the table of paired comparisons; those over groups only where there are two."""
    table = context.compared
    here = (table["experiment"] == pair.after.experiment) & (table["baseline"] == pair.before.experiment)
    several = pair.before.group(context.attribute).nunique() > 1
    return table[here & table["metric"].isin(PRIMARY_METRICS if several else PRIMARY_METRICS[:1])]


def _of_groups(context: ReportContext) -> Primary | None:
    disparities = context.disparities
    std = disparities[disparities["summary"] == "accuracy_std"].dropna(subset="estimate").set_index("experiment")
    if std.empty:
        return None
    front = context.front[context.front["origin"] == names.MEASURED].set_index("experiment")
    table = front[["accuracy_percent", "worst_percent", "std_points"]].join(
        std[["expected_under_no_difference", "p"]], how="inner"
    )
    table["p_holm"] = holm(table["p"])
    return _primary(context, "groups", table.reset_index())


def _corrected(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows, ordered by metric within a comparison, corrected as a family of their own."""
    ranks = table["metric"].map(PRIMARY_METRICS.index)
    sides = (table["experiment"] + "\n" + table["baseline"]).astype("category")
    sides = sides.cat.set_categories(list(dict.fromkeys(sides)))
    table = table.assign(_side=sides.cat.codes, _rank=ranks).sort_values(["_side", "_rank"], ignore_index=True)
    return table.assign(p_holm=holm(table["p"]))[_PAIRED]

"""What may and what may not be concluded, in sentences made from the numbers alone."""

import pandas as pd

from analysis.report.context import Findings
from analysis.report.document_model import Conclusions
from analysis.report.test_set import many, scope, weak_groups
from fer.data.attributes import EMOTION
from fer.data.samples import PERSON
from fer.fairness import NO_ESTIMATE, ONE_SEED
from fer.tracking import names

LEVEL = 0.05
# More pairs of groups than this are told by the least and the greatest.
_MOST_PAIRS = 6
# Of a share in percent: an interval as wide as this leaves next to everything open.
_OPEN = 90.0


def conclusions(findings: Findings) -> Conclusions:
    """Return the report's first section: a verdict, then what may and what may not be concluded."""
    if not findings.trials:
        return Conclusions(
            "No run here has predictions by this attribute. The figures stand without intervals, and nothing can be "
            "said about whether a difference is more than chance."
        )
    told = Conclusions("")
    for test, trials in findings.tests.items():
        counts = findings.counts[test]
        told.may.append(scope(trials[0], counts, findings.clusters[test]))
        which = f"{test}: " if len(findings.tests) > 1 else ""
        told.may_not += [which + sentence for sentence in weak_groups(trials[0], counts, findings.attribute)]
    told.may_not += _known_from_training(findings)
    held = [_between_groups(findings, told), _against_baseline(findings, told)]
    _front(findings, told)
    told.verdict = " ".join(held)
    return told


def _known_from_training(findings: Findings) -> list[str]:
    """Say which experiments were tested on persons that they were trained on."""
    table = findings.overlap
    persons = table[(table["id"] == PERSON) & (table["also_in_training"] > 0)] if len(table) else table
    if persons.empty:
        return []
    worst = persons.sort_values("also_in_training", kind="stable").iloc[-1]
    return [
        f"{len(persons)} of {table['experiment'].nunique()} experiments were trained on persons of the test: up to "
        f"{worst['also_in_training']} of the {many(worst['in_test'], 'person')} ({worst['faces']:,} faces; "
        f"{worst['experiment']}). On these faces they do not show how they do on new persons: see the audits, where "
        "the two stand apart."
    ]


def _between_groups(findings: Findings, told: Conclusions) -> str:
    """Return whether any difference between groups is more than chance."""
    table, attribute = findings.differences, findings.attribute
    groups = "emotions" if attribute == EMOTION else f"groups of {attribute}"
    if table.empty:
        return f"Only one of the {groups} was tested: nothing can be said about differences."
    known = table[table["method"] != NO_ESTIMATE]
    if len(known) < len(table):
        told.may_not.append(
            f"{len(table) - len(known)} of {len(table)} differences in accuracy between two {groups} cannot be "
            "estimated."
        )
    if len(known):
        visible = known.groupby(["group", "other"])["minimum_detectable_difference_points"].median()
        crowded = len(visible) > _MOST_PAIRS
        told_of = visible.sort_values().iloc[[0, -1]] if crowded else visible
        shown = (" to " if crowded else "; ").join(
            f"{_points(value)} ({group} and {other})" for (group, other), value in told_of.items()
        )
        told.may_not.append(
            "That a gap was not found is no sign that there is none: the smallest true gap that 80 % of such studies "
            f"would find is (median over experiments) {shown}."
        )
        wide = (known["difference_points_high"] - known["difference_points_low"] >= 2 * _OPEN).sum()
        if wide:
            told.may_not.append(
                f"Of the {len(known)} differences that can be estimated, {wide} have an interval that leaves next to "
                "everything open."
            )
    spreads = findings.spreads[findings.spreads["summary"] == "accuracy_std"]
    spreads = spreads[spreads["p_holm"].notna()]
    if len(spreads):
        expected = spreads["expected_under_no_difference"]
        told.may.append(
            f"A standard deviation over {attribute} of {expected.min():.0f} to {expected.max():.0f} points is what "
            f"these faces show without any difference between groups; {_found(spreads['p_holm'])} of {len(spreads)} "
            f"experiments {_verb(spreads['p_holm'], 'has', 'have')} more than that (Holm, 5 %)."
        )
    held = known[known["p_holm"] < LEVEL]
    if held.empty:
        alone = f"No difference in accuracy between two {groups} can be told from chance on these faces"
        spread = int((spreads["p_holm"] < LEVEL).sum())
        if spread:
            return (
                f"{alone}, taken by itself; the spread over all of them can in {spread} of {len(spreads)} experiments."
            )
        return f"{alone}."
    told.may += [
        f"{row['experiment']}: accuracy on {row['group']} less that on {row['other']} is "
        f"{row['difference_points']:+.1f} points "
        f"[{row['difference_points_low']:.1f}, {row['difference_points_high']:.1f}]."
        for _, row in held.iterrows()
    ]
    return f"{len(held)} of {len(known)} differences in accuracy between two {groups} are more than chance."


def _against_baseline(findings: Findings, told: Conclusions) -> str:
    """Return whether any change against the baseline holds."""
    if not findings.pairs:
        return "Nothing is compared with a baseline: no mixture stands beside its base alone, and none was named."
    table = findings.compared
    against = "its own base alone" if findings.baseline is None else findings.baseline
    held = table[table["p_holm"] < LEVEL]
    told.may += [
        f"{row['experiment']} against {row['baseline']}: {row['metric']} {row['difference_points']:+.1f} points "
        f"[{row['difference_points_low']:.1f}, {row['difference_points_high']:.1f}]."
        for _, row in held.iterrows()
    ]
    units = min(int(findings.counts[pair.before.test].loc["all", "clusters"]) for pair in findings.pairs)
    smallest = 2.0 ** (1 - units)
    if smallest * len(table) > LEVEL:
        told.may_not.append(
            f"With {many(units, 'independent unit')} the smallest p-value that a sign-flip test can give is "
            f"{smallest:.2g}: in a family of {len(table)} comparisons none could have passed, whatever its size."
        )
    told.may_not.append(_seeds(findings))
    if held.empty:
        return (
            f"No change against {against} holds: none of {len(table)} (accuracy, weighted F1, standard deviation and "
            f"worst group of {len(findings.pairs)} experiments) passes at 5 % after Holm's correction."
        )
    return f"Against {against} {len(held)} of {len(table)} changes hold at 5 % after Holm's correction."


def _seeds(findings: Findings) -> str:
    seeds = min(len(side.runs) for pair in findings.pairs for side in pair)
    if seeds == 1:
        return ONE_SEED
    return (
        f"Each side has {seeds} seeds, crossed with the units: comparisons are of recipes as far as {seeds} seeds can "
        "stand for one."
    )


def _front(findings: Findings, told: Conclusions) -> None:
    """Say who is on the front, and that this was looked up on the test faces."""
    table = findings.front[findings.front["origin"] == names.MEASURED]
    front = table[table["pareto"]]
    if front.empty:
        told.may_not.append("No experiment has a standard deviation over groups: there is no trade-off to show.")
        return
    told.may.append(
        "On these faces no other experiment has both a higher accuracy and a lower standard deviation than "
        f"{', '.join(_with_probability(row) for _, row in front.iterrows())} (the Pareto front)."
    )
    told.may_not.append(
        "The front was looked up on the test faces. To choose a model by it, other faces would be needed."
    )


def _with_probability(row: pd.Series) -> str:
    known = row.get("on_front_percent", float("nan"))
    return str(row["experiment"]) + (f" (on it in {known:.0f} % of redrawn test sets)" if known == known else "")


def _found(p_values: pd.Series) -> str:
    count = int((p_values < LEVEL).sum())
    return str(count) if count else "none"


def _verb(p_values: pd.Series, one: str, many: str) -> str:
    return one if (p_values < LEVEL).sum() <= 1 else many


def _points(value: float) -> str:
    return f"{value:.0f} points" if value <= 100 else "more than 100 points"

"""What may and what may not be concluded, in sentences derived from the results."""

import pandas as pd

from analysis.report.arms import arm_conclusions
from analysis.report.context import ReportContext
from analysis.report.document_model import Conclusions
from analysis.report.test_set import scope
from analysis.tables.columns import HIGH, LOW, companion
from fer.data.attributes import EMOTION
from fer.data.samples import PERSON
from fer.evaluation.sentences import counted, difference, group_warnings, listed, one_answer
from fer.fairness import NO_ESTIMATE, ONE_SEED
from fer.tracking import names

LEVEL = 0.05
_TEST = "Holm's correction, 5 % level"
_P, _DIFFERENCE = "p_holm", "difference_points"
_DETECTABLE, _EXPECTED = "minimum_detectable_difference_points", "expected_under_no_difference"
# With more pairs of groups than this, only the smallest and the largest are named.
_MOST_PAIRS = 6
# Points on each side: an interval as wide excludes almost nothing.
_OPEN = 90.0


def conclusions(context: ReportContext) -> Conclusions:
    """Return the report's first section: a verdict, then what may and what may not be concluded."""
    if not context.experiments:
        return Conclusions(
            f"No run has predictions by {context.attribute}: the figures have no intervals, and no difference can be "
            "tested."
        )
    parts = [_test_sets(context), _known_from_training(context), _between_groups(context), _against_baseline(context)]
    return sum([*parts, arm_conclusions(context), _front(context)], Conclusions())


def _test_sets(context: ReportContext) -> Conclusions:
    """The tested faces, and groups with too few of them."""
    may, may_not = [], []
    for test, tested in context.by_test.items():
        counts, clusters = context.counts[test], context.clusters[test]
        may.append(scope(test, counts, clusters))
        which = f"{test}: " if len(context.by_test) > 1 else ""
        warnings = group_warnings(context.attribute, counts, clusters, tested[0].samples)
        same = [sentence for one in tested for sentence in one_answer(*one.tables, model=f"{one.experiment}:")]
        may_not += [which + sentence for sentence in (*same, *warnings)]
    return Conclusions(may=may, may_not=may_not)


def _known_from_training(context: ReportContext) -> Conclusions:
    """Experiments that were tested on persons in their training data."""
    table = context.overlap.table
    persons = table[(table["id"] == PERSON) & (table["also_in_training"] > 0)] if len(table) else table
    if persons.empty:
        return Conclusions()
    worst = persons.sort_values("also_in_training", kind="stable").iloc[-1]
    return Conclusions(
        may_not=[
            f"{len(persons)} of {counted(table['experiment'].nunique(), 'experiment')} had persons of the test in "
            f"training: up to {worst['also_in_training']} of {counted(worst['in_test'], 'person')} "
            f"({counted(worst['faces'], 'face')}; {worst['experiment']}). On these faces accuracy does not show what "
            "it is on new persons: the audits report the two separately."
        ]
    )


def _between_groups(context: ReportContext) -> Conclusions:
    """The significance of differences between groups, and the minimum detectable difference."""
    table, attribute = context.differences, context.attribute
    groups = "emotions" if attribute == EMOTION else f"groups of {attribute}"
    if table.empty:
        return Conclusions(f"Only one of the {groups} was tested: nothing can be said about differences.")
    known = table[table["method"] != NO_ESTIMATE]
    held = known[known[_P] < LEVEL]
    higher = [
        f"{row['experiment']}: "
        + difference("accuracy", row[_DIFFERENCE], _ends(row), row[_P], f"on {row['group']}", f"on {row['other']}")
        + "."
        for _, row in held.iterrows()
    ]
    std = context.disparities[context.disparities["summary"] == "accuracy_std"].dropna(subset=_P)
    larger = int((std[_P] < LEVEL).sum())
    if len(held):
        verdict = f"{len(held)} of {len(known)} differences in accuracy between {groups} are significant ({_TEST})."
    else:
        also = f", but the disparity over all of them is in {larger} of {len(std)} experiments" if larger else ""
        verdict = f"No difference in accuracy between two {groups} is statistically significant ({_TEST}){also}."
    disparity = [
        f"On these faces a standard deviation of accuracy over {attribute} of {_range(std[_EXPECTED])} is expected "
        f"under no difference; it is significantly larger in {larger or 'none'} of "
        f"{counted(len(std), 'experiment')} ({_TEST})."
    ]
    return Conclusions(verdict, [*(disparity if len(std) else []), *higher], _undetected(table, known, groups))


def _undetected(table: pd.DataFrame, known: pd.DataFrame, groups: str) -> list[str]:
    """Differences that the tested faces cannot exclude."""
    sentences = []
    if len(known) < len(table):
        missing = len(table) - len(known)
        sentences.append(f"{missing} of {len(table)} differences in accuracy between {groups} cannot be estimated.")
    if known.empty:
        return sentences
    detectable = known.groupby(["group", "other"])[_DETECTABLE].median()
    crowded = len(detectable) > _MOST_PAIRS
    shown = detectable.sort_values().iloc[[0, -1]] if crowded else detectable
    sizes = [f"{_points(value)} ({group} and {other})" for (group, other), value in shown.items()]
    sentences.append(
        "That no difference was found does not show that there is none: the minimum detectable difference (80 % power, "
        f"{_TEST}; median over experiments) is {' to '.join(sizes) if crowded else '; '.join(sizes)}."
    )
    wide = int((known[companion(_DIFFERENCE, HIGH)] - known[companion(_DIFFERENCE, LOW)] >= 2 * _OPEN).sum())
    if wide:
        sentences.append(
            f"{wide} of the {len(known)} differences that can be estimated have an interval that leaves next to "
            "everything open."
        )
    return sentences


def _against_baseline(context: ReportContext) -> Conclusions:
    """Whether any change against the baseline is significant."""
    if not context.pairs:
        return Conclusions(
            "Nothing is compared with a baseline: no mixture was run with its base alone, and no baseline was named."
        )
    table = context.compared
    against = "its own base alone" if context.baseline is None else context.baseline
    held = table[table[_P] < LEVEL]
    changes = [_change(row, context) for _, row in held.iterrows()]
    verdict = (
        f"{len(held) or 'None'} of {len(table)} changes against {against} {'is' if len(held) < 2 else 'are'} "
        f"significant ({_TEST}; accuracy, weighted F1, standard deviation and worst group of "
        f"{counted(len(context.pairs), 'experiment')})."
    )
    unknown = int(table[_P].isna().sum())
    missing = [f"{unknown} of {len(table)} changes against {against} cannot be estimated."] if unknown else []
    return Conclusions(verdict, changes, [*missing, _seeds(context)])


def _change(row: pd.Series, context: ReportContext) -> str:
    metric = {
        "f1_weighted": "weighted F1 (x 100)",
        "accuracy_std": f"standard deviation of accuracy over {context.attribute}",
        "accuracy_min": "accuracy of the worst group",
    }.get(row["metric"], row["metric"])
    sides = f"with {row['experiment']}", f"with {row['baseline']}"
    sentence = difference(metric, row[_DIFFERENCE], _ends(row), row[_P], *sides)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _seeds(context: ReportContext) -> str:
    seeds = min(len(side.runs) for pair in context.pairs for side in pair)
    if seeds == 1:
        return ONE_SEED
    return (
        f"Each side has {seeds} seeds, crossed with the clusters: training procedures are compared as far as they can "
        "be represented by these."
    )


def _front(context: ReportContext) -> Conclusions:
    """The members of the Pareto front, which was determined on the test faces."""
    table = context.front[context.front["origin"] == names.MEASURED]
    front = table[table["pareto"]]
    if front.empty:
        return Conclusions(
            may_not=["No experiment has a standard deviation over groups: there is no trade-off to show."]
        )
    members = listed([_with_probability(row) for _, row in front.iterrows()])
    return Conclusions(
        may=[
            f"The Pareto front on these faces is {members}: no other experiment has both a higher accuracy and a lower "
            "standard deviation."
        ],
        may_not=["The front was determined on the test faces. To select a model by it, other faces would be needed."],
    )


def _with_probability(row: pd.Series) -> str:
    known = row.get("on_front_percent", float("nan"))
    return str(row["experiment"]) + (f" (in {known:.0f} % of resampled test sets)" if known == known else "")


def _ends(row: pd.Series) -> tuple[float, float]:
    return row[companion(_DIFFERENCE, LOW)], row[companion(_DIFFERENCE, HIGH)]


def _range(values: pd.Series) -> str:
    least, most = f"{values.min():.0f}", f"{values.max():.0f}"
    return f"{least} points" if least == most else f"{least} to {most} points"


def _points(value: float) -> str:
    return f"{value:.0f} points" if value <= 100 else "more than 100 points"

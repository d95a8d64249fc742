"""What the families of comparisons behind the sections show: a verdict each, then every significant difference."""

from typing import NamedTuple

import pandas as pd

from analysis.report.context import ReportContext
from analysis.tables.columns import HIGH, LOW, companion
from fer.data.attributes import EMOTION
from fer.evaluation.sentences import counted, difference, listed
from fer.fairness import NO_ESTIMATE, ONE_SEED
from fer.tracking import names

LEVEL = 0.05
_TEST = "Holm's correction, 5 % level"
_P, _DIFFERENCE = "p_holm", "difference_points"
# Of signed differences: it knows how they are correlated, so that fewer are missed than by Holm's correction.
_MAX_T, _MAX_T_TEST = "p_max_t", "max-t correction, 5 % level"
_DETECTABLE, _EXPECTED = "minimum_detectable_difference_points", "expected_under_no_difference"
# With more pairs of groups than this, only the smallest and the largest are named.
_MOST_PAIRS = 6
# Points on each side: an interval as wide excludes almost nothing.
_OPEN = 90.0


class Verdict(NamedTuple):
    """What a family shows: ``text``, sentences in order, and ``points``, one per significant difference."""

    text: list[str]
    points: list[str]


def between_groups(context: ReportContext) -> Verdict:
    """The significance of differences between groups, and the minimum detectable difference."""
    table, attribute = context.differences, context.attribute
    groups = "emotions" if attribute == EMOTION else f"groups of {attribute}"
    if table.empty:
        return Verdict([f"Only one of the {groups} was tested: nothing can be said about differences."], [])
    known = table[table["method"] != NO_ESTIMATE]
    held = known[known[_MAX_T] < LEVEL]
    higher = [
        f"{row['experiment']}: "
        + difference(
            "accuracy", row[_DIFFERENCE], _ends(row), row[_MAX_T], f"on {row['group']}", f"on {row['other']}", "max-t"
        )
        + "."
        for _, row in held.iterrows()
    ]
    std = context.disparities[context.disparities["summary"] == "accuracy_std"].dropna(subset=_P)
    larger = int((std[_P] < LEVEL).sum())
    if len(held):
        verdict = (
            f"{len(held)} of {len(known)} differences in accuracy between {groups} are significant ({_MAX_T_TEST})."
        )
    else:
        also = f", but the disparity over all of them is in {larger} of {len(std)} experiments" if larger else ""
        verdict = f"No difference in accuracy between two {groups} is statistically significant ({_MAX_T_TEST}){also}."
    text = [verdict]
    if std[_EXPECTED].notna().any():
        text.append(
            f"On these faces a standard deviation of accuracy over {attribute} of {_range(std[_EXPECTED])} is expected "
            f"under no difference; it is significantly larger in {larger or 'none'} of "
            f"{counted(len(std), 'experiment')} ({_TEST})."
        )
    return Verdict([*text, *_undetected(table, known, groups)], higher)


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


def against_baseline(context: ReportContext) -> Verdict:
    """Whether any change against the baseline is significant."""
    if not context.pairs:
        return Verdict(
            ["Nothing is compared with a baseline: no mixture was run with its base alone, and no baseline was named."],
            [],
        )
    table = context.compared
    against = "its own base alone" if context.baseline is None else context.baseline
    held = table[table[_P] < LEVEL]
    verdict = (
        f"{len(held) or 'None'} of {len(table)} changes against {against} {'is' if len(held) < 2 else 'are'} "
        f"significant ({_TEST}; accuracy, weighted F1, standard deviation and worst group of "
        f"{counted(len(context.pairs), 'experiment')})."
    )
    unknown = int(table[_P].isna().sum())
    missing = [f"{unknown} of {len(table)} changes against {against} cannot be estimated."] if unknown else []
    return Verdict([verdict, *missing, _seeds(context)], [_change(row, context) for _, row in held.iterrows()])


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
    seeds = [len(side.runs) for pair in context.pairs for side in pair]
    if min(seeds) == 1:
        return ONE_SEED
    number = str(min(seeds)) if min(seeds) == max(seeds) else f"{min(seeds)} to {max(seeds)}"
    return (
        f"Each side has {number} seeds, crossed with the clusters: training procedures are compared as far as they can "
        "be represented by these."
    )


def front(context: ReportContext) -> list[str]:
    """The members of the Pareto front, which was determined on the test faces."""
    table = context.front[context.front["origin"] == names.MEASURED]
    members = table[table["pareto"]]
    if members.empty:
        return ["No experiment has a standard deviation over groups: there is no trade-off to show."]
    named = listed([_with_probability(row) for _, row in members.iterrows()])
    return [
        f"The Pareto front on these faces is {named}: no other experiment is as good in both accuracy and its standard "
        "deviation over groups, and better in one of them.",
        "The front was determined on the test faces. To select a model by it, other faces would be needed.",
    ]


def _with_probability(row: pd.Series) -> str:
    known = row.get("on_front_percent", float("nan"))
    return str(row["experiment"]) + (f" ({known:.0f} % probable in another such test set)" if known == known else "")


def _ends(row: pd.Series) -> tuple[float, float]:
    return row[companion(_DIFFERENCE, LOW)], row[companion(_DIFFERENCE, HIGH)]


def _range(values: pd.Series) -> str:
    least, most = f"{values.min():.0f}", f"{values.max():.0f}"
    return f"{least} points" if least == most else f"{least} to {most} points"


def _points(value: float) -> str:
    return f"{value:.0f} points" if value <= 100 else "more than 100 points"

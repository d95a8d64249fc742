"""No worse than, and equal within, a margin: sentences that never take "not significant" for "equal"."""

import pandas as pd

from analysis.report.context import ReportContext
from analysis.report.document_model import Table
from analysis.tables.columns import HIGH, LOW, companion
from fer.evaluation.sentences import counted, listed, p_value

LEVEL = 0.05
_METRICS = {"accuracy": "accuracy", "accuracy_min": "accuracy of the worst group"}
# More are counted instead of named.
_MOST = 4
_UNDECIDED = "What is not shown may still be so: these faces do not decide it."
_NOTE = (
    "Margin: {margin}, an option; it is to be chosen without the results. Difference in points, in brackets its 90 % "
    "interval: a loss of the margin is excluded at the 5 % level where the interval does not reach it. p (no worse): "
    "of a loss of the margin or more; p (equal): of a difference of as much in either direction. Each is corrected by "
    "Holm for its column."
)
_EQUAL = (
    "First group minus second, with the 90 % interval: equality within the margin is shown at the 5 % level where the "
    "interval is within it. Margin: {}, an option; it is to be chosen without the results. p (equal): of a difference "
    "of the margin or more, corrected by Holm."
)
_WORST = (
    " accuracy_min: the worst group, whichever it is in each model; its interval and p-values are conservative. "
    "Intervals are slightly wider than those of the paired differences at the same level: that two models agree on few "
    "clusters does not show that they always do."
)


def no_worse_block(table: pd.DataFrame, margin: float) -> Table:
    """Return the table of :func:`analysis.tables.margins.no_worse_table` for a report."""
    shown = table.drop(columns=["p_no_worse", "p_equal"])
    return Table("no_worse", f"No worse by {points(margin)}?", shown, _NOTE.format(margin=points(margin)) + _WORST)


def equality_block(context: ReportContext) -> Table:
    """Return the table of :func:`analysis.tables.margins.equivalence_table` for a report."""
    title = f"Equal accuracy within {points(context.margin)} between groups of {context.attribute}?"
    return Table("equality", title, context.equality.drop(columns="p_equal"), _EQUAL.format(points(context.margin)))


def no_worse_sentences(table: pd.DataFrame, margin: float, against: str) -> list[str]:
    """Return what is shown, and what not, of accuracy and the worst group.

    ``against``: the baseline in words, such as "its own base alone".
    """
    sentences = []
    for metric, words in _METRICS.items():
        rows = table[table["metric"] == metric]
        known = rows[rows["p_no_worse_holm"].notna()]
        claim = f"No worse than {against} by more than {points(margin)} in {words}"
        if len(known):
            sentences.append(_shown(claim, known, "p_no_worse_holm"))
        elif len(rows):
            sentences.append(f"{claim} cannot be tested: of a group of these faces nothing can be estimated.")
    if (table["p_no_worse_holm"] >= LEVEL).any():
        sentences.append(_UNDECIDED)
    return sentences


def equality_sentences(table: pd.DataFrame, margin: float, groups: str) -> list[str]:
    """Return of how many pairs of groups equality is shown; ``groups`` in words, such as "groups of race"."""
    known = table["p_equal_holm"].dropna()
    if known.empty:
        return []
    held = int((known < LEVEL).sum())
    sentence = (
        f"Equal accuracy within {points(margin)} is shown for {held or 'none'} of {counted(len(known), 'difference')} "
        f"between {groups} (two one-sided tests, Holm's correction, 5 % level)."
    )
    return [f"{sentence} {_UNDECIDED}" if held < len(known) else sentence]


def _shown(claim: str, rows: pd.DataFrame, p: str) -> str:
    held, open_ = rows[rows[p] < LEVEL], rows[rows[p] >= LEVEL]
    if len(rows) == 1:
        row = rows.iloc[0]
        return f"{claim} is {'' if len(held) else 'not '}shown ({_certainty(row, p)})."
    if len(rows) > _MOST:
        return f"{claim} is shown for {len(held) or 'none'} of {len(rows)} experiments (Holm's correction, 5 % level)."
    parts = []
    if len(held):
        parts.append(f"is shown for {_named(held, p)}")
    if len(open_):
        parts.append(f"is not shown for {_named(open_, p)}")
    return f"{claim} {'; it '.join(parts)}."


def _named(rows: pd.DataFrame, p: str) -> str:
    return listed([f"{row['experiment']} ({_certainty(row, p)})" for _, row in rows.iterrows()])


def _certainty(row: pd.Series, p: str) -> str:
    low, high = (row[companion("difference_points", end)] for end in (LOW, HIGH))
    return f"change {row['difference_points']:+.1f}, 90 % CI {low:.1f} to {high:.1f}, Holm-corrected {p_value(row[p])}"


def points(margin: float) -> str:
    """Return "2 points", "1 point", "2.5 points"."""
    return f"{margin:g} point{'' if margin == 1 else 's'}"

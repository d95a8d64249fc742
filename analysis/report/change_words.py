"""Changes in words: "raised accuracy from 55 to 86 %", "after correction this fall is not shown"."""

from collections.abc import Sequence

import pandas as pd

from analysis.report.effects import Change
from fer.evaluation.sentences import listed, p_value

LEVEL = 0.05
# With more comparisons than this, ranges are shown and not each one's figures.
MOST_NAMED = 4


def moved(what: str, change: Change) -> str:
    """Return "raised accuracy from 55 to 86 %", or that it was left where it was.

    Example:
        >>> moved("accuracy", Change(55.2, 86.0, 0.001)), moved("accuracy", Change(55.2, 55.4, 0.6))
        ('raised accuracy from 55 to 86 %', 'left accuracy at 55 %')

    """
    verb = verb_of(change)
    if verb == "left":
        return f"left {what} at {change.after:.0f} %"
    return f"{verb} {what} {span(change)} %"


def span(change: Change) -> str:
    """Return "from 55 to 86", with a digit more where whole numbers would be equal."""
    digits = int(f"{change.before:.0f}" == f"{change.after:.0f}")
    return f"from {change.before:.{digits}f} to {change.after:.{digits}f}"


def verb_of(change: Change) -> str:
    """Return "raised" or "lowered"; "left" for equal whole numbers, of a significant change for equal tenths."""
    digits = 1 if holds(change) else 0
    if f"{change.before:.{digits}f}" == f"{change.after:.{digits}f}":
        return "left"
    return "raised" if change.after > change.before else "lowered"


def certainty(changes: Sequence[Change], noun: str = "change") -> str:
    """Return the ending of a clause on one change or two: whether they are significant after correction."""
    known = [change.p for change in changes if change.p is not None]
    if len(known) < len(changes):
        return ""
    if all(map(pd.isna, known)):
        return " (this cannot be tested)" if len(known) == 1 else " (neither can be tested)"
    shown, held = [p_in_words(change) for change in changes], [holds(change) for change in changes]
    if len(known) == 1:
        if held[0]:
            return f"; after correction this {noun} is significant ({shown[0]})"
        return f"; after correction this {noun} is not shown ({shown[0]})"
    if not any(map(pd.isna, known)) and held[0] == held[1]:
        return f" ({'both' if held[0] else 'neither'} significant after correction: {shown[0]} and {shown[1]})"
    parts = []
    for which, change, words, here in zip(("former", "latter"), changes, shown, held, strict=True):
        significant = "" if pd.isna(change.p) else f"{'' if here else 'not '}significant after correction, "
        parts.append(f"the {which} {significant}{words}")
    return f" ({'; '.join(parts)})"


def significant_in(known: Sequence[tuple[str, Change]]) -> str:
    """Return in which of several comparisons a change is significant."""
    if any(change.p is None for _, change in known):
        return ""
    held = [label for label, change in known if holds(change)]
    unknown = sum(pd.isna(change.p) for _, change in known)
    if unknown == len(known):
        return " (these cannot be tested)"
    untested = f" ({unknown} cannot be tested)" if unknown else ""
    if len(known) > MOST_NAMED:
        return f"; significant after correction in {len(held)}{untested}"
    which = "for none" if not held else "for all" if len(held) == len(known) else f"for {listed(held)} alone"
    return f"; significant after correction {which}{untested}"


def points_that_add_up(*values: float) -> list[str]:
    """Return whole points of the parts of a sum, with a digit more where the whole ones do not add up."""
    digits = int(round(sum(values)) != sum(map(round, values)))
    return [f"{round(value, digits) + 0.0:+.{digits}f}" for value in values]


def p_in_words(change: Change) -> str:
    """Return "p = 0.012", or that the change cannot be tested."""
    return "cannot be tested" if change.p is None or pd.isna(change.p) else p_value(change.p)


def holds(change: Change) -> bool:
    """Return whether a change is significant after correction."""
    return change.p is not None and change.p < LEVEL


def range_of(values: pd.Series) -> str:
    """Return "41 to 63", or "41" where all are equal to whole numbers."""
    least, most = f"{values.min():.0f}", f"{values.max():.0f}"
    return least if least == most else f"{least} to {most}"


def capitalised(sentence: str) -> str:
    """Return a sentence with its first letter in upper case."""
    return sentence[:1].upper() + sentence[1:]

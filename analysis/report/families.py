"""The families of p-values of a report: each is corrected on its own, and the answer rests on one of them."""

import pandas as pd

from analysis.report.context import ReportContext
from analysis.report.primary import Primary, primary_of
from analysis.tables.arms import GROUPS, OVERALL
from analysis.tables.dose import dose_table

_HOLM = "Holm"
_DIFFERENCES, _FLAGS = "signed differences between two groups", "each group against all others"
_CORRECTIONS = {_DIFFERENCES: "max-t", _FLAGS: "false discovery rate"}
_DISPARITIES = {
    "accuracy_std": "standard deviation of accuracy over groups",
    "accuracy_gap": "gap in accuracy between groups",
    "accuracy_ratio": "ratio of accuracies of groups",
    "demographic_parity_difference": "demographic parity",
    "equalized_odds_difference": "equalized odds",
    "recall_difference": "recall by group",
}


def family_table(context: ReportContext) -> pd.DataFrame:
    """Return the families of p-values, the primary one first: one row per family.

    Columns: ``family``, what is compared; ``section`` of the report; ``p_values``, their number; ``correction``. A
    family without a p-value has no row. Empty without predictions.
    """
    primary = primary_of(context)
    rows: list[tuple[str, str, pd.Series]] = []
    if primary is not None:
        rows.append((f"primary: {primary.rule}", PRIMARY_TITLE, primary.table["p"]))
    if context.experiments:
        rows += _of_groups(context)
        rows += _of_comparisons(context)
    table = pd.DataFrame(
        [(family, section, int(p.notna().sum()), _CORRECTIONS.get(family, _HOLM)) for family, section, p in rows],
        columns=["family", "section", "p_values", "correction"],
    )
    return table[table["p_values"] > 0].reset_index(drop=True)


def count_in_words(table: pd.DataFrame, primary: Primary | None) -> str:
    """Return how many p-values a report has, and how many of them its answer rests on."""
    if table.empty:
        return ""
    whole = int(table["p_values"].sum())
    if primary is None or primary.table["p"].isna().all():
        return f"The report has {whole} p-values, in {len(table)} families that are each corrected on their own."
    number = int(table["p_values"].iloc[0])
    # The primary ones are in the family of their section too.
    return f"It rests on {number} of the report's {whole - number} p-values, chosen without looking at results."


def _of_groups(context: ReportContext) -> list[tuple[str, str, pd.Series]]:
    section = f"Accuracy by {context.attribute}"
    rows = [
        (_DIFFERENCES, section, context.differences["p"]),
        ("equality of two groups within the margin", section, context.equality["p_equal"]),
        (_FLAGS, section, context.flags["p"]),
    ]
    disparities = context.disparities
    return rows + [
        (words, section, disparities.loc[disparities["summary"] == name, "p"]) for name, words in _DISPARITIES.items()
    ]


def _of_comparisons(context: ReportContext) -> list[tuple[str, str, pd.Series]]:
    rows: list[tuple[str, str, pd.Series]] = []
    if context.pairs:
        rows.append(("paired differences from the baseline", "Against the baseline", context.compared["p"]))
        for words, p in (("no worse than the baseline", "p_no_worse"), ("equal to the baseline", "p_equal")):
            rows.append((f"{words} by the margin", "Against the baseline", context.no_worse[p]))
    contrasts = context.contrasts
    if len(contrasts):
        for family, words in ((OVERALL, "arms: accuracy, worst group, std"), (GROUPS, "arms: accuracy of each group")):
            rows.append((words, "Other faces or more faces", contrasts.loc[contrasts["family"] == family, "p"]))
    if context.doses:
        rows.append(("slopes against the share added", "Dose-response", dose_table(context.doses)["p"]))
    return rows


PRIMARY_TITLE = "The primary comparisons"

"""The section after the answer: the primary comparisons as a table."""

from analysis.report.context import ReportContext
from analysis.report.document_model import Section, Table
from analysis.report.families import PRIMARY_TITLE
from analysis.report.primary import Primary, primary_of

TITLE = PRIMARY_TITLE
_CORRECTED = "p (Holm): corrected for the {count} p-values of this table, the primary family of the report."
_PAIRED = (
    "{rule}: chosen without looking at results. {sides}; in percent, averaged over seeds. accuracy_min: accuracy of "
    "the worst group; accuracy_std: standard deviation of accuracy over groups. Difference: after minus before, in "
    "points, with its 95 % interval. {corrected}"
)
_GROUPS = (
    "Percent, std over groups in points, means over seeds. Expected under no difference: the std if groups did not "
    "differ. {corrected}"
)


def primary(context: ReportContext) -> Section:
    """The primary comparisons; empty where nothing can be compared."""
    found = primary_of(context)
    if found is None:
        return Section(TITLE)
    title = "Figures of each experiment" if found.kind == "groups" else "The compared figures"
    table = found.table
    if "metric" in table:
        # What tells the rows apart comes first: a narrow screen shows the first columns.
        several = table["experiment"].nunique() > 1
        first, last = (["experiment", "metric"], ["baseline"]) if several else (["metric"], ["experiment", "baseline"])
        table = table[[*first, *(name for name in table if name not in (*first, *last)), *last]]
    return Section(TITLE, blocks=[Table("primary", title, table, _note(found))])


def _note(found: Primary) -> str:
    corrected = _CORRECTED.format(count=int(found.table["p"].notna().sum()))
    if found.kind == "groups":
        return _GROUPS.format(corrected=corrected)
    sides = (
        "Before: the arm same; after: the arm add"
        if found.kind == "arms"
        else "Before: the baseline; after: the experiment"
    )
    rule = found.rule[0].upper() + found.rule[1:]
    return _PAIRED.format(rule=rule, sides=sides, corrected=corrected)

"""The limits of a report's answer, in sentences, the most serious first."""

from collections.abc import Callable
from math import ceil

from analysis.experiments.added_seeds import seeds_added_later
from analysis.report.arms import differences_besides_faces
from analysis.report.context import ReportContext
from analysis.report.primary import DIFFERENCE, Primary, primary_of
from fer.data.samples import PERSON
from fer.evaluation.sentences import counted, few_errors, group_warnings, listed, one_answer

LEVEL = 0.05
# Characters in a line of a wide screen, and in the larger type of the answer; most lines before the first table.
LINE, LARGE_LINE, MOST_LINES = 115, 100, 12
_MORE = "Further limits ({}) are in the section Limits and method."


def limits_of(context: ReportContext) -> list[str]:
    """Return all limits of the answer."""
    if not context.experiments:
        return []
    primary = primary_of(context)
    parts: list[Callable[[ReportContext, Primary | None], list[str]]] = [
        _test_sets, _known_from_training, _seeds, _arms, _not_shown, _inestimable,
    ]  # fmt: skip
    return list(dict.fromkeys(sentence for part in parts for sentence in part(context, primary)))


def first_limits(limits: list[str], taken: int) -> list[str]:
    """Return as many of the limits as fit a first page of which ``taken`` lines are used.

    Where not all fit, the last sentence says how many more there are. At least two lines are returned.
    """
    left = max(MOST_LINES - taken, 2)
    if lines(*limits) <= left:
        return limits
    shown: list[str] = []
    for limit in limits:
        if lines(*shown, limit) > left - 1:
            break
        shown.append(limit)
    return [*shown, _MORE.format(len(limits) - len(shown))]


def lines(*sentences: str, width: int = LINE) -> int:
    """Return how many lines of a wide page these paragraphs take."""
    return sum(ceil(len(sentence) / width) for sentence in sentences)


def _test_sets(context: ReportContext, _: Primary | None) -> list[str]:
    """Groups with too few independent faces or emotions, and models with a single answer."""
    found = []
    for test, tested in context.by_test.items():
        which = f"{test}: " if len(context.by_test) > 1 else ""
        clusters = context.clusters[test]
        counts = context.counts[test]
        warnings = group_warnings(context.attribute, counts, clusters, tested[0].samples)
        warnings += few_errors(context.attribute, counts, clusters, *(table for one in tested for table in one.tables))
        same = [sentence for one in tested for sentence in one_answer(*one.tables, model=f"{one.experiment}:")]
        found += [which + sentence for sentence in (*same, *warnings)]
        if clusters.unknown:
            found.append(f"{which}{counted(clusters.unknown, 'face')} of no known cluster count as independent.")
    return found


def _known_from_training(context: ReportContext, _: Primary | None) -> list[str]:
    """Experiments that were tested on persons in their training data."""
    table = context.overlap.table
    persons = table[(table["id"] == PERSON) & (table["also_in_training"] > 0)] if len(table) else table
    if persons.empty:
        return []
    worst = persons.sort_values("also_in_training", kind="stable").iloc[-1]
    return [
        f"{len(persons)} of {counted(table['experiment'].nunique(), 'experiment')} had persons of the test in "
        f"training: up to {worst['also_in_training']} of {counted(worst['in_test'], 'person')} "
        f"({counted(worst['faces'], 'face')}; {worst['experiment']}). On these faces accuracy does not show what it is "
        "on new persons: the audits report the two separately."
    ]


def _seeds(context: ReportContext, primary: Primary | None) -> list[str]:
    """Seeds that were added after results could be read."""
    late = seeds_added_later(context.runs, context.evidence.steps)
    if not late or primary is None or primary.kind == "groups":
        return []
    return [
        f"Seed{'s' if len(late) > 1 else ''} {listed(late)} {'were' if len(late) > 1 else 'was'} run after results of "
        "other seeds had been reported, without a sequential boundary: if those results decided it, p-values are too "
        "small."
    ]


def _arms(context: ReportContext, primary: Primary | None) -> list[str]:
    """What besides the faces differs between the arms, and which arms were not run."""
    if primary is None or primary.kind != "arms":
        many = primary is not None and primary.kind == "base" and primary.table["experiment"].nunique() > 1
        return ["Other faces and more faces are not told apart: add and same were not both run."] if many else []
    return differences_besides_faces(context)


def _not_shown(context: ReportContext, primary: Primary | None) -> list[str]:
    """Which changes remain possible where none is significant: a test that finds nothing proves nothing."""
    if primary is None or primary.kind == "groups":
        return []
    rows = primary.table[primary.table["p_holm"] >= LEVEL]
    if rows.empty:
        return []
    may = "A change that is not shown may still exist"
    if primary.table["experiment"].nunique() > 1:
        return [f"{may}: the intervals below say which ones remain possible."]
    named = {"accuracy_min": "the worst group's accuracy", "accuracy_std": "the std"}
    intervals = [
        f"{row[f'{DIFFERENCE}_low']:.0f} to {row[f'{DIFFERENCE}_high']:.0f} points of "
        f"{named.get(row['metric'], row['metric'])}"
        for row in rows.dropna(subset=f"{DIFFERENCE}_low").to_dict("records")
    ]
    return [f"{may}: the 95 % intervals, not corrected, are {listed(intervals)}." if intervals else f"{may}."]


def _inestimable(context: ReportContext, primary: Primary | None) -> list[str]:
    """Primary comparisons without an interval, such as those of a group with one clip."""
    if primary is None or primary.kind == "groups":
        return []
    unknown = int(primary.table["p"].isna().sum())
    if not unknown:
        return []
    return [
        f"{unknown} of the {len(primary.table)} primary comparisons cannot be estimated: a group has too few clusters."
    ]

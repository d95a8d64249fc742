"""The last section: what the tested faces are, the methods, the families of p-values, and all limits."""

import pandas as pd

from analysis.experiments.added_seeds import seeds_added_later
from analysis.report.context import ReportContext
from analysis.report.document_model import Section, Table
from analysis.report.estimand import all_drawn
from analysis.report.families import family_table
from analysis.report.limits import limits_of
from fer.evaluation.sentences import listed

_FAMILIES = (
    "Each is corrected on its own, as the column says; nothing is corrected over families, nor over reports by other "
    "attributes. The answer rests on the primary family, whose p-values are also in the family of their section."
)


def limits(context: ReportContext) -> Section:
    """The limits of the results, the methods, and the families of p-values."""
    text = [*about_faces(context), *_methods(context), _seeds(context)] if context.experiments else []
    families = Table("families", "Families of p-values", family_table(context), _FAMILIES)
    return Section("Limits and method", text, [families], points=limits_of(context))


def about_faces(context: ReportContext) -> list[str]:
    """Return what the tested faces, labels and groups are, and are not: drawn, found by a detector, or as given."""
    drawn = [test for test, tested in context.by_test.items() if all_drawn(tested)]
    real = [test for test in context.by_test if test not in drawn]
    found = []
    if drawn:
        found.append(
            f"The faces of {listed(drawn)} are drawn, and so are their groups, labels and votes: what is found shows "
            "how methods behave where the truth is known, and nothing about people."
        )
    if real:
        found.append(
            f"Groups and emotion labels are as {listed(real)} states them, which need not be how the persons would. A "
            "label is what was seen in a face, or meant to be shown, not what the person felt; where annotators "
            "disagree no model can be right for all of them."
        )
    detectors = {test: _detectors(tested[0].samples) for test, tested in context.by_test.items()}
    return found + [
        f"Accuracy on {test} is of faces that a detector found ({', '.join(used)}). Where it finds fewer of one "
        "group, accuracy by group hides that loss."
        for test, used in detectors.items()
        if used
    ]


def _detectors(samples: pd.DataFrame) -> list[str]:
    return sorted(samples["detector"].dropna().astype(str).unique()) if "detector" in samples else []


def _methods(context: ReportContext) -> list[str]:
    crossed = [clusters.crossed is not None for clusters in context.clusters.values()]
    tests = "by permutations over whole clusters" if not all(crossed) else ""
    pairs = (
        "of crossed clusters, as the smallest p-value of all pairs of groups times their number" if any(crossed) else ""
    )
    return [
        f"An interval is about other {context.unit_names} of the same kind, in the same number. It says nothing about "
        "faces that were collected, labelled or drawn in another way. Intervals of a single experiment are about its "
        "trained models; those of a comparison of several seeds include the variance of training again.",
        "Intervals of accuracies, F1 and recalls, of differences between groups, of paired comparisons and of slopes "
        f"rest on their covariance over {context.unit_names}, with Student's t and the degrees of freedom that unequal "
        "clusters leave; the p-value of each is by the procedure of its interval. Losses and corrections of "
        f"disparities: cluster bootstrap with {context.replicates:,} replicates, seed 0. p-values of a disparity over "
        f"all groups: {', and '.join(filter(None, [tests, pairs]))}. There are more replicates where the correction "
        "for many comparisons needs them.",
    ]


def _seeds(context: ReportContext) -> str:
    """Return what figures of several seeds are, and whether seeds were added after results had been reported."""
    late = seeds_added_later(context.runs, context.evidence.steps)
    added = (
        f"Seeds {listed(late)} were run after results of others had been reported, without a sequential boundary."
        if late
        else "The server holds no report that was made before all seeds were run."
    )
    return f"Where there are several seeds, figures are means over them. {added}"

"""What is claimed of which persons, clips and trainings: the estimand of a report, in words."""

from collections.abc import Sequence

from analysis.experiments.seeds import ExperimentPredictions
from analysis.report.context import ReportContext
from analysis.report.primary import Primary
from fer.data.attributes import ALL
from fer.data.drawn_faces import drawn_faces
from fer.evaluation.sentences import listed


def estimand(context: ReportContext, primary: Primary | None) -> str:
    """Return one sentence on the population that the answer is about: persons, clips and trainings.

    Without tests it is that the figures are of the tested faces and the trained models alone.
    """
    if not context.experiments:
        return "The figures are of the tested faces and the trained models; nothing is claimed of others."
    by_unit: dict[str, list[str]] = {}
    for test, tested in context.by_test.items():
        unit, number = _units(context, test)
        drawn = " (drawn faces, not real people)" if all_drawn(tested) else ""
        by_unit.setdefault(unit, []).append(f'the {number} of "{test}"{drawn}')
    faces = listed([f"further {unit} like {listed(tests)}" for unit, tests in by_unit.items()])
    if primary is None:
        return f"The figures are of {faces}; nothing is claimed of others."
    return f"This is claimed for {faces}, and for {_trainings(primary)}."


def all_drawn(tested: Sequence[ExperimentPredictions]) -> bool:
    """Return whether all tested faces are drawn ones."""
    return bool(drawn_faces(tested[0].samples).all())


def _units(context: ReportContext, test: str) -> tuple[str, str]:
    """Return the kind of clusters that a test's intervals are over, and their number, in words."""
    clusters, whole = context.clusters[test], context.counts[test].loc[ALL]
    if clusters.crossed is not None and {"clips", "persons"} <= set(whole.index):
        return "clips and persons", f"{whole['clips']:,} clips, crossed with {whole['persons']:,} persons,"
    if clusters.name == "samples":
        return "faces, taken as independent,", f"{whole['faces']:,}"
    return clusters.name, f"{whole['clusters']:,}"


def _trainings(primary: Primary) -> str:
    if primary.kind == "groups":
        return "these trained models, not for training again"
    if primary.seeds == 1:
        return "these trained models, not for training again"
    number = str(primary.seeds) if primary.seeds == primary.most_seeds else f"{primary.seeds} to {primary.most_seeds}"
    return f"further trainings like these ({number} seeds per side)"

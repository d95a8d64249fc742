"""What is claimed of which persons, clips and trainings: the estimand of a report, in words."""

from collections.abc import Sequence

from analysis.experiments.seeds import ExperimentPredictions
from analysis.report.context import ReportContext
from analysis.report.primary import Primary
from fer.data.attributes import ALL
from fer.data.drawn_faces import drawn_faces
from fer.evaluation.sentences import counted, listed


def estimand(context: ReportContext, primary: Primary | None) -> str:
    """Return one sentence on the population that the answer is about: persons, clips and trainings.

    Without tests it is that the figures are of the tested faces and the trained models alone.
    """
    if not context.experiments:
        return "The figures are of the tested faces and the trained models; nothing is claimed of others."
    faces = listed([_faces(context, test, tested) for test, tested in context.by_test.items()])
    if primary is None:
        return f"The figures are of {faces}; nothing is claimed of others."
    return f"Claimed for {faces}, and for {_trainings(primary)}."


def all_drawn(tested: Sequence[ExperimentPredictions]) -> bool:
    """Return whether all tested faces are drawn ones."""
    return bool(drawn_faces(tested[0].samples).all())


def _faces(context: ReportContext, test: str, tested: Sequence[ExperimentPredictions]) -> str:
    """Return which faces those tested stand for: others of the same clusters' kind."""
    clusters, whole = context.clusters[test], context.counts[test].loc[ALL]
    drawn = " (drawn faces, not persons)" if all_drawn(tested) else ""
    if clusters.crossed is not None and {"clips", "persons"} <= set(whole.index):
        units = f"further clips and persons like the {whole['clips']:,} clips and {whole['persons']:,} persons"
        return f"{units} of {test}, which are crossed{drawn}"
    if clusters.name == "samples":
        return f"further faces like the {counted(whole['faces'], 'face')} of {test}, taken as independent{drawn}"
    return f"further {clusters.name} like the {whole['clusters']:,} of {test}{drawn}"


def _trainings(primary: Primary) -> str:
    if primary.kind == "groups":
        return "these trained models, not for training again"
    if primary.seeds == 1:
        return "these trained models, not for training again"
    number = str(primary.seeds) if primary.seeds == primary.most_seeds else f"{primary.seeds} to {primary.most_seeds}"
    return f"further trainings like these ({number} seeds a side)"

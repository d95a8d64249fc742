"""Sections on the validity of the results: audits, slices, robustness, calibration, dose-response."""

from collections.abc import Callable, Sequence

import pandas as pd

from analysis.experiments.runs_by_experiment import keyed_runs
from analysis.experiments.seeds import ExperimentPredictions
from analysis.fetch.evidence import robustness_of, tested_split
from analysis.figures import dose_figure, reliability_figure
from analysis.report.context import ReportContext
from analysis.report.document_model import Picture, Section, Table
from analysis.tables.audits import annotator_table, end_to_end_table
from analysis.tables.calibration import calibration_table, reliability_of
from analysis.tables.dose import dose_table
from analysis.tables.slices import accuracy_by_slice, robustness_table
from fer.data.attributes import ALL, POSE
from fer.data.lost import without_answer
from fer.errors import InputError
from fer.evaluation.metric_names import metric_name
from fer.evaluation.sentences import listed
from fer.tracking import names

_MOST_PANELS = 6


def audits(context: ReportContext) -> Section:
    """What the test shares with training, annotators, lost rows, head pose, robustness."""
    blocks = [*_overlap(context), *_near_duplicates(context)]
    lacking = [*context.overlap.lacking]
    for test, tested in context.by_test.items():
        tables, missing = _of_test(context, test, tested)
        blocks += tables
        lacking += missing
    return Section("Audits and slices", blocks=blocks, lacking=lacking)


def _overlap(context: ReportContext) -> list[Table]:
    note = (
        "Persons, clips and videos of the test that the model was trained on too, and accuracy in percent on their "
        "faces and on the rest. Training means the training split of each experiment's own mixture."
    )
    table = context.overlap.table
    return [Table("overlap", "Shared by training and test", table, note)] if len(table) else []


def _near_duplicates(context: ReportContext) -> list[Table]:
    near = names.metric(metric_name(context.split, names.NEAR_DUPLICATES))
    if near not in context.runs or context.runs[near].isna().all():
        return []
    counted = keyed_runs(context.runs).dropna(subset=near).groupby("experiment", sort=False)[near].max()
    note = (
        "Test faces of which the training split has a near-duplicate by perceptual hash: see each evaluation's run. "
        "Drawn faces have many, as they are alike by design."
    )
    table = counted.astype(int).rename("near_duplicates").reset_index()
    return [Table("near_duplicates", "Near-duplicates of test faces in training", table, note)]


def _of_test(
    context: ReportContext, test: str, tested: Sequence[ExperimentPredictions]
) -> tuple[list[Table], list[str]]:
    """Return the tables of one test set, and sentences on what is not available."""
    blocks: list[Table] = []
    lacking: list[str] = []
    if context.apart is None:
        blocks, lacking = _of_raw_data(context, test, tested)
    if tested[0].samples.get(str(POSE), pd.Series(dtype=object)).notna().any():
        table = accuracy_by_slice(tested, POSE, context.attribute)
        blocks.append(Table(f"pose_{test}", f"Accuracy (%) by head pose, {test}", table))
    if context.apart is not None:
        return blocks, [
            "Annotators, lost rows, corrupted faces and galleries: they are reported for one test set, not for several "
            "pooled."
        ]
    corrupted, missing = _robustness(context, test, tested)
    return [*blocks, *corrupted], [*lacking, *missing]


def _robustness(
    context: ReportContext, test: str, tested: Sequence[ExperimentPredictions]
) -> tuple[list[Table], list[str]]:
    known, lacking = {}, []
    for one in tested:
        try:
            table = robustness_of(one.runs[0])
        except InputError as error:
            lacking.append(f"Accuracy of {one.experiment} on corrupted faces: {error}")
            continue
        if table is not None:
            known[one.experiment] = table
    note = (
        "Percent; severity 0 is the unchanged faces, 5 the strongest. First seed per experiment. (n/e): the interval "
        "cannot be estimated, or the evaluation is older than the intervals."
    )
    title = f"Accuracy on corrupted faces, {test}"
    shown = [Table(f"robustness_{test}", title, robustness_table(known, context.attribute), note)] if known else []
    return shown, lacking


def _of_raw_data(
    context: ReportContext, test: str, tested: Sequence[ExperimentPredictions]
) -> tuple[list[Table], list[str]]:
    try:
        dataset = tested_split(tested[0].runs[0], context.split)
    except InputError as error:
        return [], [f"Annotators and lost rows of {test}: {error}"]
    attribute = context.attribute
    lost = without_answer(dataset.lost[dataset.lost["split"] == context.split])
    wanted: dict[str, Callable[[], Table]] = {
        "Agreement of annotators": lambda: Table(
            f"annotators_{test}", f"Agreement of the annotators of {test}", annotator_table(dataset.samples, attribute),
            "Percent; ceiling: how often one vote agrees with the majority of the others, what a human would score. "
            "Alpha: Krippendorff's, 1 is full agreement, 0 that of independent votes. Faces with two votes or more.",
        ),
    }  # fmt: skip
    if len(lost):
        wanted["End-to-end accuracy"] = lambda: Table(
            f"end_to_end_{test}", f"Accuracy with lost rows counted as wrong, {test}",
            end_to_end_table(tested, lost, attribute), "Percent. Lost: rows of the raw data that gave no face.",
        )  # fmt: skip
    blocks, lacking = [], []
    for name, make in wanted.items():
        try:
            blocks.append(make())
        except InputError as error:
            lacking.append(f"{name}: {error}")
    return blocks, lacking


def calibration(context: ReportContext) -> Section:
    """Reliability curves and debiased errors by group."""
    attribute = context.attribute
    rated = {name: one for name, one in context.experiments.items() if one.y_proba is not None}
    unrated = [name for name in context.experiments if name not in rated]
    lacking = [f"Calibration: {listed(unrated)} gave no probabilities."] if unrated else []
    if not rated:
        return Section("Calibration", lacking=lacking)
    shown = [name for name in context.shown_experiments if name in rated][:_MOST_PANELS]
    curves = {name: reliability_of(rated[name], attribute) for name in shown or list(rated)[:_MOST_PANELS]}
    table = calibration_table(list(rated.values()), attribute, context.unit)
    question = "Is a confidence of 80 % right in 80 of 100 cases, and for every group?"
    by = f" by {attribute}"
    if context.by_emotion:
        # Within one emotion even a perfectly calibrated model is not calibrated: confidence refers to all emotions.
        curves = {name: curve[curve.index.get_level_values("group") == ALL] for name, curve in curves.items()}
        table, by = table[table["group"] == ALL], ""
        question = "Is a confidence of 80 % right in 80 of 100 cases?"
    note = (
        "Root mean square over 10 % bins, in percentage points. Plain: as computed, too large for a small group. "
        "Debiased: corrected for noise over clusters, 0 if noise explains all. Left out: percentage of faces whose bin "
        "has one cluster."
    )
    below = "Below the diagonal a model is overconfident. Larger marks: more predictions."
    return Section(
        "Calibration",
        [question],
        [
            Picture("reliability", f"Confidence and accuracy{by}", reliability_figure(curves), below),
            Table("calibration", f"Calibration error{by}", table, note),
        ],
        lacking,
    )


def dose(context: ReportContext) -> Section:
    """Slopes against the share added, and their shape."""
    if not context.doses:
        return Section("Dose-response")
    arms = {series.arm for series in context.doses}
    text = (
        "Add: the training set grows by a share of the addition. Swap: as many base faces leave as come, so that the "
        "size stays. Same: it grows by as many faces of the base's own. "
    ) + (
        "The arms are compared with each other in the section Other faces or more faces."
        if len(arms) > 1
        else f"Only the arm {next(iter(arms))} was run: more data and other data cannot be separated here."
    )
    return Section(
        "Dose-response",
        [text],
        [
            Table("dose", "Slopes against the share added (points for 100 % added)", dose_table(context.doses),
                  "Least squares over seeds and doses; interval over seeds and clusters. p (Holm): over this table."),
            Picture("dose", "Against the share added", dose_figure(context.doses),
                    "Bands: pointwise 95 % intervals; a line without one: it cannot be estimated."),
        ],
    )  # fmt: skip

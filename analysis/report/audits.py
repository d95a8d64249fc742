"""The sections that say how far the figures can be trusted: audits, slices, robustness, calibration, dose."""

from collections.abc import Callable

import pandas as pd

from analysis.experiments.runs_by_experiment import keyed_runs
from analysis.experiments.seeds import ExperimentPredictions
from analysis.fetch.evidence import robustness_of, tested_split
from analysis.figures import dose_figure, reliability_figure
from analysis.report.context import Findings
from analysis.report.document_model import Picture, Section, Table
from analysis.tables.audits import annotator_table, end_to_end_table
from analysis.tables.calibration import calibration_table, reliability_of
from analysis.tables.dose import dose_table
from analysis.tables.slices import accuracy_by_slice, robustness_table
from fer.data.attributes import POSE
from fer.data.dataset import FaceDataset
from fer.data.lost import without_answer
from fer.errors import InputError
from fer.evaluation.metric_names import metric_name
from fer.tracking import names

_MOST_PANELS = 6


def audits(findings: Findings) -> Section:
    """What the test shares with training, annotators, lost rows, head pose, robustness."""
    section = Section("Audits and slices")
    if len(findings.overlap):
        note = (
            "Persons, clips and videos of the test that the model was trained on too, and accuracy in percent on their "
            "faces and on the rest. Training means the training split of each experiment's own mixture."
        )
        section.blocks.append(Table("overlap", "Shared by training and test", findings.overlap, note))
    near = names.metric(metric_name(findings.split, names.NEAR_DUPLICATES))
    if near in findings.runs and findings.runs[near].notna().any():
        counted = keyed_runs(findings.runs).dropna(subset=near).groupby("experiment", sort=False)[near].max()
        note = (
            "Test faces of which the training split has a near-duplicate by perceptual hash: see each evaluation's run."
        )
        table = counted.astype(int).rename("near_duplicates").reset_index()
        section.blocks.append(Table("near_duplicates", "Near-duplicates of test faces in training", table, note))
    for test, trials in findings.tests.items():
        section.blocks += _of_test(findings, test, trials)
    return section


def _of_test(findings: Findings, test: str, trials: list[ExperimentPredictions]) -> list[Table]:
    blocks = [] if findings.apart is not None else _of_raw_data(findings, test, trials)
    if trials[0].samples.get(str(POSE), pd.Series(dtype=object)).notna().any():
        table = accuracy_by_slice(trials, POSE, findings.attribute)
        blocks.append(Table(f"pose_{test}", f"Accuracy (%) by head pose, {test}", table))
    if findings.apart is not None:
        findings.lacking.append(
            "Annotators, lost rows, worse faces and galleries: they are told of one test set, not of several together."
        )
        return blocks
    measured = {trial.experiment: robustness_of(trial.runs[0]) for trial in trials}
    known = {name: table for name, table in measured.items() if table is not None}
    if known:
        note = (
            "Percent; severity 0 is the faces as they are, 5 the worst. First seed of each experiment. (n/e): the "
            "interval cannot be estimated, or the evaluation is older than the intervals."
        )
        table = robustness_table(known, findings.attribute)
        blocks.append(Table(f"robustness_{test}", f"Accuracy on faces made worse, {test}", table, note))
    return blocks


def _of_raw_data(findings: Findings, test: str, trials: list[ExperimentPredictions]) -> list[Table]:
    try:
        dataset = tested_split(trials[0].runs[0], findings.split)
    except InputError as error:
        findings.lacking.append(f"Annotators and lost rows of {test}: {error}")
        return []
    return _of_dataset(findings, test, trials, dataset)


def _of_dataset(
    findings: Findings, test: str, trials: list[ExperimentPredictions], dataset: FaceDataset
) -> list[Table]:
    attribute = findings.attribute
    lost = without_answer(dataset.lost[dataset.lost["split"] == findings.split])
    made: dict[str, Callable[[], Table]] = {
        "Agreement of annotators": lambda: Table(
            f"annotators_{test}", f"Agreement of the annotators of {test}", annotator_table(dataset.samples, attribute),
            "Percent; ceiling: how often one vote agrees with the majority of the others, what a human would score. "
            "Alpha: Krippendorff's, 1 is full agreement, 0 chance. Only faces with two votes or more.",
        ),
    }  # fmt: skip
    if len(lost):
        made["End-to-end accuracy"] = lambda: Table(
            f"end_to_end_{test}", f"Accuracy with lost rows counted as wrong, {test}",
            end_to_end_table(trials, lost, attribute), "Percent. Lost: rows of the raw data that gave no face.",
        )  # fmt: skip
    blocks = []
    for name, make in made.items():
        try:
            blocks.append(make())
        except InputError as error:
            findings.lacking.append(f"{name}: {error}")
    return blocks


def calibration(findings: Findings) -> Section:
    """Reliability curves and debiased errors by group."""
    attribute = findings.attribute
    shown = list(dict.fromkeys(one.experiment for pair in findings.shown_pairs for one in pair))
    shown = (shown or list(findings.trials))[:_MOST_PANELS]
    curves = {name: reliability_of(findings.trials[name], attribute) for name in shown}
    table = calibration_table(list(findings.trials.values()), attribute, findings.unit)
    question = "Is a model that says 80 % right in 80 of 100 cases, and is it so for every group?"
    if findings.by_emotion:
        # Within the faces of one emotion even a perfectly calibrated model is not: confidence is over all of them.
        curves = {name: curve[curve.index.get_level_values("group") == "all"] for name, curve in curves.items()}
        table, question = table[table["group"] == "all"], question.replace(", and is it so for every group", "")
    figure = reliability_figure(curves)
    by = "" if findings.by_emotion else f" by {attribute}"
    note = (
        "Root mean square over 10 % bins, in percentage points. Plain: as computed, too large for a small group. "
        "Debiased: less what noise over units gives, 0 where that is all. Left out: percentage of faces whose bin "
        "rests on one unit."
    )
    return Section(
        "Calibration",
        [question],
        [
            Picture("reliability", f"Confidence and accuracy{by}", figure,
                    "Below the diagonal a model is surer than it is right. Larger marks: more predictions."),
            Table("calibration", f"Calibration error{by}", table, note),
        ],
    )  # fmt: skip


def dose(findings: Findings) -> Section:
    """Slopes against the share added, and their shape."""
    section = Section("Dose-response")
    if not findings.doses:
        return section
    arms = {series.arm for series in findings.doses}
    section.text = [
        "Add: the training set grows by a share of the addition. Swap: as many base faces leave as come, so that size "
        "stays. " + (
            "Only what both arms show can be laid to the faces' kind rather than to their number."
            if len(arms) > 1 else
            f"Only the arm {next(iter(arms))} was run: more data and other data are not told apart here."
        )
    ]  # fmt: skip
    section.blocks = [
        Table("dose", "Slopes against the share added (points for 100 % added)", dose_table(findings.doses),
              "Least squares over seeds and doses; interval over seeds and units. p (Holm): over this table."),
        Picture("dose", "Against the share added", dose_figure(findings.doses),
                "Bands: pointwise 95 % intervals; a line without one could not be given any."),
    ]  # fmt: skip
    return section

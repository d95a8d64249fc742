"""Sections on the validity of the results: audits, slices, robustness, calibration, dose-response."""

from collections.abc import Callable, Sequence

import pandas as pd

from analysis.experiments.runs_by_experiment import PERCENT, keyed_runs
from analysis.experiments.seeds import ExperimentPredictions
from analysis.fetch.evidence import robustness_of, tested_split
from analysis.figures import dose_figure, reliability_figure
from analysis.report.context import ReportContext
from analysis.report.document_model import Picture, Section, Table
from analysis.report.estimand import all_drawn
from analysis.tables.audits import annotator_table, end_to_end_table, label_error_table
from analysis.tables.calibration import BINS, calibration_table, reliability_of
from analysis.tables.dose import dose_table, slopes_beside_changes
from analysis.tables.slices import accuracy_by_slice, robustness_table
from fer.data.attributes import ALL, POSE
from fer.data.lost import without_answer
from fer.errors import InputError
from fer.evaluation.audits.label_errors import gap_sentence
from fer.evaluation.metric_names import metric_name
from fer.evaluation.sentences import listed, p_value
from fer.fairness import ONE_SEED_DOSE
from fer.fairness.definitions import CALIBRATION_BINS
from fer.tracking import names

_MOST_PANELS = 6
_LEVEL = 0.05
_MOST_SENTENCES = 3


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
    note = "Test faces of which the training split has a near-duplicate by perceptual hash: see each evaluation's run."
    if all(map(all_drawn, context.by_test.values())) and context.by_test:
        note += " Drawn faces have many, as they are alike by design."
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
            "Votes, lost rows, corrupted faces and galleries: they are reported for one test set, not for several "
            "pooled."
        ]
    corrupted, missing = _robustness(context, test, tested)
    blocks += _label_errors(context, test, tested)
    return [*blocks, *corrupted], [*lacking, *missing]


def _label_errors(context: ReportContext, test: str, tested: Sequence[ExperimentPredictions]) -> list[Table]:
    table = label_error_table(tested, context.attribute, context.unit)
    if table.empty or not table["flagged"].any():
        return []
    by = table.set_index("group").assign(
        accuracy=table["accuracy_percent"].to_numpy() / PERCENT,
        accuracy_not_flagged=table["accuracy_not_flagged_percent"].to_numpy() / PERCENT,
    )
    said = {name: gap_sentence(rows, str(context.attribute)) for name, rows in by.groupby("experiment", sort=False)}
    named = [f"{name}: {sentence}" for name, sentence in said.items() if sentence][:_MOST_SENTENCES]
    note = (
        "Percent. Flagged: labels that are likely wrong by confident learning (Northcutt et al. 2021) with the model's "
        "own probabilities, for models that are right in half of the faces or more; first seed per experiment. The "
        "model's own certain errors are flagged too, so that what goes with the flagged faces is a bound of what label "
        f"noise explains. {' '.join(named)}"
    )
    return [Table(f"label_errors_{test}", f"Labels that are likely wrong, {test}", table, note)]


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
        return [], [f"Agreement of votes and lost rows of {test}: {error}"]
    attribute = context.attribute
    lost = without_answer(dataset.lost[dataset.lost["split"] == context.split])
    wanted: dict[str, Callable[[], Table]] = {
        "Agreement of votes": lambda: Table(
            f"annotators_{test}", f"Agreement of the votes on the faces of {test}",
            annotator_table(dataset.samples, attribute),
            "Percent; ceiling: how often one vote agrees with the majority of the others"
            + (" (the votes are drawn). " if dataset.drawn else ", what one annotator would score. ")
            + "Alpha: Krippendorff's, 1 is full agreement, 0 that of independent votes. Faces with two votes or more.",
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
        f"Root mean square over {CALIBRATION_BINS} bins of equal width, in percentage points; means over seeds. Plain: "
        "as computed, too large for a small group. Debiased: corrected for noise over clusters, 0 if noise explains "
        "all. Left out: percentage of faces whose bin has one cluster. The metric calibration_error is the mean of "
        "absolute values instead."
    )
    below = (
        f"Below the diagonal a model is overconfident. {BINS} bins of equal width; the predictions of all seeds "
        "together. Larger marks: more predictions."
    )
    return Section(
        "Calibration",
        [question],
        [
            Picture("reliability", f"Confidence and accuracy{by}", reliability_figure(curves), below),
            Table("calibration", f"Root mean square calibration error{by}", table, note),
        ],
        lacking,
    )


# What one arm alone does not tell.
_ALONE = {
    "add": "Only the arm add was run: more faces and other faces cannot be told apart here.",
    "swap": "Only the arm swap was run: what the new faces bring and what those that left did cannot be told apart.",
    "same": "Only the arm same was run: nothing is said about other faces.",
}


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
        else _ALONE.get(next(iter(arms)), "")
    )
    table = dose_table(context.doses)
    one_seed = table["seeds"].min() == 1
    over = "clusters" if table["seeds"].max() == 1 else "seeds (where there are several) and clusters"
    return Section(
        "Dose-response",
        [text, *([ONE_SEED_DOSE] if one_seed else []), *_slopes_and_changes(context, table)],
        [
            Table("dose", "Slopes against the share added (points for 100 % added)", table,
                  f"Least squares over doses; interval over {over}. p (Holm): over this table."),
            Picture("dose", "Against the share added", dose_figure(context.doses),
                    "Bands: pointwise 95 % intervals; a line without one: it cannot be estimated."),
        ],
    )  # fmt: skip


def _slopes_and_changes(context: ReportContext, slopes: pd.DataFrame) -> list[str]:
    """How the slopes relate to the single changes against the base alone; nothing where another baseline is named."""
    if context.baseline is not None:
        return []
    beside = slopes_beside_changes(context.runs, slopes, context.compared)
    trend, single = beside["slope_p_holm"] < _LEVEL, beside["least_p_holm"] < _LEVEL
    sentences = [
        "A slope pools all shares in one straight line, a single change compares one share with the base alone "
        "(section Against the baseline), and each is corrected in its own family."
    ]
    if (trend & ~single).any():
        shown = [
            f"{_series(row)} (slope {p_value(row['slope_p_holm'])}, {_least(row)})"
            for _, row in beside[trend & ~single].iterrows()
        ]
        sentences.append(
            f"The slope is significant, but no single change is, of {listed(shown)}: that there is a trend is shown, "
            "but not that any one share changes anything."
        )
    if (single & ~trend).any():
        shown = [_series(row) for _, row in beside[single & ~trend].iterrows()]
        sentences.append(
            f"A single change is significant, but the slope is not, of {listed(shown)}: more of the addition is not "
            "shown to do more."
        )
    if (trend == single).all():
        sentences.append("Here both find the same.")
    return sentences


def _series(row: pd.Series) -> str:
    return f"{row['metric']} ({row['base']}, {row['arm']})"


def _least(row: pd.Series) -> str:
    if pd.isna(row["least_p_holm"]):
        return f"none of its {row['changes']} changes can be estimated"
    return f"least of its {row['changes']} changes {p_value(row['least_p_holm'])}"

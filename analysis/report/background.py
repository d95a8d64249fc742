"""The sections around the results: what was compared and tested, emotions, datasets, models."""

from analysis.experiments.runs_by_experiment import PERCENT, mixtures_of, tag_of
from analysis.fetch.evidence import counts_of, steps_of
from analysis.figures import matrix_figure
from analysis.report.context import ReportContext
from analysis.report.document_model import Picture, Section, Table
from analysis.tables.classes import class_distribution, group_composition, recall_by_group
from analysis.tables.datasets import dataset_overview, mixture_sizes
from analysis.tables.matrix import group_matrix, is_matrix, train_test_matrix
from analysis.tables.provenance import environment_table, run_table, training_table
from analysis.tables.studies import model_eval
from fer.data.attributes import AGE_GROUP
from fer.evaluation.sentences import counted
from fer.tracking import names

_MOST_RECALLS = 12


def compared(context: ReportContext) -> Section:
    """The experiments, their selection, and their test sets."""
    origin = tag_of(context.runs, names.ORIGIN).fillna(names.MEASURED)
    published = int((origin == names.PUBLISHED).sum())
    cells = context.runs if context.apart is None else context.apart.runs
    measured = int((tag_of(cells, names.ORIGIN).fillna(names.MEASURED) == names.MEASURED).sum())
    text = [
        f"{counted(measured, 'measured run')}"
        + (f" and {counted(published, 'row')} of published results" if published else "")
        + ". Every finished run that the report was given is shown: none was selected by its result."
        + (
            ""
            if is_lone(cells).all()
            else " Where a protocol selects an epoch, it does so on validation faces, never on test faces."
        )
    ]
    if context.apart is not None:
        text.append(
            f"No test set has two groups of {context.attribute}, so each model's test sets are pooled: a difference "
            "between groups is also one between datasets. The section Trained on one, tested on all keeps the test "
            "sets apart."
        )
    return Section("What was compared", text, [*_tested_faces(context), _mixtures(context)])


def _tested_faces(context: ReportContext) -> list[Table]:
    rests_on = [
        Table(f"units_{test}", f"What each group of the test faces ({test}) rests on", table.reset_index(),
              f"Clusters: what intervals are drawn over, {context.clusters[test].name}. Emotions: how many occur.")
        for test, table in context.counts.items()
    ]  # fmt: skip
    if context.by_emotion:
        return rests_on
    return rests_on + [
        Table(f"composition_{test}", f"Test faces ({test}) by {context.attribute} and emotion",
              group_composition(tested[0].samples, context.attribute), "Portion in percent.")
        for test, tested in context.by_test.items()
    ]  # fmt: skip


def _mixtures(context: ReportContext) -> Table:
    table = mixtures_of(context.runs).drop_duplicates("experiment").drop(columns="origin")
    sizes = mixture_sizes(steps_of(context.evidence, names.INTEGRATE_STAGE))
    table = table.merge(sizes.drop_duplicates("experiment"), on="experiment", how="left")
    return Table(
        "mixtures", "Training mixtures", table,
        "add: the training set grows by that share of the addition; swap: as many base faces are removed as added; "
        "same: it grows by as many faces of the base's own, which were kept aside. "
        "Training, validation: faces after mixing.",
    )  # fmt: skip


def datasets(context: ReportContext) -> Section:
    """Tables 1 and 7 to 9: the datasets and their emotions."""
    made = steps_of(context.evidence, names.PREPROCESS_STAGE)
    if made.empty:
        return Section("Datasets")
    note = "Lost: rows of the raw data that gave no face, or were left out by a limit."
    emotions = class_distribution(counts_of(context.evidence))
    return Section(
        "Datasets",
        blocks=[
            Table("datasets", "Datasets", dataset_overview(made), note),
            Table("class_distribution", "Training faces by emotion", emotions),
        ],
    )


def emotions(context: ReportContext) -> Section:
    """Recall by emotion and group, of the baselines and the largest additions."""
    if context.by_emotion:  # The report's groups are the emotions.
        return Section("By emotion")
    return Section(
        "By emotion",
        [
            "Recall: the share of an emotion's faces that were recognised, in percent, beside the number of faces. A "
            "dash: the group has no face of it."
        ],
        [
            Table(f"recall_{number}", name, recall_by_group(context.experiments[name], context.attribute))
            for number, name in enumerate(context.shown_experiments[:_MOST_RECALLS])
        ],
    )


def matrix(context: ReportContext) -> Section:
    """Trained on, tested on: over datasets, and over age groups where the predictions know them."""
    evidence = context.apart or context.evidence
    if not is_matrix(evidence.runs):
        return Section("Trained on one, tested on all")
    table = train_test_matrix(evidence.runs, split=context.split)
    blocks: list[Table | Picture] = [
        Table("matrix", "Accuracy (%) by training and test dataset", table),
        Picture("matrix", "Accuracy by training and test dataset", matrix_figure(table)),
    ]
    if any(AGE_GROUP.known_in(table) for table in evidence.predictions.values()):
        ages = group_matrix(evidence.runs, evidence.predictions, AGE_GROUP)
        blocks += [
            Table("matrix_age", "Accuracy (%) by training dataset and age of the tested faces", ages),
            Picture("matrix_age", "Accuracy by training dataset and age group", matrix_figure(ages)),
        ]
    return Section("Trained on one, tested on all", blocks=blocks)


def models(context: ReportContext) -> Section:
    """Study B's table: one row per model, best test accuracy first."""
    table = model_eval(context.runs, split=context.split)
    accuracies = [name for name in table if name.endswith("_accuracy")]
    table[accuracies] = table[accuracies] * PERCENT
    table = table.rename(columns={name: f"{name}_percent" for name in accuracies})
    title = "Models, best test accuracy first (a ranking on the test faces)"
    return Section("Models", blocks=[Table("model_eval", title, table, "Accuracies in percent, F1 as a share of 1.")])


def made(context: ReportContext) -> Section:
    """The settings of each experiment, its runs, and their environments."""
    evidence = context.apart or context.evidence
    runs, steps = evidence.runs, evidence.steps
    environments = environment_table(runs, steps)
    several = environments["what"].duplicated().any()
    shown = environments if several else environments.drop(columns="runs")
    return Section(
        "How this was made",
        ["This section repeats what the runs hold. A dash: a run of an earlier version does not hold it."],
        [
            Table(
                "trainings", "Settings of each experiment", training_table(context.runs, steps),
                "Resolved where they were left at auto. Commas: phases of a training; semicolons: seeds or members "
                "that differ. Epochs: the most that the protocol allows; epochs trained: before it stopped.",
            ),
            Table("runs", "Runs", run_table(runs, steps),
                  "Best epoch: the best on validation faces, whose weights the model has unless its protocol keeps the "
                  "last. Run: the cell, which names its evaluation.",
                  evidence.pages),
            Table(
                "environment", "Code, versions, machine and data", shown,
                "Of the cells and their trainings." + (" Runs: how many have the value." if several else ""),
            ),
        ],
    )  # fmt: skip

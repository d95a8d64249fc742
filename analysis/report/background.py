"""The sections around the results: what was compared and tested, emotions, datasets, models, limits."""

import pandas as pd

from analysis.experiments.runs_by_experiment import PERCENT, mixtures_of, tag_of
from analysis.fetch.evidence import counts_of, steps_of
from analysis.figures import matrix_figure
from analysis.report.context import Findings
from analysis.report.document_model import Picture, Section, Table
from analysis.tables.classes import class_distribution, group_composition, recall_by_group
from analysis.tables.datasets import dataset_overview, mixture_sizes
from analysis.tables.matrix import group_matrix, is_matrix, train_test_matrix
from analysis.tables.studies import model_eval
from fer.data.attributes import AGE_GROUP
from fer.tracking import names

_MOST_RECALLS = 12


def compared(findings: Findings) -> Section:
    """Which experiments, how chosen, and what they were tested on."""
    section = Section("What was compared")
    origin = tag_of(findings.runs, names.ORIGIN).fillna(names.MEASURED)
    measured, published = (int((origin == one).sum()) for one in (names.MEASURED, names.PUBLISHED))
    if findings.apart is not None:
        measured = int((tag_of(findings.apart.runs, names.ORIGIN).fillna(names.MEASURED) == names.MEASURED).sum())
    section.text = [
        f"{measured} runs were measured" + (f"; {published} rows are published figures" if published else "") + ". "
        "Every finished run is shown: none was left out or picked by its result. Within a run the epoch was chosen on "
        "validation faces, never on test faces."
    ]
    if findings.apart is not None:
        section.text.append(
            f"No test set holds two groups of {findings.attribute}, so each model's test sets are taken together as "
            "one: a difference between groups is one between datasets too. Test set by test set the models stand under "
            "Trained on one, tested on all."
        )
    if findings.trials:
        section.blocks = [
            Table(f"units_{test}", f"What each group of the test faces ({test}) rests on", table.reset_index(),
                  f"Clusters: the independent units that intervals are drawn over, {findings.clusters[test].name}. "
                  "Emotions: how many of them occur.")
            for test, table in findings.counts.items()
        ]  # fmt: skip
        section.blocks += [
            Table(f"composition_{test}", f"Test faces ({test}) by {findings.attribute} and emotion",
                  group_composition(trials[0].samples, findings.attribute), "Portion in percent.")
            for test, trials in findings.tests.items() if not findings.by_emotion
        ]  # fmt: skip
    section.blocks.append(
        Table("mixtures", "Training mixtures", _mixtures(findings),
              "add: the training set grows by that share of the addition; swap: as many base faces leave as come. "
              "Training, validation: faces after mixing.")
    )  # fmt: skip
    return section


def _mixtures(findings: Findings) -> pd.DataFrame:
    table = mixtures_of(findings.runs).drop_duplicates("experiment").drop(columns="origin")
    sizes = mixture_sizes(steps_of(findings.evidence, names.INTEGRATE_STAGE))
    return table.merge(sizes.drop_duplicates("experiment"), on="experiment", how="left")


def datasets(findings: Findings) -> Section:
    """Tables 1 and 7 to 9: the datasets and their emotions."""
    section = Section("Datasets")
    made = steps_of(findings.evidence, names.PREPROCESS_STAGE)
    if made.empty:
        return section
    section.blocks.append(
        Table(
            "datasets",
            "Datasets",
            dataset_overview(made),
            "Lost: rows of the raw data that gave no face, or were left out by a limit.",
        )
    )
    counts = counts_of(findings.evidence)
    section.blocks.append(Table("class_distribution", "Training faces by emotion", class_distribution(counts)))
    return section


def emotions(findings: Findings) -> Section:
    """Recall by emotion and group, of the baselines and the largest additions."""
    pairs = findings.shown_pairs
    shown = list(dict.fromkeys(one.experiment for pair in pairs for one in pair)) or list(findings.trials)
    section = Section("By emotion")
    if findings.by_emotion:  # The report's groups are the emotions.
        return section
    section.text = [
        "Recall: the share of an emotion's faces that were recognised, in percent, beside the number of faces. A dash: "
        "the group has no face of it."
    ]
    section.blocks = [
        Table(f"recall_{number}", name, recall_by_group(findings.trials[name], findings.attribute))
        for number, name in enumerate(shown[:_MOST_RECALLS])
    ]
    return section


def matrix(findings: Findings) -> Section:
    """Trained on, tested on: over datasets, and over age groups where the predictions know them."""
    section = Section("Trained on one, tested on all")
    evidence = findings.apart or findings.evidence
    if is_matrix(evidence.runs):
        table = train_test_matrix(evidence.runs, split=findings.split)
        section.blocks = [
            Table("matrix", "Accuracy (%) by training and test dataset", table),
            Picture("matrix", "Accuracy by training and test dataset", matrix_figure(table)),
        ]
        if any(AGE_GROUP.known_in(table) for table in evidence.predictions.values()):
            ages = group_matrix(evidence.runs, evidence.predictions, AGE_GROUP)
            section.blocks += [
                Table("matrix_age", "Accuracy (%) by training dataset and age of the tested faces", ages),
                Picture("matrix_age", "Accuracy by training dataset and age group", matrix_figure(ages)),
            ]
    return section


def models(findings: Findings) -> Section:
    """Study B's table: one row a model, best test accuracy first."""
    table = model_eval(findings.runs, split=findings.split)
    accuracies = [name for name in table if name.endswith("_accuracy")]
    table[accuracies] = table[accuracies] * PERCENT
    table = table.rename(columns={name: f"{name}_percent" for name in accuracies})
    title = "Models, best test accuracy first (a ranking made on the test faces)"
    return Section("Models", blocks=[Table("model_eval", title, table, "Accuracies in percent, F1 as a share of 1.")])


def limits(findings: Findings) -> Section:
    """What to beware of, in plain words, and how the figures were made."""
    return Section(
        "Limits and method",
        [
            "Groups are perceived and labelled by annotators, not told by the persons. Emotion labels are votes of "
            "annotators on a face out of its context; where they disagree no model can be right on all.",
            "Accuracy is of the faces that a detector found. Where it finds fewer of one group, accuracy by group "
            "hides that loss.",
            "An interval says how far other faces of the same kind and number could move a figure. It says nothing of "
            "other cameras, countries or ways of labelling.",
            f"Intervals: cluster bootstrap with {findings.replicates:,} replicates, seed 0"
            + (f", over {findings.unit_names}" if findings.unit_names else "")
            + " (expanded percentiles; below ten units Student's t with the degrees of freedom that unequal units "
            "leave). p-values: permutations over whole units. Holm's correction is over the table that it stands in.",
        ],
    )

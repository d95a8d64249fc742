"""Frequency and recall of each emotion, by group."""

from collections.abc import Mapping

import pandas as pd

from analysis.experiments.runs_by_experiment import PERCENT
from analysis.experiments.seeds import ExperimentPredictions
from analysis.tables.columns import keyed
from fer.data.attributes import ALL, RACE, Attribute
from fer.data.emotions import EMOTIONS, in_order
from fer.data.samples import null_row
from fer.evaluation.metrics import confusion_table
from fer.evaluation.predictions import vocabulary_of


def class_distribution(counts: Mapping[str, pd.DataFrame], split: str = "train") -> pd.DataFrame:
    """Return Tables 7 to 9's form: one row per dataset, its ``total`` of faces and those of each emotion.

    The emotions are the seven and those beyond them that a dataset counts.

    ``counts`` maps a dataset's name to its counts by split, as its run logs them. Datasets without the split are left
    out; datasets with the same name (a study run twice) are listed once.
    """
    emotions = in_order({*EMOTIONS, *(column for table in counts.values() for column in table)})
    rows = {
        name: table.set_index("split").loc[split].reindex(["total", *emotions], fill_value=0)
        for name, table in counts.items()
        if split in set(table["split"])
    }
    table = pd.DataFrame(rows).T.reindex(columns=["total", *emotions])
    return table.astype(int).rename_axis("dataset").reset_index()


def group_composition(samples: pd.DataFrame, attribute: Attribute = RACE) -> pd.DataFrame:
    """Return Table 4's columns for the tested faces: ``group, faces, portion_percent``, and one per emotion.

    Faces of no known group are the row :func:`fer.data.samples.null_row`, ``unknown``; the last row is ``all``.
    """
    group = attribute.groups(samples, "the predictions table")
    group = group.fillna(null_row(group))
    emotions = list(vocabulary_of(samples))
    table = pd.crosstab(group, samples["label"]).reindex(columns=emotions, fill_value=0)
    table.loc[ALL] = table.sum()
    faces = table.sum(axis=1)
    table.insert(0, "faces", faces)
    table.insert(1, "portion_percent", faces / len(samples) * PERCENT)
    table.columns.name = None
    return table.rename_axis("group").reset_index()


def recall_by_group(tested: ExperimentPredictions, attribute: Attribute = RACE) -> pd.DataFrame:
    """Return one row per ``emotion``: ``recall_percent/<group>``, a mean over seeds, and ``faces/<group>``.

    A group without faces of the emotion has NaN recall and 0 faces.
    """
    group = tested.group(attribute)
    right = pd.DataFrame({"right": (tested.y_pred == tested.y_true).mean(axis=0) * PERCENT,
                          "emotion": tested.samples["label"], "group": group})  # fmt: skip
    cells = right.dropna(subset="group").groupby(["emotion", "group"])["right"].agg(["mean", "size"]).unstack("group")
    emotions = list(vocabulary_of(tested.samples))
    table = pd.DataFrame(index=pd.Index(emotions, name="emotion"))
    for name in sorted(group.dropna().unique()):
        table[keyed("recall_percent", name)] = cells["mean"][name].reindex(emotions)
        table[keyed("faces", name)] = cells["size"][name].reindex(emotions).fillna(0).astype(int)
    return table.reset_index()


def confusion_shares(tested: ExperimentPredictions) -> pd.DataFrame:
    """Return shares of the true emotion's faces (0..1), rows true and columns predicted, over all seeds.

    The row of an emotion without faces is NaN.
    """
    counts = sum(confusion_table(table) for table in tested.tables)
    totals = counts.sum(axis=1)
    return counts.div(totals.where(totals > 0), axis=0)

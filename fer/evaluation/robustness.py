"""Robustness of a model: predictions and accuracy on corrupted faces, by kind, severity and group."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from fer.data.attributes import ALL, Attribute
from fer.data.dataset import FaceDataset
from fer.data.emotions import EMOTIONS
from fer.evaluation.independent_units import Clusters
from fer.evaluation.perturbations import SEVERITIES, perturb
from fer.evaluation.predictions import Predict
from fer.evaluation.uncertainty import accuracy_by_group

_SEED = 0


def perturbed_predictions(
    model: Predict,
    dataset: FaceDataset,
    kinds: Sequence[str],
    emotions: Sequence[str] = EMOTIONS,
    seed: int = 0,
    batch: int = 256,
) -> pd.DataFrame:
    """Return the emotion predicted for every face under each perturbation: n rows, columns (kind, severity 1 to 5).

    ``model`` is as for :func:`fer.evaluation.predictions.predict`; it predicts each face five times per kind.
    """
    cells = [(kind, severity) for kind in kinds for severity in SEVERITIES]
    codes = np.empty((len(dataset), len(cells)), dtype=np.int64)
    for start in range(0, len(dataset), batch):
        faces = dataset.faces(slice(start, start + batch))
        for column, (kind, severity) in enumerate(cells):
            corrupted = perturb(faces, kind, severity, seed, first=start)
            codes[start : start + batch, column] = np.asarray(model(corrupted)).argmax(axis=1)
    columns = pd.MultiIndex.from_tuples(cells, names=["perturbation", "severity"])
    return pd.DataFrame(np.asarray(emotions)[codes], columns=columns)


def robustness_table(
    predictions: pd.DataFrame, perturbed: pd.DataFrame, group: pd.Series, groups: Sequence[str], clusters: Clusters
) -> pd.DataFrame:
    """Return accuracy by perturbation, severity and group, with severity 0 for the unchanged faces.

    Args:
        predictions: the predictions table of the unchanged faces, n rows.
        perturbed: see :func:`perturbed_predictions`, n rows in the same order.
        group: (n,) group names; a null counts in ``all`` only.
        groups: the groups to return, in order; ``all`` is added before them.
        clusters: the clusters of the n faces, for the intervals.

    Columns: ``perturbation``, ``severity``, ``group``, ``count``, ``clusters``, ``accuracy`` (0..1, NaN for a group
    without faces) with ``low``, ``high`` and ``method`` of its 95 % interval, and ``relative_to_clean`` (accuracy over
    that of severity 0; NaN where that is 0 or NaN).

    """
    counts = pd.Series({"all": len(group), **{name: int(group.eq(name).sum()) for name in groups}}, name="count")

    def one(table: pd.DataFrame) -> pd.DataFrame:
        accuracy = accuracy_by_group(table, group, clusters, groups)
        return pd.concat([counts, accuracy[["clusters", "accuracy", "low", "high", "method"]]], axis=1)

    clean = one(predictions)
    cells = {}
    for kind in perturbed.columns.unique("perturbation"):
        cells[kind, 0] = clean
        for severity, said in perturbed[kind].items():
            # The probabilities remain those of the unchanged faces: accuracy does not use them.
            cells[kind, severity] = one(predictions.assign(predicted=said.to_numpy()))
    before = clean["accuracy"].where(clean["accuracy"] > 0)
    relative = {cell: table.assign(relative_to_clean=table["accuracy"] / before) for cell, table in cells.items()}
    return pd.concat(relative, names=["perturbation", "severity", "group"]).reset_index()


def robustness_by_attribute(
    model: Predict,
    dataset: FaceDataset,
    kinds: Sequence[str],
    emotions: Sequence[str],
    predictions: pd.DataFrame,
    groups: Mapping[Attribute, Sequence[str]],
    clusters: Clusters,
) -> pd.DataFrame:
    """Return :func:`robustness_table` of all faces and of the groups of each attribute, named in ``attribute``.

    The rows of all faces have the attribute and the group ``all``. ``predictions`` and ``clusters`` are of the
    unchanged faces of ``dataset``, in its order. The seed is fixed, so that the corruptions are the same in every
    evaluation.
    """
    perturbed = perturbed_predictions(model, dataset, kinds, emotions, _SEED)
    nobody = pd.Series([None] * len(dataset), dtype="str")
    tables = {ALL: robustness_table(predictions, perturbed, nobody, [], clusters)}
    for attribute, wanted in groups.items():
        table = robustness_table(predictions, perturbed, attribute.groups(predictions), list(wanted), clusters)
        tables[str(attribute)] = table[table["group"] != ALL]
    return pd.concat(tables, names=["attribute"]).reset_index("attribute").reset_index(drop=True)

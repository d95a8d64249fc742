"""A model on faces made worse: what it says by perturbation and severity, and the accuracy that it keeps, a group."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fer.dataset import FaceDataset
from fer.emotions import EMOTIONS
from fer.evaluation import Predict
from fer.perturbations import SEVERITIES, perturb


def perturbed_predictions(
    model: Predict,
    dataset: FaceDataset,
    kinds: Sequence[str],
    emotions: Sequence[str] = EMOTIONS,
    seed: int = 0,
    batch: int = 256,
) -> pd.DataFrame:
    """Return the emotion predicted for every face under each perturbation: n rows, columns (kind, severity 1 to 5).

    ``model`` is as :func:`fer.evaluation.predict` takes it; it is asked 5 times a kind for every face.
    """
    cells = [(kind, severity) for kind in kinds for severity in SEVERITIES]
    told = np.empty((len(dataset), len(cells)), dtype=np.int64)
    for start in range(0, len(dataset), batch):
        faces = dataset.faces(slice(start, start + batch))
        for column, (kind, severity) in enumerate(cells):
            worse = perturb(faces, kind, severity, seed, first=start)
            told[start : start + batch, column] = np.asarray(model(worse)).argmax(axis=1)
    columns = pd.MultiIndex.from_tuples(cells, names=["perturbation", "severity"])
    return pd.DataFrame(np.asarray(emotions)[told], columns=columns)


def robustness_table(
    predictions: pd.DataFrame, perturbed: pd.DataFrame, group: pd.Series, groups: Sequence[str]
) -> pd.DataFrame:
    """Return accuracy by perturbation, severity and group, with severity 0 for the faces as they are.

    Args:
        predictions: the predictions table of the unchanged faces, n rows.
        perturbed: see :func:`perturbed_predictions`, n rows in the same order.
        group: (n,) names; a null is in ``all`` only.
        groups: the groups wanted, in order; ``all`` comes first by itself.

    Columns: ``perturbation``, ``severity``, ``group``, ``count``, ``accuracy`` (0..1, NaN for a group without a face)
    and ``relative_to_clean`` (accuracy over that of severity 0; NaN where that is 0 or NaN).

    """
    label = predictions["label"].to_numpy()
    masks = {"all": np.ones(len(label), dtype=bool)}
    masks |= {name: group.eq(name).fillna(False).to_numpy(dtype=bool) for name in groups}
    clean = predictions["predicted"].to_numpy() == label
    rows = []
    for kind in perturbed.columns.unique("perturbation"):
        right = {0: clean} | {severity: said.to_numpy() == label for severity, said in perturbed[kind].items()}
        for severity, hits in right.items():
            for name, mask in masks.items():
                rows.append((kind, severity, name, int(mask.sum()), _share(hits[mask]), _share(clean[mask])))
    table = pd.DataFrame(rows, columns=["perturbation", "severity", "group", "count", "accuracy", "clean"])
    relative = table["accuracy"] / table["clean"].where(table["clean"] > 0)
    return table.drop(columns="clean").assign(relative_to_clean=relative)


def _share(hits: np.ndarray) -> float:
    return float(hits.mean()) if len(hits) else float("nan")

"""Audit the overlap of a test set with training data: shared ids, near-duplicate faces, accuracy with and without them.

Training means the training split, from which the weights were learned, unless a table says otherwise: the validation
split, which selected the epoch, has rows of its own.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fer.data.attributes import ALL, Attribute
from fer.data.dataset import FaceDataset
from fer.data.samples import CLUSTER_COLUMNS
from fer.evaluation.audits.audit_result import AuditResult
from fer.evaluation.independent_units import Clusters
from fer.evaluation.uncertainty import SLICE_COLUMNS, slice_accuracy
from fer.fairness.leakage import SHARED, UNSEEN, seen_in_training, shared_ids
from fer.fairness.near_duplicates import BITS, THRESHOLD, near_twins, perceptual_hash

_IDS = ("sample_id", *CLUSTER_COLUMNS)
ID_NAMES = {"sample_id": "face"} | {column: column for column in CLUSTER_COLUMNS}
_BATCH = 1024
_PAIRS = 8
_TWIN_COLUMNS = ["sample_id", "label", "split", "nearest", "nearest_label", "distance", "within"]


@dataclass(frozen=True)
class Overlap:
    """What a test set shares with training data: the audit result, and the closest pairs of test and training faces.

    ``pairs`` is uint8 ``(2 p, h, w, c)``: a test face, then its training face, p times. Without a near-duplicate it is
    empty. There is one caption per face.
    """

    result: AuditResult
    pairs: np.ndarray
    captions: list[str]

    @classmethod
    def unknown(cls, reason: str) -> "Overlap":
        """Return the result where the training data are not available: one sentence, which ends in ``reason``."""
        sentence = f"What this test shares with the model's training data is not known: {reason}"
        return cls(AuditResult(sentences=[sentence]), np.empty(0, dtype=np.uint8), [])


def audit_overlap(
    training: Sequence[FaceDataset],
    test: FaceDataset,
    predictions: pd.DataFrame,
    attributes: Sequence[Attribute],
    clusters: Clusters,
) -> Overlap:
    """Audit the n test faces against the training and validation splits of one or more datasets.

    ``predictions`` and ``clusters`` are of the test's faces, in its order. Tables: ``leakage`` (one row per split
    and id column, see :func:`fer.fairness.leakage.shared_ids`), ``near_duplicates`` (one row per test face that has
    one) and ``known_and_unseen`` (accuracy on the faces whose ids or copies are in training and on the rest, also by
    group; only where something is shared). Near-duplicates of drawn faces are listed but have no sentence: they are
    alike by design.
    """
    parts = {split: _of_split(training, split) for split in ("train", "validation")}
    parts = {split: part for split, part in parts.items() if len(part[0])}
    leakage = pd.concat({split: shared_ids(part[0], test.samples, _IDS) for split, part in parts.items()},
                        names=["split"]).reset_index()  # fmt: skip
    twins, pairs, captions = _near_duplicates(parts, test)
    known = _known_and_unseen(parts["train"][0], test.samples, predictions, attributes, clusters)
    tables = {"leakage": leakage, "near_duplicates": twins} | ({"known_and_unseen": known} if len(known) else {})
    sentences = _of_ids(leakage, known, len(test)) + ([] if test.drawn else _of_twins(twins, len(test)))
    return Overlap(AuditResult(tables, _metrics(leakage, twins, known), sentences), pairs, captions)


def hashes_of(dataset: FaceDataset) -> np.ndarray:
    """Return the perceptual hash of every face, uint64 (n,), a batch in memory at a time."""
    starts = range(0, len(dataset), _BATCH)
    return np.concatenate(
        [perceptual_hash(dataset.faces(slice(start, start + _BATCH))) for start in starts]
        or [np.empty(0, dtype=np.uint64)]
    )


def _of_split(training: Sequence[FaceDataset], split: str) -> tuple[pd.DataFrame, list[FaceDataset]]:
    """Return the samples of a split of all datasets, and the datasets of these samples, in the same order."""
    chosen = [dataset.where(dataset.samples["split"] == split) for dataset in training]
    return pd.concat([part.samples for part in chosen], ignore_index=True), chosen


def _near_duplicates(
    parts: dict[str, tuple[pd.DataFrame, list[FaceDataset]]], test: FaceDataset
) -> tuple[pd.DataFrame, np.ndarray, list[str]]:
    mine = hashes_of(test)
    tables, shown = [], []
    for split, (samples, datasets) in parts.items():
        found = near_twins(mine, np.concatenate([hashes_of(dataset) for dataset in datasets]))
        own, twin = test.samples.iloc[found.index], samples.iloc[found["nearest"]]
        found = found.assign(
            sample_id=own["sample_id"].array, label=own["label"].array, split=split,
            twin=twin["sample_id"].array, nearest_label=twin["label"].array,
        )  # fmt: skip
        found = found[found["twin"] != found["sample_id"]]
        if split == "train":
            closest = zip(found["distance"], found.index, found["nearest"], strict=True)
            shown = heapq.nsmallest(_PAIRS, (tuple(map(int, pair)) for pair in closest))
        tables.append(found.assign(nearest=found["twin"])[_TWIN_COLUMNS])
    table = pd.concat(tables, ignore_index=True).sort_values(["split", "distance"], ignore_index=True)
    faces, captions = [], []
    for bits, row, near in shown:
        faces += [test.faces(np.array([row]))[0], _face(parts["train"][1], near)]
        captions += ["test", f"training, {bits} bits"]
    return table, np.array(faces, dtype=np.uint8), captions


def _face(datasets: Sequence[FaceDataset], place: int) -> np.ndarray:
    for dataset in datasets:
        if place < len(dataset):
            return dataset.faces(np.array([place]))[0]
        place -= len(dataset)
    raise IndexError(place)


def _known_and_unseen(
    train: pd.DataFrame,
    test: pd.DataFrame,
    predictions: pd.DataFrame,
    attributes: Sequence[Attribute],
    clusters: Clusters,
) -> pd.DataFrame:
    everyone = pd.Series(ALL, index=predictions.index)
    groups = {ALL: everyone} | {str(attribute): attribute.groups(predictions) for attribute in attributes}
    rows = []
    for column in _IDS:
        seen = seen_in_training(train, test, column).set_axis(predictions.index)
        if not (seen == SHARED).any():
            continue
        for attribute, names in groups.items():
            for group in sorted(names.dropna().unique()):
                here = ((names == group) & seen.notna()).to_numpy(dtype=bool)
                if here.any():
                    accuracy = slice_accuracy(predictions[here], seen[here].rename("part"), clusters.where(here))
                    records = accuracy.reset_index().to_dict("records")
                    rows += [{"column": column, "attribute": attribute, "group": group, **row} for row in records]
    return pd.DataFrame(rows, columns=["column", "attribute", "group", "part", *SLICE_COLUMNS])


def _metrics(leakage: pd.DataFrame, twins: pd.DataFrame, known: pd.DataFrame) -> dict[str, float]:
    train = leakage[leakage["split"] == "train"].set_index("column")
    named = {f"shared_ids/{column}": float(row["shared"]) for column, row in train.iterrows()}
    named |= {f"shared_share/{column}": row["shared_share"] for column, row in train.iterrows()}
    named["near_duplicates"] = float((twins["split"] == "train").sum())
    for row in known.to_dict("records"):
        if row["attribute"] == ALL:
            named[f"accuracy_by_{row['column']}/{row['part']}"] = row["accuracy"]
    return named


def _of_ids(leakage: pd.DataFrame, known: pd.DataFrame, faces: int) -> list[str]:
    sentences = []
    for row in leakage[leakage["split"] == "train"].to_dict("records"):
        column = row["column"]
        if row["shared"] and column == "sample_id":
            sentences.append(f"{row['shared']} of the {faces} faces are in the model's own training data: not a test.")
        elif row["shared"]:
            sentences.append(
                f"{row['shared']} of the {row['test']} {ID_NAMES[column]}s ({row['shared_samples']} of {faces} faces) "
                f"are also in the training data{_apart(known, column)}."
            )
        if row["same_id_elsewhere"]:
            sentences.append(
                f"{row['same_id_elsewhere']} {ID_NAMES[column]} ids also name something in other sources of the "
                "training data: if they are the same persons or clips, more is shared than is counted."
            )
    return sentences


def _of_twins(twins: pd.DataFrame, faces: int) -> list[str]:
    close = int((twins["split"] == "train").sum())
    if not close:
        return []
    return [
        f"{close} of the {faces} faces have a near-duplicate in the training data (of a perceptual hash at most "
        f"{THRESHOLD} of {BITS} bits differ)."
    ]


def _apart(known: pd.DataFrame, column: str) -> str:
    rows = known[(known["column"] == column) & (known["attribute"] == ALL)].set_index("part")["accuracy"]
    if UNSEEN not in rows:
        return ""
    return f": accuracy {rows[SHARED]:.1%} on these, {rows[UNSEEN]:.1%} on the others"

"""Inconsistencies in a dataset: one picture with two labels, groups whose names differ only in case or form."""

import hashlib
import unicodedata
from collections.abc import Sequence

import numpy as np
import pandas as pd

from fer.data.dataset import FaceDataset

_BATCH = 2048
_NAMED = 3
# More values than any attribute has groups: ids, file names.
_MOST_GROUPS = 200


def conflicting_labels(dataset: FaceDataset) -> pd.DataFrame:
    """Return the faces whose exact pixels also occur with another emotion, one row per face.

    Columns: ``picture`` (a number shared by the faces of one picture), ``sample_id``, ``label``, ``split``. At most
    one of a picture's labels is right. Faces of one gray level are ignored.
    """
    pictures = pd.Series(_picture_digests(dataset), index=dataset.samples.index, dtype="object")
    labels = dataset.samples["label"].groupby(pictures).transform("nunique")
    rows = dataset.samples.loc[labels > 1, ["sample_id", "label", "split"]]
    rows.insert(0, "picture", pd.factorize(pictures[rows.index])[0])
    return rows.sort_values("picture", kind="stable", ignore_index=True)


def label_conflict_warning(conflicts: pd.DataFrame) -> str | None:
    """Return a sentence on :func:`conflicting_labels`; None if there are none."""
    if conflicts.empty:
        return None
    first = conflicts[conflicts["picture"] == 0]
    shown = " and ".join(f"{row['sample_id']} ({row['label']}, {row['split']})" for row in first[:2].to_dict("records"))
    pictures = conflicts["picture"].nunique()
    counts = conflicts.drop_duplicates(["picture", "split"])["split"].value_counts()
    splits = ", ".join(f"{split}: {count}" for split, count in counts.items())
    have = "picture has" if pictures == 1 else "pictures have"
    return (
        f"{pictures:,} {have} two labels or more ({splits}), such as {shown}: at most one of them is right "
        "(conflicting_labels.csv)."
    )


def similar_groups(samples: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """Return a sentence for groups of a column whose names differ only in case, blanks or Unicode form."""
    sentences = []
    for column in columns:
        counts = samples[column].dropna().astype("str").value_counts()
        if len(counts) > _MOST_GROUPS:
            continue
        alike: dict[str, list[str]] = {}
        for name in counts.index:
            alike.setdefault(" ".join(unicodedata.normalize("NFKC", name).casefold().split()), []).append(name)
        for names in [names for names in alike.values() if len(names) > 1][:_NAMED]:
            shown = " and ".join(f"{name!r} ({counts[name]:,})" for name in names)
            sentences.append(
                f"{column} has the groups {shown}, which differ only in case, blanks or form and are counted apart; if "
                "they are one, correct the table."
            )
    return sentences


def _picture_digests(dataset: FaceDataset) -> list[bytes | None]:
    digests: list[bytes | None] = []
    for start in range(0, len(dataset), _BATCH):
        faces = dataset.faces(np.arange(start, min(start + _BATCH, len(dataset))))
        flat = faces.reshape(len(faces), -1)
        plain = flat.min(axis=1) == flat.max(axis=1)
        digests += [
            None if empty else hashlib.blake2b(face.tobytes(), digest_size=16).digest()
            for face, empty in zip(flat, plain, strict=True)
        ]
    return digests

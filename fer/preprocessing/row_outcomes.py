"""Outcome of every row of the raw data: a face, or lost with a reason; and which lost rows are damaged."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fer.data.dataset import LOST_COLUMNS
from fer.data.lost import own_groups, with_text
from fer.errors import InputError
from fer.preprocessing.cropping import pose_of
from fer.preprocessing.extraction.results import DAMAGE, FACE
from fer.sources.listing import REJECTED_COLUMNS

# Columns that the source does not have are missing from the lost rows too.
_KNOWN_OF_LOST = (*LOST_COLUMNS, "dataset", "video", "frame")
_DETECTION = ("face_x", "face_y", "face_width", "face_height", "confidence", "detector", "yaw", "other_faces")


@dataclass(frozen=True)
class Account:
    """Outcomes of the rows.

    Attributes:
        samples: n rows with a face and its detection (box, confidence, yaw, ...).
        positions: int64 (n,) their positions in the listing.
        lost: the other rows, with the groups that the source knows and ``reason`` in a word or two ("no face", "frame
            missing", "label contempt dropped").
        rejected: the damaged ones of these: ``file``, ``kind``, ``reason`` in a sentence.

    """

    samples: pd.DataFrame
    positions: np.ndarray
    lost: pd.DataFrame
    rejected: pd.DataFrame


def account(
    samples: pd.DataFrame, records: pd.DataFrame, rejected: pd.DataFrame, dropped: pd.DataFrame, name: str
) -> Account:
    """Separate faces from lost rows.

    Args:
        samples: n rows that were processed.
        records: n rows, see :class:`fer.preprocessing.extraction.Extraction`, in the same order.
        rejected: rows refused while listing, see :func:`fer.sources.listing.rejections`.
        dropped: rows dropped for their label, with ``reason``.
        name: of the dataset, which prefixes every ``sample_id`` as in the dataset itself.

    """
    outcome = records["outcome"].to_numpy()
    damaged = np.isin(outcome, DAMAGE)
    own = own_groups(samples)
    rows, dropped = with_text(samples, own), with_text(dropped, own)
    refused = rows[damaged].assign(
        file=rows["sample_id"][damaged], kind=outcome[damaged], reason=records["reason"].to_numpy()[damaged]
    )
    missed = rows[(outcome != FACE) & ~damaged].assign(reason=outcome[(outcome != FACE) & ~damaged])
    rejected = pd.concat([rejected, refused], ignore_index=True)
    lost = pd.concat([rejected.assign(reason=rejected["kind"]), dropped, missed], ignore_index=True)
    if "sample_id" not in lost:
        lost["sample_id"] = None
    if "file" in lost:
        lost["sample_id"] = lost["sample_id"].fillna(lost["file"])
    lost["sample_id"] = name + "/" + lost["sample_id"].astype("str")
    good = np.flatnonzero(outcome == FACE)
    return Account(
        _with_findings(samples, records).iloc[good], good, _lost(lost, own), rejected[list(REJECTED_COLUMNS)]
    )


def refuse_damage(rejected: pd.DataFrame, listed: int, most: float, name: str) -> None:
    """Raise InputError if more than the share ``most`` (0..1) of ``listed`` rows, or all of them, are rejected."""
    share = len(rejected) / max(listed, 1)
    if len(rejected) and (share > most or len(rejected) == listed):
        first = rejected.iloc[0]
        raise InputError(
            f"{name}: {len(rejected)} of {listed} rows ({share:.1%}) were rejected, more than max_rejected={most:.1%}; "
            f"the first is {first['file']} ({str(first['reason']).rstrip('.')}): fix them or raise max_rejected."
        )


def shared_faces(samples: pd.DataFrame) -> pd.DataFrame:
    """Return the samples whose face is, in the same frame, also another sample's face (boxes overlap by 0.9 or more).

    Two persons' boxes overlap, and the surest face in both is one: one of the two labels then belongs to
    another face. The rows are kept, as in the studies; they are counted and named.
    """
    columns = ["sample_id", "label", "split", "video", "frame"]
    if "face_x" not in samples or "frame" not in samples or "video" not in samples:
        return pd.DataFrame(columns=columns)
    twice = np.zeros(len(samples), dtype=bool)
    boxes = samples[["face_x", "face_y", "face_width", "face_height"]].to_numpy(dtype=float)
    for rows in samples.groupby(["video", "frame"]).indices.values():
        for place, row in enumerate(rows):
            others = rows[place + 1 :]
            same = others[overlap(boxes[row], boxes[others]) >= 0.9]
            twice[same] = True
            twice[row] |= len(same) > 0
    return samples.loc[twice, columns]


def overlap(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return intersection over union, float (k,) in 0..1, of a box (4,) with others (k, 4); x, y, width, height."""
    least = np.maximum(box[:2], others[:, :2])
    most = np.minimum(box[:2] + box[2:], others[:, :2] + others[:, 2:])
    shared = np.prod(np.clip(most - least, 0, None), axis=1)
    return shared / (box[2] * box[3] + others[:, 2] * others[:, 3] - shared)


def _with_findings(samples: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """Add the columns of the detection; values that the detector does not give add no column."""
    if records["detector"].isna().all():
        return samples
    known = {name: records[name].to_numpy() for name in _DETECTION if records[name].notna().any()}
    if "yaw" in known:
        known["pose"] = np.array([pose_of(value) for value in known["yaw"]], dtype=object)
    return samples.assign(**known)


def _lost(rows: pd.DataFrame, own: Sequence[str]) -> pd.DataFrame:
    # Of no lost rows the table stays as it was in earlier versions, and with it the dataset's digest.
    also = own if len(rows) else ()
    known = [name for name in (*_KNOWN_OF_LOST, *also) if name in LOST_COLUMNS or name in rows]
    table = rows.reindex(columns=known)
    kinds = {name: "Int64" if name == "frame" else "str" for name in table}
    return table.astype(kinds)

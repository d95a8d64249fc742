"""The rows of raw data without a face in the dataset: by reason, and by group compared with the faces kept."""

import pandas as pd

from fer.data.attributes import Attribute
from fer.data.dataset import FaceDataset
from fer.data.lost import lost_by, own_groups
from fer.data.samples import GROUP_COLUMNS, SPLITS, known_columns, null_row
from fer.preprocessing.extraction.results import NO_FACE
from fer.record import Record
from fer.storage.file_names import file_part
from fer.text.name_parts import metric_part
from fer.tracking import names

_LEAST_ROWS = 20
_UNEQUAL = 0.1


def lost_record(dataset: FaceDataset) -> Record:
    """Return the counts of lost rows by reason and split, and by group compared with the faces kept; and warnings."""
    lost = dataset.lost
    metrics = {names.LOST_ROWS: float(len(lost))}
    metrics |= {f"data/lost/{metric_part(why)}": float(count) for why, count in lost["reason"].value_counts().items()}
    tables = {}
    if len(lost):
        tables["lost/reason.csv"] = pd.crosstab(lost["reason"], lost["split"].fillna("none")).reset_index()
    for column in lost_by(dataset.samples, lost):
        shares, slug = lost_by_group(dataset, column), Attribute((column,)).slug
        tables[f"lost/{file_part(slug)}.csv"] = shares
        whole = shares[shares["split"] == "all"]
        metrics |= {
            f"data/lost_share/{slug}/{metric_part(str(row['group']))}": row["share_lost"]
            for row in whole.to_dict("records")
        }
    return Record(metrics=metrics, tables=tables, warnings=loss_warnings(dataset))


def lost_by_group(dataset: FaceDataset, column: str) -> pd.DataFrame:
    """Return how many rows the detector found no face in, one row per split (and "all") and group.

    Columns: ``split``, ``group``, ``faces``, ``no_face``, ``share_lost`` (0..1: no_face / (faces + no_face); NaN if
    both are 0) and ``other``: rows lost for other reasons than the detector (damage, dropped labels, a limit).
    """
    tables = {
        "faces": dataset.samples,
        "no_face": dataset.lost[dataset.lost["reason"] == NO_FACE],
        "other": dataset.lost[dataset.lost["reason"] != NO_FACE],
    }
    null = null_row(dataset.samples[column], dataset.lost[column])
    known = {name: table[["split", column]].astype("str").fillna(null) for name, table in tables.items()}
    rows = []
    for split in (*SPLITS, "all"):
        counts = pd.DataFrame(
            {
                name: (table if split == "all" else table[table["split"] == split])[column].value_counts()
                for name, table in known.items()
            }
        ).reindex(columns=list(tables))
        rows.append(counts.fillna(0).astype(int).rename_axis("group").reset_index().assign(split=split))
    whole = pd.concat(rows, ignore_index=True)
    looked_for = whole["faces"] + whole["no_face"]
    whole["share_lost"] = whole["no_face"] / looked_for.where(looked_for > 0)
    return whole[["split", "group", "faces", "no_face", "share_lost", "other"]]


def loss_warnings(dataset: FaceDataset) -> list[str]:
    """Return a warning for each attribute whose groups lost unequal shares of their rows.

    Unequal means a difference of at least 10 percentage points between two groups of at least 20 rows each. What is
    measured on the remaining faces does not hold for those that were not found.
    """
    sentences = []
    for column in known_columns(dataset.lost, [*GROUP_COLUMNS, *own_groups(dataset.samples)]):
        shares = lost_by_group(dataset, column)
        null = null_row(dataset.samples[column], dataset.lost[column])
        shares = shares[(shares["split"] == "all") & (shares["group"] != null)]
        shares = shares[shares["faces"] + shares["no_face"] >= _LEAST_ROWS]
        if len(shares) < 2:
            continue
        ordered = shares.sort_values("share_lost")
        least, most = ordered.iloc[0], ordered.iloc[-1]
        if most["share_lost"] - least["share_lost"] >= _UNEQUAL:
            sentences.append(
                f"the detector found no face in {most['share_lost']:.1%} of the rows of {column} {most['group']}, but "
                f"in {least['share_lost']:.1%} for {least['group']}: accuracy by {column} covers only the faces found."
            )
    return sentences

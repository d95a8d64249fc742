"""The samples table of a FaceDataset: one row per face, with its label, split and metadata.

Required columns: ``sample_id`` (unique, ``<source>/<name within the source>``), ``label`` (a canonical
emotion), ``split`` (train, validation or test), ``source`` (the packed dataset that holds the pixels)
and ``row`` (0-based index into the faces of ``source``). Known optional columns are listed below;
any further column (a user's own group) is kept as it is. Missing knowledge is null, never a value.
"""

from collections.abc import Sequence

import pandas as pd

from fer.data.emotions import ALL_EMOTIONS, EMOTIONS, in_order
from fer.errors import InputError

SPLITS: tuple[str, ...] = ("train", "validation", "test")
REQUIRED: tuple[str, ...] = ("sample_id", "label", "split", "source", "row")


def votes_column(emotion: str) -> str:
    """Return the name of the column that counts the annotators who chose an emotion: ``votes_happy``."""
    return f"votes_{emotion}"


# How many annotators chose each emotion, and how many chose none: "I do not know", "there is no face" (of FER+).
VOTES: tuple[str, ...] = tuple(map(votes_column, ALL_EMOTIONS))
OTHER_VOTES: tuple[str, ...] = ("votes_unknown", "votes_not_a_face")
GROUP_COLUMNS: tuple[str, ...] = ("race", "gender", "age_group")
# Besides the sensitive groups: other columns by which counts and metrics can be reported.
COUNTED_COLUMNS: tuple[str, ...] = (*GROUP_COLUMNS, "dataset", "pose", "origin")
UNKNOWN = "unknown"
PERSON, CLIP, VIDEO = "person", "clip", "video"
CLUSTER_COLUMNS: tuple[str, ...] = (PERSON, CLIP, VIDEO)

# Detection of a face: its box in pixels of the frame or image, the detector's confidence (0..1), the number of further
# faces, the yaw of the head in degrees and its bin (:mod:`fer.preprocessing.cropping`).
BOX: tuple[str, ...] = ("face_x", "face_y", "face_width", "face_height")
DETECTION: tuple[str, ...] = (
    "detector", "confidence", *BOX, "other_faces", "yaw", "pose",
)  # fmt: skip
# Of faces whose label is FER+'s: that of FER2013.
FER2013_LABEL = "fer2013_label"
# For made faces: the method, and the parents (null where there is no single one).
MADE_FROM = "made_from"
ORIGIN: tuple[str, ...] = ("origin", MADE_FROM)

# Columns that predictions add to those of the samples: no dataset may have them.
PREDICTED: tuple[str, ...] = ("predicted", *(f"p_{emotion}" for emotion in ALL_EMOTIONS))

_TEXT = (
    "sample_id", "label", "split", "source", "dataset", "usage", "skin_color", "detector", "pose", FER2013_LABEL,
    *GROUP_COLUMNS,
    *CLUSTER_COLUMNS, *ORIGIN,
)  # fmt: skip
_WHOLE = ("row", "frame", "other_faces", *VOTES, *OTHER_VOTES)
_REAL = ("confidence", *BOX, "yaw")
KNOWN = (
    *REQUIRED, "dataset", "usage", *GROUP_COLUMNS, "skin_color", *CLUSTER_COLUMNS, "frame", *VOTES,
    *OTHER_VOTES, FER2013_LABEL, *DETECTION, *ORIGIN,
)  # fmt: skip


def conform(samples: pd.DataFrame) -> pd.DataFrame:
    """Return ``samples`` with a plain index, the known columns first and typed, others after by name.

    Whole numbers become nullable ``Int64``, text ``str``, reals ``Float64``. Columns that a source does
    not know stay absent: absence and null mean the same.
    """
    ordered = [name for name in KNOWN if name in samples]
    ordered += sorted(name for name in samples if name not in KNOWN)
    kinds = {name: "str" for name in _TEXT} | {name: "Int64" for name in _WHOLE}
    kinds |= {name: "Float64" for name in _REAL}
    table = samples.loc[:, ordered].reset_index(drop=True)
    return table.astype({name: kind for name, kind in kinds.items() if name in table})


def check_samples(samples: pd.DataFrame, where: str, emotions: tuple[str, ...] = EMOTIONS) -> None:
    """Raise InputError, naming ``where`` and the first invalid value, unless the table is valid.

    ``emotions`` is the label vocabulary: any other label is invalid.
    """
    missing = [name for name in REQUIRED if name not in samples]
    if missing:
        raise InputError(f"{where} lacks the column(s) {', '.join(missing)}; preprocess it again.")
    if samples.empty:
        raise InputError(f"{where} has no samples; check the folder and the options it was made from.")
    for name, valid in (("label", emotions), ("split", SPLITS)):
        wrong = samples.loc[~samples[name].isin(valid), ["sample_id", name]]
        if len(wrong):
            first = wrong.iloc[0]
            raise InputError(
                f"{where}: sample {first['sample_id']} has the {name} {first[name]!r}; "
                f"it must be one of {', '.join(valid)}."
            )
    repeated = samples.loc[samples["sample_id"].duplicated(), "sample_id"]
    if len(repeated):
        raise InputError(f"{where}: sample_id {repeated.iloc[0]} occurs twice; every face needs its own.")


def null_row(*groups: pd.Series) -> str:
    """Return the name of the row for samples without a known group: ``unknown``, unless a group has this name."""
    taken = {str(value) for values in groups for value in values.dropna().unique()}
    name = UNKNOWN
    while name in taken:
        name = f"({name})"
    return name


def count_table(samples: pd.DataFrame, by: str = "split", emotions: Sequence[str] = ()) -> pd.DataFrame:
    """Count samples: one row per value of ``by``, ``total`` and one column per emotion (Tables 4, 7-9).

    The columns are the seven emotions and, beyond them, those of the vocabulary ``emotions`` and of the labels. Samples
    with a null ``by`` are counted in the row that :func:`null_row` names.
    """
    groups = samples[by]
    if groups.isna().any():
        groups = groups.astype("str").fillna(null_row(groups))
    table = pd.crosstab(groups, samples["label"])
    table = table.reindex(columns=list(in_order({*EMOTIONS, *emotions, *table.columns})), fill_value=0)
    table.insert(0, "total", table.sum(axis=1))
    table.columns.name = None
    if by == "split":
        table = table.reindex([split for split in SPLITS if split in table.index])
    return table


def known_columns(table: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """Return those of the columns that a table has with at least one value, in their order."""
    return [column for column in columns if column in table and table[column].notna().any()]


def qualified_ids(samples: pd.DataFrame, column: str) -> pd.Series:
    """Return the ids of a column as ``<source>/<id>``, text or null (n,): person 01 of two sources is two persons.

    A face that was made from another one (``made_from``) keeps that one's source.
    """
    ids = samples[column].astype("str")
    if "source" not in samples:
        return ids
    return sources_of(samples) + "/" + ids


def sources_of(samples: pd.DataFrame) -> pd.Series:
    """Return the source of each sample's ids: for a made face, its parent's."""
    sources = samples["source"].astype("str")
    if MADE_FROM not in samples or samples[MADE_FROM].isna().all():
        return sources
    parents = samples[MADE_FROM].astype("str")
    by_sample = pd.Series(sources.to_numpy(), index=samples["sample_id"].astype("str"))
    known = parents.map(by_sample)
    # The parent may have been removed. Its name begins with its source's: the longest match is the source.
    for source in sorted(sources.unique(), key=len):
        known = known.mask(known.isna() & parents.str.startswith(f"{source}/", na=False), source)
    return known.fillna(sources).astype("str")

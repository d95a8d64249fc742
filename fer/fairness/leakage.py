"""Leakage between training and test: shared persons, clips and videos, and the test samples that they affect.

An id counts as shared where the same source has it in both. Different sources may use one id for two persons, or two
ids for one person: ids that agree across sources are counted separately.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

COLUMNS = ("person", "clip", "video")
SHARED, UNSEEN = "shared", "unseen"
_COUNTED = (
    "train", "test", "shared", "test_samples", "shared_samples", "shared_share", "unknown_samples",
    "same_id_elsewhere",
)  # fmt: skip


def shared_ids(
    train: pd.DataFrame, test: pd.DataFrame, columns: Sequence[str] = COLUMNS, source: str = "source"
) -> pd.DataFrame:
    """Return the number of ids and of test samples shared by training and test: one row per id column.

    Args:
        train: n rows with id columns; a missing column is unknown for all rows.
        test: m rows likewise.
        columns: the id columns; those that neither table has are left out.
        source: column with the source of the ids; without it all ids are of one source.

    Columns: ``train`` and ``test`` (distinct ids), ``shared`` (of them in both), ``test_samples`` (whose id is known),
    ``shared_samples`` (of them with a shared id), ``shared_share`` (0..1, NaN without a known id), ``unknown_samples``
    (test samples without an id) and ``same_id_elsewhere`` (test ids that only *other* sources of the training have).

    """
    rows = {}
    for column in columns:
        if not (_known(train, column).any() or _known(test, column).any()):
            continue
        ids, others = _ids(test, column, source), _ids(train, column, source)
        here, there = set(ids.dropna()), set(others.dropna())
        shared = here & there
        named = {value for _, value in there}
        in_both = int(ids.isin(shared).sum())
        known = int(ids.notna().sum())
        rows[column] = {
            "train": len(there),
            "test": len(here),
            "shared": len(shared),
            "test_samples": known,
            "shared_samples": in_both,
            "shared_share": in_both / known if known else np.nan,
            "unknown_samples": len(ids) - known,
            "same_id_elsewhere": sum(value in named for _, value in here - shared),
        }
    table = pd.DataFrame(list(rows.values()), index=pd.Index(list(rows), name="column"), columns=list(_COUNTED))
    return table.astype({name: int for name in _COUNTED if name != "shared_share"})


def shared_between_splits(
    samples: pd.DataFrame, columns: Sequence[str] = COLUMNS, split: str = "split", source: str = "source"
) -> pd.DataFrame:
    """Return :func:`shared_ids` for each pair of splits of a table: MultiIndex (first, second, column)."""
    parts = dict(iter(samples.groupby(split, sort=False)))
    tables = {
        (first, second): shared_ids(parts[first], parts[second], columns, source)
        for first, second in combinations(parts, 2)
    }
    tables = {pair: table for pair, table in tables.items() if len(table)}
    if not tables:
        return pd.DataFrame()
    return pd.concat(tables, names=["first", "second"]).rename(columns={"train": "in_first", "test": "in_second"})


def seen_in_training(train: pd.DataFrame, test: pd.DataFrame, column: str, source: str = "source") -> pd.Series:
    """Return for each of m test samples whether its id in ``column`` is ``shared`` or ``unseen``; null without an id.

    The result can serve as an attribute, to report accuracy on persons seen in training and on unseen ones.
    """
    ids = _ids(test, column, source)
    seen = pd.Series(np.where(ids.isin(set(_ids(train, column, source).dropna())), SHARED, UNSEEN), index=test.index)
    return seen.where(ids.notna()).rename(f"{column}_in_training")


def _known(table: pd.DataFrame, column: str) -> pd.Series:
    return table[column].notna() if column in table else pd.Series(False, index=table.index)


def _ids(table: pd.DataFrame, column: str, source: str) -> pd.Series:
    """Return one (source, id) per row; null where the id is null."""
    known = _known(table, column)
    ids = pd.Series([None] * len(table), index=table.index, dtype="object")
    if known.any():
        names = table.loc[known, source] if source in table else [""] * int(known.sum())
        ids[known] = pd.Series(list(zip(names, table.loc[known, column], strict=True)), index=ids.index[known])
    return ids

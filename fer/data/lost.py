"""Lost rows: rows of the raw data without a face, by group and by whether a user would have expected a prediction."""

from collections.abc import Iterable

import pandas as pd

from fer.data.attributes import group_columns
from fer.data.samples import COUNTED_COLUMNS, known_columns

# Rows left out on purpose: by the limit, or by labels or emotions that were not requested (fer.data.labels).
LIMITED = "left out by limit"

# What lost rows say of a rejected file: a user's column of this name is none of theirs.
_OF_REJECTION = ("file", "kind", "reason")
_LEFT_OUT = rf"label .* dropped|emotion .* not asked for|{LIMITED}"


def own_groups(samples: pd.DataFrame) -> list[str]:
    """Return the columns with a user's own groups, which lost rows keep beside the known ones.

    Example:
        >>> own_groups(pd.DataFrame({"sample_id": ["1", "2"], "race": ["x", "y"], "skin tone": ["I", "VI"]}))
        ['skin tone']

    """
    return [name for name in group_columns(samples) if name not in (*COUNTED_COLUMNS, *_OF_REJECTION)]


def with_text(rows: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """Return rows with these of their columns as text: numbers would be written otherwise beside missing ones."""
    return rows.astype(dict.fromkeys((name for name in columns if name in rows), "str"))


def lost_by(samples: pd.DataFrame, lost: pd.DataFrame) -> list[str]:
    """Return the columns by whose groups lost rows can be counted: known ones with a value, then a user's own."""
    return known_columns(lost, [*COUNTED_COLUMNS, *own_groups(samples)])


def without_answer(lost: pd.DataFrame) -> pd.DataFrame:
    """Return the lost rows that count as wrong end to end: no face found or damaged, but not left out on purpose."""
    return lost[~lost["reason"].astype("str").str.fullmatch(_LEFT_OUT).fillna(False).astype(bool)]

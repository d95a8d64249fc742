"""EiLA's ``annotations.csv`` and ``demographics.csv``, and its rules for label and split.

Rules as released (they reproduce every released face): label = the majority of three valid votes, the
first if all differ, and the first of two or one; split = train for one valid vote, validation for two,
test for three.
"""

import ast
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from fer.emotions import canonical_emotion
from fer.errors import InputError

NO_VOTE = "No annotation"
RACES = {"W": "white", "B": "black", "M": "mixed"}
GENDERS = {"M": "male", "F": "female"}
_ANNOTATION_COLUMNS = ("Video Tag", "Clip Id", "Labels", "Frame Number", "Person Id")
_DEMOGRAPHIC_COLUMNS = (
    "Video Tag", "Clip Id", "Person Id", "Person Global Id", "Perceived Race", "Perceived Gender", "Skin Color",
)  # fmt: skip
_SPLIT_OF_VOTES = {1: "train", 2: "validation", 3: "test"}


def parse_votes(literal: str) -> list[str]:
    """Return the valid votes, canonical and in order, of a ``Labels`` literal: three of ``['Happy']`` or no vote.

    Raises InputError for a literal that is not a list, and for an unknown word.
    """
    try:
        entries = ast.literal_eval(literal)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        raise InputError(f"Labels {literal!r} is no Python list of votes") from None
    if not isinstance(entries, list) or not entries:
        raise InputError(f"Labels {literal!r} is no Python list of votes")
    votes = []
    for entry in entries:
        words = entry if isinstance(entry, list) else [entry]
        votes += [canonical_emotion(str(word)) for word in words if word != NO_VOTE]
    return votes


def label_of(votes: Sequence[str]) -> str | None:
    """Return the label by EiLA's vote rule; None without a vote."""
    if not votes:
        return None
    word, count = Counter(votes).most_common(1)[0]
    return word if count > 1 and len(votes) > 2 else votes[0]


def split_of(votes: Sequence[str]) -> str | None:
    """Return the released split by the number of valid votes; None without a vote."""
    return _SPLIT_OF_VOTES.get(len(votes))


def read_annotations(path: Path) -> pd.DataFrame:
    """Return the annotations in file order: ``video, clip_id, person_id, frame, votes`` (list of words)."""
    table = _read_csv(path, _ANNOTATION_COLUMNS)
    votes = []
    for row, literal in enumerate(table["Labels"]):
        try:
            votes.append(parse_votes(literal))
        except InputError as error:
            raise InputError(f"{path}, row {row}: {error}; correct this row.") from None
    return pd.DataFrame(
        {
            "video": table["Video Tag"],
            "clip_id": _whole(table, "Clip Id", path),
            "person_id": _whole(table, "Person Id", path),
            "frame": _whole(table, "Frame Number", path),
            "votes": votes,
        }
    )


def read_demographics(path: Path) -> dict[tuple[str, int, int], dict[str, str | None]]:
    """Return race, gender, person and skin_color (hex) by (video tag, clip id, person id)."""
    table = _read_csv(path, _DEMOGRAPHIC_COLUMNS)
    people = {}
    clips, persons = _whole(table, "Clip Id", path), _whole(table, "Person Id", path)
    for row, clip, person in zip(table.to_dict("records"), clips, persons, strict=True):
        key = (row["Video Tag"], int(clip), int(person))
        people[key] = {
            "person": row["Person Global Id"],
            "race": RACES.get(row["Perceived Race"]),
            "gender": GENDERS.get(row["Perceived Gender"]),
            "skin_color": row["Skin Color"],
        }
    return people


def _whole(table: pd.DataFrame, column: str, path: Path) -> pd.Series:
    """Return a column as int64; InputError names the first row (0-based, as EiLA counts) that is no whole number."""
    values = pd.to_numeric(table[column], errors="coerce")
    wrong = values.isna() | (values % 1 != 0)
    if wrong.any():
        row = int(wrong.idxmax())
        raise InputError(f"{path}, row {row}: {column} {table[column][row]!r} is no whole number; correct this row.")
    return values.astype("int64")


def _read_csv(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    if not path.is_file():
        raise InputError(f"eila: there is no {path}; it is part of the release.")
    try:
        table = pd.read_csv(path, dtype="str", keep_default_na=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is no CSV table ({str(error).strip()}); take it from the release.") from error
    missing = [name for name in columns if name not in table]
    if missing:
        raise InputError(f"{path} lacks the column(s) {', '.join(missing)}; take it from the release.")
    return table

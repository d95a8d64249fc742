"""EiLA's ``annotations.csv`` and ``demographics.csv``, and its rules for label and split.

Rules as released (they reproduce every released face): label = the majority of three valid votes, the
first if all differ, and the first of two or one; split = train for one valid vote, validation for two,
test for three. The paper's text has train and test the other way round (``paper-text``).

A damaged row has a ``problem``, in a sentence, and keeps its position, since rows are counted by position. A
file that is not a table is refused.
"""

import ast
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from fer.data.emotions import EMOTIONS, canonical_emotion
from fer.errors import InputError
from fer.sources.delimited import read_delimited, real

NO_VOTE = "No annotation"
RACES = {"W": "white", "B": "black", "M": "mixed"}
GENDERS = {"M": "male", "F": "female"}
_ANNOTATION_COLUMNS = (
    "Video Tag", "Clip Id", "Labels", "Frame Number", "X", "Y", "Width", "Height", "Person Id",
)  # fmt: skip
_DEMOGRAPHIC_COLUMNS = (
    "Video Tag", "Clip Id", "Person Id", "Person Global Id", "Perceived Race", "Perceived Gender", "Skin Color",
)  # fmt: skip
SPLIT_RULES = {
    "released": {1: "train", 2: "validation", 3: "test"},
    "paper-text": {1: "test", 2: "validation", 3: "train"},
}
_VOTES = 3
_PROBLEM, _DECIMAL_COMMA = "(problem)", "(decimal comma)"
# Frame numbers, ids and percents beyond these are damage, not data.
_MOST = 10**9


def parse_votes(literal: str) -> list[str]:
    """Return the valid votes, canonical and in order, of a ``Labels`` literal: three of ``['Happy']`` or no vote.

    Raises InputError for a literal that is no list of three, and for an unknown word.
    """
    try:
        entries = ast.literal_eval(literal.strip())
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        raise InputError(f"Labels {literal!r} is no Python list of votes") from None
    if not isinstance(entries, list) or len(entries) != _VOTES:
        raise InputError(f"Labels {literal!r} is no Python list of {_VOTES} votes")
    votes = []
    for entry in entries:
        if entry == NO_VOTE:
            continue
        if not isinstance(entry, list) or len(entry) != 1 or not isinstance(entry[0], str):
            raise InputError(f"Labels {literal!r}: {entry!r} is neither ['<emotion>'] nor {NO_VOTE!r}")
        if entry[0] != NO_VOTE:
            votes.append(canonical_emotion(entry[0], EMOTIONS))
    return votes


def label_of(votes: Sequence[str]) -> str | None:
    """Return the label by EiLA's vote rule; None without a vote."""
    if not votes:
        return None
    word, count = Counter(votes).most_common(1)[0]
    return word if count > 1 and len(votes) > 2 else votes[0]


def split_of(votes: Sequence[str], rule: str = "released") -> str | None:
    """Return the split by the number of valid votes under a rule of :data:`SPLIT_RULES`; None without a vote."""
    return SPLIT_RULES[rule].get(len(votes))


def read_annotations(path: Path) -> pd.DataFrame:
    """Return the annotations by place in the file (index from 0, as EiLA counts).

    Columns: ``video``, ``clip_id``, ``person_id``, ``frame``, ``x``, ``y``, ``width``, ``height`` (percent of
    the frame; x and y may be negative, the box may overshoot), ``votes`` (list of words) and ``problem``
    (None, or why the row cannot be used: then the other columns are None).
    """
    rows = []
    for fields in _read_csv(path, _ANNOTATION_COLUMNS):
        try:
            rows.append({**_annotation(fields), "problem": None})
        except InputError as error:
            rows.append({"problem": str(error).rstrip(".")})
    columns = ["video", "clip_id", "person_id", "frame", "x", "y", "width", "height", "votes", "problem"]
    # As objects: in a numeric column, None would turn integers into floats.
    return pd.DataFrame([[row.get(name) for name in columns] for row in rows], columns=columns, dtype="object")


def _annotation(fields: dict[str, str]) -> dict[str, object]:
    _refuse_wrong_length(fields)
    if not fields["Video Tag"]:
        raise InputError("Video Tag is empty")
    box = {name.lower(): _real(fields, name) for name in ("X", "Y", "Width", "Height")}
    if box["width"] <= 0 or box["height"] <= 0:
        raise InputError(f"the box is {box['width']:g} x {box['height']:g} percent; both must be above 0")
    if box["x"] + box["width"] <= 0 or box["y"] + box["height"] <= 0 or box["x"] >= 100 or box["y"] >= 100:
        raise InputError(f"the box at {box['x']:g}, {box['y']:g} percent lies outside the frame")
    return {
        "video": fields["Video Tag"],
        "clip_id": _whole(fields, "Clip Id"),
        "person_id": _whole(fields, "Person Id"),
        "frame": _whole(fields, "Frame Number"),
        **box,
        "votes": parse_votes(fields["Labels"]),
    }


def read_demographics(path: Path) -> tuple[dict[tuple[str, int, int], dict[str, str | None]], list[str]]:
    """Return race, gender, person and skin_color (hex) by (video tag, clip id, person id), and remarks.

    An unknown or empty word gives None; a damaged row is left out; of two rows for one key the first
    counts. Each of these cases gives a remark that names the row.
    """
    people: dict[tuple[str, int, int], dict[str, str | None]] = {}
    remarks = []
    for number, fields in enumerate(_read_csv(path, _DEMOGRAPHIC_COLUMNS)):
        where = f"{path.name}, row {number}"
        try:
            _refuse_wrong_length(fields)
            key = (fields["Video Tag"], _whole(fields, "Clip Id"), _whole(fields, "Person Id"))
        except InputError as error:
            remarks.append(f"{where}: {str(error).rstrip('.')}; the row was left out.")
            continue
        if key in people:
            remarks.append(
                f"{where}: video {key[0]}, clip {key[1]}, person {key[2]} occurs twice; the first row counts."
            )
            continue
        known = {"race": RACES.get(fields["Perceived Race"]), "gender": GENDERS.get(fields["Perceived Gender"])}
        remarks += [
            f"{where}: unknown {word} {fields[column]!r}; it counts as not known."
            for word, column in (("race", "Perceived Race"), ("gender", "Perceived Gender"))
            if known[word] is None
        ]
        person = fields["Person Global Id"] or None
        people[key] = {"person": person, **known, "skin_color": fields["Skin Color"] or None}
    return people, remarks


def _refuse_wrong_length(fields: dict[str, str]) -> None:
    if _PROBLEM in fields:
        raise InputError(fields[_PROBLEM])


def _real(fields: dict[str, str], column: str) -> float:
    try:
        value = real(fields[column], bool(fields[_DECIMAL_COMMA]))
    except ValueError:
        kind = "out of range" if fields[column].strip("+-").lower() in ("inf", "infinity", "nan") else "no number"
        raise InputError(f"{column} {fields[column]!r} is {kind}") from None
    if abs(value) > _MOST:
        raise InputError(f"{column} {fields[column]!r} is out of range")
    return value


def _whole(fields: dict[str, str], column: str) -> int:
    value = _real(fields, column)
    if not value.is_integer() or value < 0:
        raise InputError(f"{column} {fields[column]!r} is no whole number from 0")
    return int(value)


def _read_csv(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Return the rows as dictionaries of stripped text; one of the wrong length holds only its problem."""
    if not path.is_file():
        raise InputError(f"eila: there is no {path}; it is part of the release.")
    table = read_delimited(path, [name.lower() for name in columns], "take it from the release", lenient=True)
    missing = [name for name in columns if name.lower() not in table.names]
    if missing:
        raise InputError(f"{path} lacks the column(s) {', '.join(missing)}; take it from the release.")
    written = {name.lower(): name for name in columns}
    header = [written.get(name, name) for name in table.names]
    rows = []
    for number, (_, line) in enumerate(table.rows):
        # An open quote swallows the lines after it, and every later row would count one place too low.
        if any("\n" in field for field in line):
            raise InputError(f"{path}, row {number}: a quote is not closed; correct this row.")
        rows.append(_fields(header, line) | ({_DECIMAL_COMMA: "yes"} if table.decimal_comma else {}))
    return rows


def _fields(header: list[str], line: list[str]) -> dict[str, str]:
    if len(line) != len(header):  # Which field is missing is unknown, so none is used.
        return {_PROBLEM: f"it has {len(line)} fields where the header has {len(header)}"}
    return {_DECIMAL_COMMA: "", **dict(zip(header, line, strict=True))}

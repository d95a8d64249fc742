"""Faces listed in a CSV table: one row per image, with its label and metadata.

One column names the image (relative to the table's folder), one the label in the dataset's own words, a
column ``split`` may name the split. All other columns are kept under their names in lower case: those that
the project knows (``person``, ``race``, ``age_group``, ...; :mod:`fer.data.samples`) take part in splits and
groups, any other is a group of the user's own. An empty field is null; every other text is a value.
"""

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pydantic import Field

from fer.data.samples import BOX, ORIGIN, OTHER_VOTES, PREDICTED, VOTES
from fer.errors import InputError, refuse_repeated
from fer.sources.delimited import Delimited, read_delimited, real, whole
from fer.sources.files import UNREAD_PICTURES, FilesBelow, same_name, unnamed
from fer.sources.images import IMAGE_SUFFIXES
from fer.sources.layouts import SPLIT_WORDS, image_listing
from fer.sources.listing import Listing, SourceOptions, existing_folder
from fer.text.yaml_text import key_text

# The project's own columns: a table's would be overwritten.
_RESERVED = ("sample_id", "source", "row", *ORIGIN, *PREDICTED)


# The known columns that hold numbers, and what reads their text.
NUMBERS: dict[str, Callable[[str, bool], float]] = {
    **dict.fromkeys(("frame", "other_faces", *VOTES, *OTHER_VOTES), whole),
    **dict.fromkeys(("confidence", "yaw", *BOX), real),
}
_NOT_KNOWN = "nan"  # How programs write a missing number.


class Options(SourceOptions):
    """How the table is named and read.

    ``file``: the table in the raw folder, by default the only CSV file; ``file_column`` and ``label_column``:
    their names in it; ``columns``: new names for others, such as ``{ethnicity: race}``.
    """

    file: str | None = None
    file_column: str = "file"
    label_column: str = "label"
    columns: dict[str, str] = Field(default_factory=dict)


def read(folder: Path, options: Options) -> Listing:
    """List the faces that the table names: the raw data is the CSV file itself, or the folder that holds it."""
    table = _table(folder, options.file)
    listing = read_table(table, options.file_column, options.label_column, options.columns)
    spoken_of = {*listing.samples["sample_id"], *listing.rejected["file"]}
    pictures = IMAGE_SUFFIXES | UNREAD_PICTURES
    return listing.with_remarks(unnamed(table.parent, spoken_of, pictures, "picture", table.name))


def _table(folder: Path, file: str | None) -> Path:
    if folder.is_file() and file is None:
        return folder
    existing_folder(folder, "table", "give a CSV file, or the folder that holds it")
    if file is not None:
        if not (folder / file).is_file():
            raise InputError(f"table: there is no {folder / file}; name a CSV file of the raw folder.")
        return folder / file
    tables = sorted(path.name for path in folder.glob("*.csv") if path.name[0] != ".")
    if len(tables) != 1:
        found = f"{len(tables)} CSV files ({', '.join(tables)})" if tables else "no CSV file"
        raise InputError(f"table: {folder} holds {found}; name one with the option file.")
    return folder / tables[0]


def read_table(path: Path, file_column: str, label_column: str, columns: Mapping[str, str]) -> Listing:
    """List the images that a CSV file names; ``sample_id`` is their path below its folder, ``/`` between parts.

    Where a row gives a box (``face_x``, ``face_y``, ``face_width``, ``face_height``, in pixels of its image) and no
    detector looks for the face, the face is what the box holds. A name in one Unicode form finds its file in another.

    A row is rejected with its line if it has too many or too few fields, names no file, one outside the
    folder, one that is not there or was named before, or has no label, an unknown split or no number where one
    belongs. Raises InputError for a file that is no such table.
    """
    names, table = _opened(path, [(file_column, "file"), (label_column, "label"), *columns.items()])
    rows: list[dict[str, object]] = []
    refused: list[tuple[str, str, str]] = []
    seen: dict[str, int] = {}
    files = FilesBelow(path.parent)
    for number, fields in table.rows:
        place = f"{path.name} line {number}"
        if len(fields) != len(names):
            refused.append((place, "bad row", f"{len(fields)} fields where the header has {len(names)}"))
            continue
        row: dict[str, object] = {name: text or None for name, text in zip(names, fields, strict=True) if name}
        file = _inside(str(row.pop("file") or ""))
        typed, kind, reason = _typed(row, table.decimal_comma)
        if not kind:
            kind, reason = _problem(files, file, row, seen)
        if kind:
            refused.append((file or place, kind, f"{place}: {reason}"))
            continue
        seen[same_name(file)] = number
        rows.append({"sample_id": file, **typed})
    return image_listing(path.parent, rows, refused, files.place)


def _opened(path: Path, renamed: Sequence[tuple[str, str]]) -> tuple[list[str], Delimited]:
    """Return the column names, renamed, and the table."""
    targets = {source.strip().lower(): target.strip().lower() for source, target in renamed}
    if len(targets) < len(renamed):
        refuse_repeated([source.strip().lower() for source, _ in renamed], f"the options' columns of {path}")
    table = read_delimited(path, list(targets), "save it as one: CSV in UTF-8")
    header = table.names
    missing = [name for name in targets if name not in header]
    if missing:
        raise InputError(
            f"{path} has the columns {header} and lacks {', '.join(missing)}; name its columns in the options."
        )
    names = [targets.get(name, name) for name in header]
    # A column without a name is the row number that pandas writes.
    for name in filter(None, names):
        if names.count(name) > 1 or name in _RESERVED:
            why = "twice" if names.count(name) > 1 else "which is the project's own name"
            raise InputError(f"{path} has a column {name} {why}; rename it with columns={{{key_text(name)}: other}}.")
    return names, table


def _inside(text: str) -> str:
    """Return a path with ``/`` and without detours; empty if it is absolute or leaves its folder."""
    path = posixpath.normpath(text.replace("\\", "/")) if text else ""
    outside = path.startswith(("/", "../")) or path in ("..", ".") or re.match("[A-Za-z]:", path)
    return "" if outside else path


def _problem(files: FilesBelow, file: str, row: Mapping[str, object], seen: Mapping[str, int]) -> tuple[str, str]:
    """Return (kind, reason) why a row cannot be used; both empty if it can."""
    if not file:
        return "bad path", "the path is empty, absolute or leaves the table's folder"
    if same_name(file) in seen:
        return "duplicate", f"line {seen[same_name(file)]} names this file too"
    if not files.place(file).is_file():
        return "file missing", f"there is no such file{files.hint(file)}"
    if row["label"] is None:
        return "no label", "the label is empty"
    if row.get("split") is not None and str(row["split"]).lower() not in SPLIT_WORDS:
        return "unknown split", f"the split {row['split']!r} is none of {', '.join(SPLIT_WORDS)}"
    return "", ""


def _typed(row: dict[str, object], decimal_comma: bool) -> tuple[dict[str, object], str, str]:
    """Return the row with numbers for text, and (kind, reason) why that cannot be; both empty if it can."""
    typed = dict(row)
    for name, kind in NUMBERS.items():
        if row.get(name) is None:
            continue
        text = str(row[name])
        try:
            typed[name] = None if text.lower() == _NOT_KNOWN else kind(text, decimal_comma)
        except ValueError:
            return row, "bad number", f"{name} {text!r} is no {'whole ' if kind is whole else ''}number"
    split = row.get("split")
    if split is not None:
        typed["split"] = SPLIT_WORDS.get(str(split).lower())
    box = [typed.get(name) for name in BOX]
    if any(value is None for value in box) and any(value is not None for value in box):
        return row, "bad box", f"it gives some of {', '.join(BOX)}, not all"
    return typed, "", ""

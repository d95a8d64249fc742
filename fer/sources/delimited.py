"""Delimited text: one reader for every table and list that a source comes with.

Commas, semicolons, tabs and bars; UTF-8 with or without a mark, UTF-16 with one; blank lines anywhere and a
spreadsheet's empty rows at the end. Numbers may be written ``3``, ``3.0`` or ``3e0``, and ``3,5`` where no comma
separates fields.
"""

import codecs
import csv
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from fer.data.emotions import EMOTIONS, canonical_emotion
from fer.errors import InputError

_SEPARATORS = (",", ";", "\t", "|")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+", re.ASCII)
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LARGEST_WHOLE = 2**53


@dataclass(frozen=True)
class Delimited:
    """A table as text.

    Attributes:
        names: of the columns, in lower case, without blanks around them.
        rows: (line number from 1, fields without blanks around them) of each row, read as they are asked for.
        decimal_comma: whether a number may have one, as no comma separates fields.

    """

    names: list[str]
    rows: Iterator[tuple[int, list[str]]]
    decimal_comma: bool


def read_delimited(path: Path, wanted: Collection[str], remedy: str, lenient: bool = False) -> Delimited:
    """Open a table whose first line names its columns.

    Args:
        path: of the file.
        wanted: expected columns, in lower case, from which the separator is inferred; the caller checks for them.
        remedy: what to do about a file that is none, for messages.
        lenient: replace bytes that are not text, and read quotes literally.

    Raises InputError for a file that is not text or has unbalanced quotes, also while rows are read.

    """
    lines = _lines(path, remedy, lenient)
    skipped, first = 0, ""
    for first in lines:
        if first.strip():
            break
        skipped += 1
    declared = re.fullmatch(r"\s*sep=(.)\s*", first)  # A spreadsheet's way to name the separator.
    if declared:
        separator, first = declared[1], next(lines, "")
        skipped += 1
    else:
        separator = max(_SEPARATORS, key=lambda one: _fit(first, one, wanted))
    reader = csv.reader(chain([first], lines), delimiter=separator, strict=not lenient)
    try:
        names = [name.strip().lower() for name in next(reader, [])]
    except csv.Error as error:
        raise InputError(f"{path} is no CSV table ({error}); {remedy}.") from error
    return Delimited(names, _rows(reader, path, skipped, remedy), separator != ",")


def text_lines(path: Path) -> list[tuple[int, str]]:
    """Return (line number from 1, stripped text) of each line that is not blank; undecodable bytes are replaced."""
    lines = _lines(path, "", lenient=True)
    return [(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip()]


def real(text: str, decimal_comma: bool = False) -> float:
    """Return a number as people and programs write it; ValueError for any other text, infinity included."""
    plain = text.strip()
    if decimal_comma and _DECIMAL_COMMA.fullmatch(plain):
        plain = plain.replace(",", ".")
    value = float(plain) if _NUMBER.fullmatch(plain) else float("inf")
    if abs(value) == float("inf"):
        raise ValueError(f"{text!r} is no number")
    return value


def whole(text: str, decimal_comma: bool = False) -> int:
    """Return a whole number, also one written ``12.0``; ValueError for any other text."""
    value = real(text, decimal_comma)  # "12.0" is how pandas writes a whole number of a column with gaps.
    if not value.is_integer() or abs(value) > _LARGEST_WHOLE:
        raise ValueError(f"{text!r} is no whole number")
    return int(value)


def coded_emotion(text: str, codes: Mapping[int, str]) -> str:
    """Return the emotion of a code (``3``, ``3.0``) or a word (``happy``, ``Happiness``); ValueError for neither.

    The words are those of the seven emotions.
    """
    try:
        code = whole(text)
    except ValueError:
        try:
            return canonical_emotion(text, EMOTIONS)
        except InputError:
            raise ValueError(f"unknown emotion {text!r}") from None
    if code not in codes:
        raise ValueError(f"unknown emotion code {code}")
    return codes[code]


def _lines(path: Path, remedy: str, lenient: bool) -> Iterator[str]:
    """Yield the lines of a text file, with their ends."""
    with open(path, "rb") as file:
        begin = file.read(4)
    encoding = next((name for mark, name in _MARKS if begin.startswith(mark)), "utf-8")
    with open(path, encoding=encoding, errors="replace" if lenient else "strict", newline="") as text:
        try:
            for line in text:
                if "\0" in line and not lenient:
                    raise InputError(f"{path} is no CSV text (it holds NUL characters); {remedy}.")
                yield line
        except UnicodeError as error:
            raise InputError(f"{path} is no CSV table in UTF-8 ({error}); {remedy}.") from error


def _fit(header: str, separator: str, wanted: Collection[str]) -> tuple[int, int]:
    names = [name.strip(' "\r\n').lower() for name in header.split(separator)]
    return sum(name in names for name in wanted), len(names)


def _rows(reader: Iterator[list[str]], path: Path, skipped: int, remedy: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank; rows of empty fields only if another one follows."""
    held: list[tuple[int, list[str]]] = []
    try:
        for line in reader:
            fields = [field.strip() for field in line]
            if not fields or fields == [""]:
                continue
            held.append((skipped + reader.line_num, fields))  # type: ignore[attr-defined]
            if any(fields):
                yield from held
                held = []
    except csv.Error as error:
        raise InputError(f"{path} is no CSV table ({error}); {remedy}.") from error

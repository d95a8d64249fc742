"""FER2013 (Goodfellow et al. 2013): 35,887 gray 48x48 faces from web search, seven emotions.

Two layouts are read: Kaggle's ``fer2013.csv`` (or ``icml_face_data.csv``; columns ``emotion``, ``pixels``,
``Usage``) and Kaggle's image folders ``train/<emotion>/Training_*.jpg`` and
``test/<emotion>/{PublicTest,PrivateTest}_*.jpg``. The file's usage is kept in the column ``usage``.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from fer.errors import InputError
from fer.sources.images import emotion_folders, image_files, read_image
from fer.sources.listing import NO_TEXT, Listing, SourceOptions, as_text, existing_folder, rejections

# FER2013 numbers its classes in an order of its own.
CODES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
SIZE = 48
SPLIT_RULES = {
    "paper": {"Training": "train", "PublicTest": "validation", "PrivateTest": "validation"},
    "field": {"Training": "train", "PublicTest": "validation", "PrivateTest": "test"},
}


class Options(SourceOptions):
    """``splits``: ``paper`` (both others are validation: 28,709 / 7,178) or ``field`` (PrivateTest is test)."""

    splits: Literal["paper", "field"] = "paper"


def read(folder: Path, options: Options) -> Listing:
    """List FER2013 from a CSV file, a folder that holds one, or the image folders."""
    table = _csv_file(folder)
    return _from_csv(table, options) if table else _from_folders(folder, options)


def _csv_file(folder: Path) -> Path | None:
    if folder.is_file():
        return folder
    for name in ("fer2013.csv", "icml_face_data.csv"):
        if (folder / name).is_file():
            return folder / name
    return None


def _from_csv(path: Path, options: Options) -> Listing:
    rule = SPLIT_RULES[options.splits]
    rows: list[tuple[str, str, str, str]] = []
    pixels: list[np.ndarray] = []
    refused: list[tuple[str, str]] = []
    for number, header, fields in _lines(path):
        try:
            if len(fields) != len(header):
                raise ValueError(f"{len(fields)} fields where the header has {len(header)}")
            line = dict(zip(header, fields, strict=True))
            usage = line["usage"].strip()
            if usage not in rule:
                raise ValueError(f"unknown usage {usage!r}")
            label, face = _label(line["emotion"]), _pixels(line["pixels"])
        except (ValueError, OverflowError) as error:
            refused.append((f"{path.name} line {number}", str(error)))
            continue
        rows.append((f"{usage}_{number - 2:05d}", label, rule[usage], usage))
        pixels.append(face)
    samples = pd.DataFrame(rows, columns=["sample_id", "label", "split", "usage"])
    return Listing(samples, pixels.__getitem__, rejections(refused))


def _lines(path: Path) -> Iterator[tuple[int, list[str], list[str]]]:
    """Yield (line number from 1, lower-case column names, fields) of each line after the header."""
    remedy = "give Kaggle's fer2013.csv"
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            header = [name.strip().lower() for name in next(reader, [])]
            if not {"emotion", "pixels", "usage"} <= set(header):
                raise InputError(f"{path} has the columns {header}, not emotion, pixels and Usage; {remedy}.")
            for line in reader:
                yield reader.line_num, header, line
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} is no CSV text ({error}); {remedy}.") from error


def _label(text: str) -> str:
    code = int(text)
    if not 0 <= code < len(CODES):
        raise ValueError(f"unknown emotion code {code}")
    return CODES[code]


def _pixels(text: str) -> np.ndarray:
    values = np.asarray(text.split(), dtype=np.int64)
    if values.size != SIZE * SIZE:
        raise ValueError(f"{values.size} pixels instead of {SIZE * SIZE}")
    if values.min() < 0 or values.max() > 255:
        raise ValueError("a pixel outside 0..255")
    return values.astype(np.uint8).reshape(SIZE, SIZE)


def _from_folders(folder: Path, options: Options) -> Listing:
    rule = SPLIT_RULES[options.splits]
    remedy = "give Kaggle's folder with train/ and test/, or fer2013.csv"
    existing_folder(folder, "fer2013", remedy)
    rows, files, refused = [], [], []
    for part in ("train", "test"):
        for emotion, place in emotion_folders(existing_folder(folder / part, "fer2013", remedy)):
            for file in image_files(place):
                usage = file.name.split("_")[0]
                if usage not in rule:
                    refused.append((str(file.relative_to(folder)), f"unknown usage {usage!r} in its name"))
                    continue
                if as_text(file.name) != file.name:
                    refused.append((str(file.relative_to(folder)), NO_TEXT))
                    continue
                # One file name may stand under two emotions.
                rows.append((f"{emotion}/{file.stem}", emotion, rule[usage], usage))
                files.append(file)
    samples = pd.DataFrame(rows, columns=["sample_id", "label", "split", "usage"])
    return Listing(samples, lambda row: read_image(files[row]), rejections(refused))

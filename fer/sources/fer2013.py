"""FER2013 (Goodfellow et al. 2013): 35,887 gray 48x48 faces from web search, seven emotions.

Two layouts are read: Kaggle's ``fer2013.csv`` (or ``icml_face_data.csv``; columns ``emotion``, ``pixels``,
``Usage``) and Kaggle's image folders ``train/<emotion>/Training_*.jpg`` and
``test/<emotion>/{PublicTest,PrivateTest}_*.jpg``. The file's usage is kept in the column ``usage``.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from fer.errors import InputError
from fer.sources.delimited import coded_emotion, read_delimited, real
from fer.sources.files import with_files_aside
from fer.sources.images import emotion_folders, image_files, read_image
from fer.sources.listing import NO_TEXT, Listing, SourceOptions, as_text, code_remark, existing_folder, rejections

# FER2013 numbers its classes in an order of its own.
CODES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
_CODED = dict(enumerate(CODES))
SIZE = 48
_COLUMNS = ("emotion", "pixels", "usage")
SPLIT_RULES = {
    "paper": {"Training": "train", "PublicTest": "validation", "PrivateTest": "validation"},
    "field": {"Training": "train", "PublicTest": "validation", "PrivateTest": "test"},
}


class Options(SourceOptions):
    """``splits``: ``paper`` (both others are validation: 28,709 / 7,178) or ``field`` (PrivateTest is test)."""

    splits: Literal["paper", "field"] = "paper"


def read(folder: Path, options: Options, own: Callable[[str], bool] = lambda _: False) -> Listing:
    """List FER2013 from a CSV file, a folder that holds one, or the image folders.

    ``own`` tells of the name of a file beside the image folders whether the caller reads it.
    """
    table = _csv_file(folder)
    return _from_csv(table, options) if table else _from_folders(folder, options, own)


def _csv_file(folder: Path) -> Path | None:
    if folder.is_file():
        return folder
    for name in ("fer2013.csv", "icml_face_data.csv"):
        if (folder / name).is_file():
            return folder / name
    return None


def _from_csv(path: Path, options: Options) -> Listing:
    rule = SPLIT_RULES[options.splits]
    usages = {usage.lower(): usage for usage in rule}
    remedy = "give Kaggle's fer2013.csv"
    table = read_delimited(path, _COLUMNS, remedy)
    if not {*_COLUMNS} <= {*table.names}:
        raise InputError(f"{path} has the columns {table.names}, not emotion, pixels and Usage; {remedy}.")
    rows: list[tuple[str, str, str, str]] = []
    pixels: list[np.ndarray] = []
    refused: list[tuple[str, str]] = []
    for number, fields in table.rows:
        try:
            if len(fields) != len(table.names):
                raise ValueError(f"{len(fields)} fields where the header has {len(table.names)}")
            line = dict(zip(table.names, fields, strict=True))
            usage = usages.get(line["usage"].lower())
            if usage is None:
                raise ValueError(f"unknown usage {line['usage']!r}")
            label, face = coded_emotion(line["emotion"], _CODED), _pixels(line["pixels"])
        except (ValueError, OverflowError) as error:
            refused.append((f"{path.name} line {number}", str(error)))
            continue
        rows.append((f"{usage}_{number - 2:05d}", label, rule[usage], usage))
        pixels.append(face)
    samples = pd.DataFrame(rows, columns=["sample_id", "label", "split", "usage"])
    listing = Listing(samples, pixels.__getitem__, rejections(refused))
    return listing.with_remarks([code_remark("fer2013", _CODED)])


def _pixels(text: str) -> np.ndarray:
    try:
        values = np.asarray(text.split(), dtype=np.int64)
    except ValueError:  # "12.0"
        written = np.asarray([real(value) for value in text.split()])
        values = written.astype(np.int64)
        if (values != written).any():
            raise ValueError("a pixel that is no whole number") from None
    if values.size != SIZE * SIZE:
        raise ValueError(f"{values.size} pixels instead of {SIZE * SIZE}")
    if values.min() < 0 or values.max() > 255:
        raise ValueError("a pixel outside 0..255")
    return values.astype(np.uint8).reshape(SIZE, SIZE)


def _from_folders(folder: Path, options: Options, own: Callable[[str], bool]) -> Listing:
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
                if (part == "train") != (usage == "Training"):
                    refused.append((str(file.relative_to(folder)), f"its name says {usage}, its folder {part}"))
                    continue
                if as_text(file.name) != file.name:
                    refused.append((str(file.relative_to(folder)), NO_TEXT))
                    continue
                # One file name may stand under two emotions.
                rows.append((f"{emotion}/{file.stem}", emotion, rule[usage], usage))
                files.append(file)
    samples = pd.DataFrame(rows, columns=["sample_id", "label", "split", "usage"])
    listing = Listing(samples, lambda row: read_image(files[row]), rejections(refused))
    return with_files_aside(folder, listing, files, own)

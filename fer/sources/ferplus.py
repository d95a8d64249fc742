"""FER+ (Barsoum et al. 2016): the faces of FER2013 with ten annotators' votes for eight emotions.

The raw data is FER2013 in either of its layouts (:mod:`fer.sources.fer2013`) and a table of votes, of one of two forms:
Microsoft's ``fer2013new.csv``, whose rows are those of Kaggle's ``fer2013.csv`` in the same order, or a table whose
column ``file`` names Kaggle's image files (``train/angry/Training_3908.jpg``). Both have the columns ``neutral
happiness surprise sadness anger disgust fear contempt unknown NF`` of votes.

A face's label is the majority of its votes (:func:`fer.data.vote_rules.majority`). Where that is no emotion, or
missing, the label is one of the words :data:`UNKNOWN`, :data:`NOT_A_FACE`, :data:`NO_MAJORITY` and :data:`NO_VOTES`,
which are dropped and counted under this name. The label of FER2013 stays in the column ``fer2013_label``. Training,
PublicTest and PrivateTest are the splits train, validation and test.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from fer.data.emotions import ALL_EMOTIONS, canonical_emotion
from fer.data.samples import FER2013_LABEL, OTHER_VOTES, VOTES
from fer.data.vote_rules import distribution, majority, most_voted
from fer.errors import InputError
from fer.sources import fer2013
from fer.sources.delimited import read_delimited, whole
from fer.sources.listing import Listing, SourceOptions, existing_folder

UNKNOWN, NOT_A_FACE, NO_MAJORITY, NO_VOTES = "unknown", "not a face", "no majority", "no votes"
WORDS = dict.fromkeys(("contempt", UNKNOWN, NOT_A_FACE, NO_MAJORITY, NO_VOTES), "drop")
_TABLES = ("fer2013new.csv", "kaggle_to_ferplus.csv")
_FILE, _NAME = "file", "image name"
# Columns of the tables, in lower case, in the order of our own.
_WORDS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise", "contempt", "unknown", "nf")
_COLUMNS_OF = dict(zip(_WORDS, (*VOTES, *OTHER_VOTES), strict=True))


class Options(SourceOptions):
    """Where the votes are, and what becomes of them.

    ``votes``: the table of votes; by default ``fer2013new.csv`` or ``kaggle_to_ferplus.csv`` beside the raw data or in
    its folder. ``labels_from``: ``votes`` (their majority) or ``fer2013`` (its own labels, of all faces).
    ``undecided``: what becomes of training faces without a majority whose votes still form a distribution
    (:func:`fer.data.vote_rules.distribution`): ``drop``, or ``train``: they are kept under the emotion with the most
    votes, of tied ones FER2013's or else the first.
    """

    votes: Path | None = None
    labels_from: Literal["votes", "fer2013"] = "votes"
    undecided: Literal["drop", "train"] = "drop"


def read(folder: Path, options: Options) -> Listing:
    """List FER2013 with its votes; rows of FER2013 that cannot be read are rejected as by its own source."""
    if not folder.is_file():
        existing_folder(folder, "ferplus", "give FER2013's folder or fer2013.csv, with the table of votes")
    own = (*_TABLES, *([] if options.votes is None else [options.votes.name]))
    listing = fer2013.read(folder, fer2013.Options(splits="field"), own.__contains__)
    table = _table(folder, options.votes)
    votes, remarks = _votes(listing.samples, table)
    samples = pd.concat([listing.samples.assign(**{FER2013_LABEL: listing.samples["label"]}), votes], axis=1)
    if options.labels_from == "votes":
        samples["label"] = _labels(samples, options.undecided == "train")
    return listing.with_samples(samples).with_remarks(remarks)


def _table(folder: Path, named: Path | None) -> Path:
    if named is not None:
        if not named.is_file():
            raise InputError(f"ferplus: there is no table of votes {named}; name the file with the option votes.")
        return named
    beside = folder if folder.is_dir() else folder.parent
    for place in (beside / name for name in _TABLES):
        if place.is_file():
            return place
    raise InputError(
        f"ferplus: {beside} holds no table of votes ({' or '.join(_TABLES)}); name it with options={{votes: FILE}}."
    )


def _votes(samples: pd.DataFrame, path: Path) -> tuple[pd.DataFrame, list[str]]:
    """Return the votes of n faces, Int64 (n, 10), null for a face without, and remarks on rows of no face."""
    table = read_delimited(path, [_FILE, *_COLUMNS_OF], "give fer2013new.csv of FER+")
    missing = [name for name in _COLUMNS_OF if name not in table.names]
    if missing or not {_FILE, _NAME} & {*table.names}:
        raise InputError(
            f"{path} has the columns {', '.join(table.names)} and lacks {(missing or [_FILE])[0]!r}; give "
            "fer2013new.csv of FER+, or a table with file and the votes."
        )
    by_file = _FILE in table.names
    keys = list(map(_key_of_file if by_file else _key_of_row, samples["sample_id"], samples["usage"]))
    if not by_file and any(key is None for key in keys):
        raise InputError(
            f"{path} names rows of fer2013.csv, and the raw data is a folder of images; give fer2013.csv as the raw "
            "data, or a table of votes whose column file names the images."
        )
    places = {key: place for place, key in enumerate(keys)}
    counts = np.full((len(samples), len(_COLUMNS_OF)), -1, dtype=np.int64)
    strangers = 0
    for row, (number, fields) in enumerate(table.rows):
        line = dict(zip(table.names, fields, strict=False))
        place = places.get(_key_in_table(line, row, by_file, f"{path} line {number}"))
        strangers += place is None
        if place is not None and any(line[name] for name in _COLUMNS_OF):
            counts[place] = _counted(line, f"{path} line {number}")
    if not (counts >= 0).any():
        raise InputError(f"{path} has votes for none of the {len(samples):,} faces; give the table of this data.")
    votes = pd.DataFrame(counts, columns=list(_COLUMNS_OF.values()), dtype="Int64").mask(counts < 0)
    rows = f"{strangers:,} rows of {path.name} are" if strangers > 1 else f"One row of {path.name} is"
    return votes, [f"{rows} of no face that was read."] if strangers else []


def _key_of_file(sample: str, usage: str) -> tuple[str, str]:
    return ("train" if usage == "Training" else "test", sample)


def _key_of_row(sample: str, usage: str) -> tuple[str, str] | None:
    number = sample.removeprefix(f"{usage}_")
    return (usage.lower(), str(int(number))) if number.isdecimal() else None


def _key_in_table(line: Mapping[str, str], row: int, by_file: bool, where: str) -> tuple[str, str]:
    if not by_file:
        return (line.get("usage", "").lower(), str(row))
    parts = line[_FILE].replace("\\", "/").split("/")
    if len(parts) != 3:
        raise InputError(f"{where}: {line[_FILE]!r} is not like train/angry/Training_3908.jpg; correct it.")
    return (parts[0], f"{canonical_emotion(parts[1])}/{Path(parts[2]).stem}")


def _counted(line: Mapping[str, str], where: str) -> list[int]:
    """Return the votes of a row in the order of the columns."""
    try:
        found = [whole(line[name]) for name in _COLUMNS_OF]
        if min(found) < 0:
            raise ValueError("a negative number")
    except ValueError as error:
        raise InputError(f"{where}: the votes are no counts ({error}); correct the table.") from None
    return found


def _labels(samples: pd.DataFrame, keep_undecided: bool) -> pd.Series:
    """Return the majority of each face's votes, (n,), or the word for why there is none."""
    votes = samples[[*VOTES, *OTHER_VOTES]].fillna(0).to_numpy(dtype=np.int64)
    words = np.array([*ALL_EMOTIONS, UNKNOWN, NOT_A_FACE, NO_MAJORITY], dtype=object)
    labels = pd.Series(words[majority(votes)], index=samples.index, dtype="str")
    if keep_undecided:
        open_ = (labels == NO_MAJORITY) & (samples["split"] == "train")
        decided = distribution(votes, len(OTHER_VOTES)).any(axis=1)
        labels = labels.mask(open_ & decided, most_voted(votes[:, : len(VOTES)], ALL_EMOTIONS, samples[FER2013_LABEL]))
    return labels.mask(votes.sum(axis=1) == 0, NO_VOTES)

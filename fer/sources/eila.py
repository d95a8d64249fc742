"""EiLA, the Emotions in LatAm Dataset (Chen 2024): released face crops, 48x48 gray, with demographics.

Layout: ``EiLA_train/<Emotion>/``, ``EiLA_validation/<Emotion>/``, ``EiLA_test/<Emotion>/``,
``annotations.csv`` and ``demographics.csv``. A file's name is
``<row>_label_<0-6>_video_<tag>_clip_<id>_person_<id>.jpg`` where ``row`` counts from 0 in
``annotations.csv``. Name, folder, votes and split are compared: a face on which they disagree
is rejected with the reason.

``person`` is the Person Global Id (one person across clips), ``clip`` is ``<video tag>/<clip id>``. Its
test split is for reporting only: nothing may be selected on it.
"""

import re
from pathlib import Path

import pandas as pd

from fer.data.emotions import EMOTIONS
from fer.data.samples import votes_column
from fer.errors import InputError
from fer.sources.eila_annotations import label_of, read_annotations, read_demographics, split_of
from fer.sources.files import same_name, with_files_aside
from fer.sources.images import emotion_folders, image_files, read_image
from fer.sources.listing import Listing, SourceOptions, existing_folder, rejections

TABLES = ("annotations.csv", "demographics.csv")
FOLDERS = {"train": "EiLA_train", "validation": "EiLA_validation", "test": "EiLA_test"}
_NAME = re.compile(
    r"(?P<row>\d+)_label_(?P<label>[0-6])_video_(?P<video>.+)_clip_(?P<clip>\d+)_person_(?P<person>\d+)$"
)


class Options(SourceOptions):
    """The released crops have no options: their split is the released one."""


def read(folder: Path, options: Options) -> Listing:
    """List the released EiLA faces, each checked against its annotation."""
    remedy = "give the release: EiLA_train, EiLA_validation, EiLA_test, annotations.csv, demographics.csv"
    existing_folder(folder, "eila", remedy)
    annotations = read_annotations(folder / "annotations.csv")
    demographics, remarks = read_demographics(folder / "demographics.csv")
    rows, files, refused = [], [], []
    for split, name in FOLDERS.items():
        for emotion, place in emotion_folders(existing_folder(folder / name, "eila", remedy)):
            for file in image_files(place):
                try:
                    rows.append(_sample(file.stem, emotion, split, annotations, demographics))
                except InputError as error:
                    refused.append((str(file.relative_to(folder)), str(error)))
                    continue
                files.append(file)
    samples = pd.DataFrame(rows)
    if samples.empty:
        samples = pd.DataFrame(columns=["sample_id", "label", "split"])
    listing = Listing(samples, lambda row: read_image(files[row]), rejections(refused), remarks=tuple(remarks))
    return with_files_aside(folder, listing, files, TABLES.__contains__)


def _sample(
    stem: str, emotion: str, split: str, annotations: pd.DataFrame, demographics: dict[tuple, dict]
) -> dict[str, object]:
    name = _NAME.match(stem)
    if name is None:
        raise InputError("its name is not <row>_label_<0-6>_video_<tag>_clip_<id>_person_<id>")
    if int(name["row"]) >= len(annotations):
        raise InputError(f"annotations.csv has no row {name['row']}")
    row = annotations.iloc[int(name["row"])]
    if row["problem"] is not None:
        raise InputError(f"row {name['row']} of annotations.csv: {row['problem']}")
    stated = (same_name(name["video"]), int(name["clip"]), int(name["person"]))
    known = (row["video"], int(row["clip_id"]), int(row["person_id"]))
    if stated != (same_name(known[0]), *known[1:]):
        raise InputError(f"its name says {stated}, row {name['row']} of annotations.csv says {known}")
    label, expected_split = label_of(row["votes"]), split_of(row["votes"])
    if {label, emotion, EMOTIONS[int(name["label"])]} != {emotion}:
        raise InputError(f"folder {emotion}, name label_{name['label']} and votes ({label}) disagree")
    if expected_split != split:
        raise InputError(f"it is in {split}, its {len(row['votes'])} valid vote(s) put it in {expected_split}")
    who = demographics.get(known, {})
    votes = {votes_column(emotion): row["votes"].count(emotion) for emotion in EMOTIONS}
    return {
        "sample_id": stem,
        "label": emotion,
        "split": split,
        "race": who.get("race"),
        "gender": who.get("gender"),
        "person": who.get("person"),
        "skin_color": who.get("skin_color"),
        "video": row["video"],
        "clip": f"{row['video']}/{row['clip_id']}",
        "frame": int(row["frame"]),
        **votes,
    }

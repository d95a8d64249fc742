"""EiLA, the Emotions in LatAm Dataset (Chen 2024), from its videos: every annotated row is a face to detect.

Layout: ``annotations.csv``, ``demographics.csv`` and the videos, ``<video tag>/Complete.mp4`` or
``<video tag>.mp4`` (also .mkv, .webm, .mov, .avi). Any videos annotated in the same form will do. A row's
``sample_id`` is the name of its released face, so that both can be compared.

Split rules: ``released`` (one vote: train, two: validation, three: test; the published sizes follow from
it), ``paper-text`` (train and test the other way round, as the paper's text has it), ``grouped`` (no
person in two splits, in about the released proportions; clips may still be shared, which is counted).
"""

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from fer.data.emotions import EMOTIONS
from fer.data.samples import votes_column
from fer.data.splitting import assign_splits
from fer.errors import InputError
from fer.sources.eila_annotations import label_of, read_annotations, read_demographics, split_of
from fer.sources.files import unnamed
from fer.sources.listing import REGION_COLUMNS, Listing, SourceOptions, as_text, existing_folder, rejections
from fer.sources.video import VIDEO_SUFFIXES, find_video

# Rows with one, two and three votes: 5,723, 1,462 and 902 of 8,087.
_GROUPED_RATIOS = (0.71, 0.18, 0.11)


class Options(SourceOptions):
    """``splits``: ``released``, ``paper-text`` or ``grouped``; ``seed``: of the grouped draw."""

    splits: Literal["released", "paper-text", "grouped"] = "released"
    seed: int = 0


def read(folder: Path, options: Options) -> Listing:
    """List the annotated rows; those that cannot be used are rejected with a reason."""
    remedy = "give the folder with annotations.csv, demographics.csv and <video tag>/Complete.mp4"
    existing_folder(folder, "eila_videos", remedy)
    annotations = read_annotations(folder / "annotations.csv")
    people, remarks = read_demographics(folder / "demographics.csv")
    videos = {tag: find_video(folder, tag) for tag in annotations["video"].dropna().unique()}
    samples, persons, regions, refused = [], [], [], []
    seen: dict[tuple, int] = {}
    for number, row in enumerate(annotations.to_dict("records")):
        name = f"annotations.csv row {number}"
        if row["problem"] is not None:
            refused.append(_refusal(name, "bad annotation", row["problem"]))
            continue
        sample = _sample(number, row, people, options.splits)
        place = tuple(row[name] for name in ("video", "frame", "x", "y", "width", "height"))
        if sample["label"] is None:
            refused.append(_refusal(name, "no vote", "none of its votes names an emotion", sample))
        elif place in seen:
            refused.append(_refusal(name, "duplicate", f"it marks the same face as row {seen[place]}", sample))
        elif videos[row["video"]] is None:
            suffixes = ", ".join(VIDEO_SUFFIXES)
            reason = f"there is no video {row['video']}/Complete or {row['video']} ({suffixes})"
            refused.append(_refusal(name, "video missing", reason, sample))
        else:
            seen[place] = number
            samples.append(sample)
            persons.append(sample["person"] or f"{sample['clip']}/{row['person_id']}")
            regions.append((str(videos[row["video"]]), *place[1:]))
    table = pd.DataFrame(samples) if samples else pd.DataFrame(columns=["sample_id", "label", "split"])
    if options.splits == "grouped" and samples:
        # A person without a description is identified within the clip.
        table["split"] = assign_splits(table.assign(person=persons), "person", _GROUPED_RATIOS, options.seed)
    rejected = pd.concat([rejections([]), pd.DataFrame(refused)], ignore_index=True)
    where = pd.DataFrame(regions, columns=list(REGION_COLUMNS))
    listing = Listing(table, _no_image, rejected, where, _all_remarks(table, remarks))
    used = {as_text(path.relative_to(folder).as_posix()) for path in videos.values() if path is not None}
    return listing.with_remarks(unnamed(folder, used, VIDEO_SUFFIXES, "video", "annotations.csv"))


def _sample(number: int, row: dict, people: dict[tuple, dict], rule: str) -> dict[str, object]:
    key = (row["video"], row["clip_id"], row["person_id"])
    who, label = people.get(key, {}), label_of(row["votes"])
    code = "none" if label is None else EMOTIONS.index(label)
    return {
        "sample_id": f"{number}_label_{code}_video_{key[0]}_clip_{key[1]}_person_{key[2]}",
        "label": label,
        "split": None if rule == "grouped" else split_of(row["votes"], rule),
        **{name: who.get(name) for name in ("race", "gender", "person", "skin_color")},
        "video": row["video"],
        "clip": f"{row['video']}/{row['clip_id']}",
        "frame": row["frame"],
        **{votes_column(emotion): row["votes"].count(emotion) for emotion in EMOTIONS},
    }


def _refusal(file: str, kind: str, reason: str, sample: dict[str, object] | None = None) -> dict[str, object]:
    return {"file": file, "kind": kind, "reason": reason, **(sample or {})}


def _all_remarks(samples: pd.DataFrame, remarks: list[str]) -> tuple[str, ...]:
    undescribed = int(samples["person"].isna().sum()) if "person" in samples else 0
    if undescribed:
        remarks = [*remarks, f"{undescribed} rows show a person that demographics.csv does not describe."]
    return tuple(remarks)


def _no_image(row: int) -> np.ndarray:
    raise InputError("eila_videos: its faces are in videos; preprocess them with a detector.")

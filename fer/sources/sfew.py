"""SFEW 2.0 (Dhall et al. 2011): aligned film stills, 891 training and 431 validation faces, 143x181 RGB.

Layout: ``Train_Aligned_Faces/<Emotion>/`` and ``Val_Aligned_Faces_new/<Emotion>/``; a file's name is
``<film>_<time in ms>_<frame>.png``: the film is kept as ``video``, film and time as ``clip``. SFEW's own
test labels are not public, so there is no test split.
"""

import re
from pathlib import Path

import pandas as pd

from fer.sources.files import with_files_aside
from fer.sources.images import emotion_folders, image_files, read_image
from fer.sources.listing import NO_TEXT, Listing, SourceOptions, as_text, existing_folder, rejections

FOLDERS = {"train": "Train_Aligned_Faces", "validation": "Val_Aligned_Faces_new"}
_NAME = re.compile(r"(?P<film>.+?)[-_]+(?P<time>\d+)_+(?P<frame>\d+)$")


class Options(SourceOptions):
    """SFEW has no options."""


def read(folder: Path, options: Options) -> Listing:
    """List SFEW's aligned faces."""
    remedy = "give the folder that holds Train_Aligned_Faces and Val_Aligned_Faces_new"
    existing_folder(folder, "sfew", remedy)
    rows, files, refused = [], [], []
    for split, name in FOLDERS.items():
        for emotion, place in emotion_folders(existing_folder(folder / name, "sfew", remedy)):
            for file in image_files(place):
                if as_text(file.name) != file.name:
                    refused.append((str(file.relative_to(folder)), NO_TEXT))
                    continue
                known = _NAME.match(file.stem)
                rows.append(
                    {
                        # A still may show two persons with two emotions: the emotion belongs to the name.
                        "sample_id": f"{split}/{emotion}/{file.stem}",
                        "label": emotion,
                        "split": split,
                        "video": known["film"] if known else None,
                        "clip": f"{known['film']}_{known['time']}" if known else None,
                        "frame": int(known["frame"]) if known else None,
                    }
                )
                files.append(file)
    columns = ["sample_id", "label", "split", "video", "clip", "frame"]
    listing = Listing(pd.DataFrame(rows, columns=columns), lambda row: read_image(files[row]), rejections(refused))
    return with_files_aside(folder, listing, files)

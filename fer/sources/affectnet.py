"""AffectNet (Mollahosseini et al. 2017) and its subset on Kaggle: faces from web search, eight words.

Layouts: ``<word or number 0-7>/<file>``, optionally below train, val or test; Kaggle's ``labels.csv``
(columns ``pth, label, relFCs``) may stand beside. Folder and table are two label sources that disagree on
some faces: ``labels_from`` selects one. ``relFCs``, a confidence in the table's label, is kept with that
label only, as ``relfcs``. Contempt is dropped unless the user maps it.
"""

import re
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pandas as pd

from fer.errors import InputError
from fer.sources.delimited import real
from fer.sources.files import same_name, with_files_aside
from fer.sources.layouts import WORD_FOLDERS, Layout, image_paths, read_layout
from fer.sources.listing import Listing, SourceOptions, existing_folder, rejections
from fer.sources.table import read_table

TABLE = "labels.csv"
LAYOUT = Layout(
    name="affectnet",
    pattern=re.compile(WORD_FOLDERS),
    example="anger/image0000006.jpg",
    words={
        "0": "neutral",
        "1": "happy",
        "2": "sad",
        "3": "surprise",
        "4": "fear",
        "5": "disgust",
        "6": "angry",
        "7": "contempt",
        "contempt": "drop",
    },
)


class Options(SourceOptions):
    """``labels_from``: ``folder`` or ``table`` (labels.csv)."""

    labels_from: Literal["folder", "table"] = "folder"


def read(folder: Path, options: Options) -> Listing:
    """List AffectNet; where the table counts, a row without its file and a file without a row are rejected."""
    if options.labels_from == "folder":
        return read_layout(LAYOUT, folder, options, lambda file: file == TABLE)
    existing_folder(folder, LAYOUT.name, f"give the folder that holds {TABLE}")
    if not (folder / TABLE).is_file():
        raise InputError(f"affectnet: there is no {folder / TABLE}; add it, or use labels_from=folder.")
    listing = read_table(folder / TABLE, "pth", "label", {})
    rows = listing.samples
    samples = rows.assign(split=[(LAYOUT.sample(path) or {}).get("split") for path in rows["sample_id"]])
    if "relfcs" in samples:
        samples["relfcs"] = pd.Series([_confidence(text) for text in samples["relfcs"]], dtype="Float64")
    if samples["split"].isna().all():
        samples = samples.drop(columns="split")
    spoken_of = {same_name(str(file)) for file in (*rows["sample_id"], *listing.rejected["file"])}
    loose = [(path, f"{TABLE} does not name it") for path in image_paths(folder) if same_name(path) not in spoken_of]
    rejected = pd.concat([listing.rejected, rejections(loose, "not in the table")], ignore_index=True)
    found = replace(listing, samples=samples, rejected=rejected)
    listed = [folder / path for path in rows["sample_id"]]
    return with_files_aside(folder, found, listed, lambda file: file == TABLE).with_codes(LAYOUT.name, LAYOUT.words)


def _confidence(text: object) -> float | None:
    """Return a confidence; None where the table gives none that is a number."""
    try:
        return real(str(text), decimal_comma=True)
    except ValueError:
        return None

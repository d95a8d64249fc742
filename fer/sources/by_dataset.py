"""The age generalization study's layout: a folder a dataset and emotion, several datasets in one raw folder.

``<DATASET>_<Emotion>/<file>`` (``CK_Angry/S010_004_00000017.png``), or ``<DATASET>_<Emotion>_cropped`` with the
option ``cropped``. The column ``dataset`` is the first word in lower case. Each dataset is split on its own.

What a file's name says of the person is read where the dataset's naming is known (CK+, FACES, JAFFE, MUG), and
null elsewhere. Person and clip carry the dataset's name, since ``004`` is somebody else in each.
The age groups are declared below; for DEFSS and DEFSS18 they are our reading, since the study does not say
which of its datasets is which: ``age_groups`` overrides them. FACES tells the age group in the file's name.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from fer.errors import InputError
from fer.sources.layouts import image_listing, image_paths, named_values
from fer.sources.listing import Listing, SourceOptions, existing_folder

CHILDREN, ADULTS, OLDER = "children", "adults", "60+"
AGE_GROUPS: Mapping[str, str] = {
    "ck": ADULTS,
    "ck+": ADULTS,
    "ckplus": ADULTS,
    "defss": CHILDREN,
    "defss18": ADULTS,
    "faces": OLDER,
    "mug": ADULTS,
    "nimh": CHILDREN,
    "nimh-chefs": CHILDREN,
}
_CK = r"(?P<clip>(?P<person>S\d+)_\d+)_(?P<frame>\d+)"
# By dataset, how a file's name begins. A name of another kind says nothing.
NAMES: Mapping[str, re.Pattern[str]] = {
    "ck": re.compile(_CK),
    "ck+": re.compile(_CK),
    "ckplus": re.compile(_CK),
    "faces": re.compile(r"(?P<person>\d{3})_(?P<age_group>[ymo])_(?P<gender>[mf])_[adfhns]_[ab]"),
    "jaffe": re.compile(r"(?P<person>[A-Z]{2})\.[A-Z]{2}\d*\.\d+"),
    "mug": re.compile(r"(?P<clip>(?P<person>\d{3})_[a-z]{2}_\d{3})_(?P<frame>\d{4})"),
}
# FACES: young (19-31), middle-aged (39-55) and old (69-80 years).
_VALUES = {"age_group": {"y": ADULTS, "m": ADULTS, "o": OLDER}, "gender": {"m": "male", "f": "female"}}
_FOLDER = re.compile(
    r"(?P<dataset>[^/]+)_(?!(?i:cropped)/)(?P<word>[^/_]+)(?P<cropped>_(?i:cropped))?/(?P<name>[^/]+)",
)


class Options(SourceOptions):
    """What to read.

    ``datasets``: their names, empty for all; ``cropped``: read the folders of cropped faces; ``age_groups``:
    dataset to age group, before the declared ones and the files' names.
    """

    datasets: tuple[str, ...] = ()
    cropped: bool = False
    age_groups: dict[str, str] = Field(default_factory=dict)


def read(folder: Path, options: Options) -> Listing:
    """List the chosen datasets; an image in a folder of another name is rejected."""
    existing_folder(folder, "by_dataset", "give the folder that holds CK_Angry and the like")
    wanted = {name.lower() for name in options.datasets}
    ages = {name.lower(): group for name, group in options.age_groups.items()}
    rows, refused, seen = [], [], set()
    for path in image_paths(folder):
        place = _FOLDER.fullmatch(path)
        if place is None:
            refused.append((path, "unexpected path", "its path is not like CK_Angry/face.png"))
            continue
        dataset = place["dataset"].lower()
        if bool(place["cropped"]) != options.cropped:
            continue
        seen.add(dataset)
        if not wanted or dataset in wanted:
            rows.append({"sample_id": path, "label": place["word"], **_known(dataset, place["name"], ages)})
    _refuse_absent(folder, wanted, seen, options.cropped)
    return image_listing(folder, rows, refused)


def _known(dataset: str, name: str, ages: Mapping[str, str]) -> dict[str, object]:
    """Return dataset and age group, and what the file's name says."""
    row: dict[str, object] = {"dataset": dataset, "age_group": AGE_GROUPS.get(dataset)}
    begun = NAMES[dataset].match(name) if dataset in NAMES else None
    if begun is not None:
        row |= named_values(begun, _VALUES)
        row |= {column: f"{dataset}/{row[column]}" for column in ("person", "clip") if column in row}
    return row | ({"age_group": ages[dataset]} if dataset in ages else {})


def _refuse_absent(folder: Path, wanted: set[str], seen: set[str], cropped: bool) -> None:
    form = "<DATASET>_<Emotion>_cropped" if cropped else "<DATASET>_<Emotion>"
    if not seen:
        raise InputError(
            f"by_dataset: {folder} has no images in folders {form}; name the folder that has, or set cropped to "
            f"{str(not cropped).lower()}."
        )
    absent = sorted(wanted - seen)
    if absent:
        raise InputError(
            f"by_dataset: {folder} has no images of {', '.join(absent)} in folders {form}; choose with datasets "
            f"of what it has: {', '.join(sorted(seen))}."
        )

"""The age generalization study's layout: one folder per dataset and emotion, several datasets in one raw folder.

``<DATASET>_<Emotion>/<file>`` (``CK_Angry/S010_004_00000017.png``), or ``<DATASET>_<Emotion>_cropped`` with the
option ``cropped``. The column ``dataset`` is the first word in lower case. Each dataset is split on its own.

Metadata of the person is read from the file's name where the dataset's naming is known (CK+, FACES, JAFFE, MUG), and
null elsewhere. Person and clip ids include the dataset's name, since ``004`` is a different person in each.
The age groups are declared below; for DEFSS and DEFSS18 they are our reading, since the study does not say
which of its datasets is which: ``age_groups`` overrides them. In FACES the file's name contains the age group.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from fer.data.emotions import EMOTIONS, canonical_emotion
from fer.errors import InputError
from fer.sources.files import with_files_aside
from fer.sources.layouts import CONTRADICTION, image_listing, image_paths, named_values
from fer.sources.listing import Listing, SourceOptions, existing_folder

CHILDREN, ADULTS, OLDER = "children", "adults", "60+"
# Keys are names in lower case without signs and sizes, see _known_as.
AGE_GROUPS: Mapping[str, str] = {
    "ck": ADULTS,
    "ckplus": ADULTS,
    "defss": CHILDREN,
    "defss18": ADULTS,
    "faces": OLDER,
    "mug": ADULTS,
    "nimh": CHILDREN,
    "nimhchefs": CHILDREN,
}
_CK = r"(?P<clip>(?P<person>S\d+)_\d+)_(?P<frame>\d+)"
# By dataset, the beginning of a file's name. Other names have no metadata; for "code" see _CODES.
NAMES: Mapping[str, re.Pattern[str]] = {
    "ck": re.compile(_CK),
    "ckplus": re.compile(_CK),
    "faces": re.compile(r"(?P<person>\d{3})_(?P<age_group>[ymo])_(?P<gender>[mf])_(?P<code>[adfhns])_[ab]"),
    "jaffe": re.compile(r"(?P<person>[A-Z]{2})\.(?P<code>[A-Z]{2})\d*\.\d+"),
    "mug": re.compile(r"(?P<clip>(?P<person>\d{3})_(?P<code>[a-z]{2})_\d{3})_(?P<frame>\d{4})"),
}
_CODES: Mapping[str, str] = {
    "a": "angry", "d": "disgust", "f": "fear", "h": "happy", "n": "neutral", "s": "sad",
    "an": "angry", "di": "disgust", "fe": "fear", "ha": "happy", "ne": "neutral", "sa": "sad", "su": "surprise",
}  # fmt: skip
# The size of the faces in a release's name: CK+48.
_SIZE = re.compile(r"(?<=[a-z+])48$")
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
    rows, refused, seen, others = [], [], set(), []
    for path in image_paths(folder):
        place = _FOLDER.fullmatch(path)
        if place is None:
            refused.append((path, "unexpected path", "its path is not like CK_Angry/face.png"))
            continue
        dataset = place["dataset"].lower()
        if bool(place["cropped"]) != options.cropped:
            others.append(path)
            continue
        seen.add(dataset)
        if wanted and dataset not in wanted:
            others.append(path)
            continue
        row = {"sample_id": path, "label": place["word"], **_known(dataset, place["name"], ages)}
        contradiction = _contradiction(dataset, place["word"], place["name"])
        if contradiction:
            refused.append((path, CONTRADICTION, contradiction))
        else:
            rows.append(row)
    _refuse_absent(folder, wanted, seen, options.cropped)
    listed = [folder / path for path in (*others, *(str(row["sample_id"]) for row in rows))]
    listing = with_files_aside(folder, image_listing(folder, rows, refused), listed)
    return listing.with_remarks(_unknown(rows, ages))


def _known_as(dataset: str) -> str:
    """Return a dataset's name as the tables above have it: ``CK+48`` and ``CK-Plus`` are ``ckplus``."""
    return re.sub(r"[^a-z0-9]", "", _SIZE.sub("", dataset.lower()).replace("+", "plus"))


def _known(dataset: str, name: str, ages: Mapping[str, str]) -> dict[str, object]:
    """Return dataset and age group, and the metadata in the file's name."""
    known_as = _known_as(dataset)
    row: dict[str, object] = {"dataset": dataset, "age_group": AGE_GROUPS.get(known_as)}
    begun = NAMES[known_as].match(name) if known_as in NAMES else None
    if begun is not None:
        row |= {column: value for column, value in named_values(begun, _VALUES).items() if column != "code"}
        row |= {column: f"{dataset}/{row[column]}" for column in ("person", "clip") if column in row}
    return row | ({"age_group": ages[dataset]} if dataset in ages else {})


def _contradiction(dataset: str, word: str, name: str) -> str:
    """Return a sentence if a file's name has another emotion than its folder, else an empty text."""
    begun = NAMES[_known_as(dataset)].match(name) if _known_as(dataset) in NAMES else None
    code = begun.groupdict().get("code") if begun else None
    try:
        folder = canonical_emotion(word, EMOTIONS)  # Names have codes for these.
    except InputError:
        return ""
    named = _CODES.get((code or "").lower(), folder)
    return "" if named == folder else f"its name says {named} ({code}), its folder {word}"


def _unknown(rows: list[dict[str, object]], ages: Mapping[str, str]) -> list[str]:
    """Return a sentence for each unknown dataset, and for each one with file names that lack the expected metadata."""
    remarks = []
    for dataset in dict.fromkeys(str(row["dataset"]) for row in rows):
        here = [row for row in rows if row["dataset"] == dataset]
        silent = [row for row in here if row.get("person") is None]
        if _known_as(dataset) in NAMES and silent:
            remarks.append(
                f"{len(silent):,} of {len(here):,} file names of {dataset} do not name the person, such as "
                f"{silent[0]['sample_id']}: it is not known for these."
            )
        if _known_as(dataset) not in {*NAMES, *AGE_GROUPS} and dataset not in ages:
            remarks.append(
                f"by_dataset knows no dataset {dataset}: person, clip and age group of its {len(here):,} faces are not "
                "known; the option age_groups can give its age group."
            )
    return remarks


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

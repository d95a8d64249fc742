"""RAF-DB, the Real-world Affective Faces Database (Li et al. 2017), basic emotions.

12,271 training and 3,068 test faces from web search, in one of two layouts: the official release
(``EmoLabel/list_patition_label.txt``, spelt so, with lines such as ``train_00001.jpg 5``;
``Image/aligned/train_00001_aligned.jpg``; and, if there, the attributes in
``Annotation/manual/train_00001_manu_attri.txt``: five landmarks, then gender, race and age as numbers), or
Kaggle's ``train/1/train_00001_aligned.jpg``, as it is or below ``DATASET/``. There is no validation split: the
split rule ``carved`` draws one from the training faces.
"""

import re
from pathlib import Path

from fer.errors import InputError
from fer.sources.images import image_files
from fer.sources.layouts import Layout, LayoutOptions, image_listing, read_layout
from fer.sources.listing import Listing, existing_folder

LABELS = Path("EmoLabel") / "list_patition_label.txt"
ALIGNED = Path("Image") / "aligned"
ATTRIBUTES = Path("Annotation") / "manual"
# In the release's own words, in the order of its numbers; an unsure gender is not known.
GENDERS = ("male", "female", None)
RACES = ("caucasian", "african-american", "asian")
AGE_GROUPS = ("0-3", "4-19", "20-39", "40-69", "70+")
LAYOUT = Layout(
    name="rafdb",
    pattern=re.compile(r"(?:DATASET/)?(?P<split>train|test)/(?P<word>[1-7])/[^/]+"),
    example="train/1/train_00001_aligned.jpg",
    words={
        "1": "surprise",
        "2": "fear",
        "3": "disgust",
        "4": "happy",
        "5": "sad",
        "6": "angry",
        "7": "neutral",
    },
    splits="given",
)


def read(folder: Path, options: LayoutOptions) -> Listing:
    """List RAF-DB, in the official layout if its label file is there (also below ``basic/``), else in Kaggle's."""
    existing_folder(folder, "rafdb", f"give the folder that holds {LABELS} or {LAYOUT.example}")
    for place in (folder, folder / "basic"):
        if (place / LABELS).is_file():
            return _official(place)
    return read_layout(LAYOUT, folder, options)


def _official(folder: Path) -> Listing:
    """List the label file's faces; a bad line, a missing image, an image without a line are rejected."""
    existing_folder(folder / ALIGNED, "rafdb", "put the aligned faces of the release there")
    rows, refused = [], []
    present = {path.relative_to(folder).as_posix(): path for path in image_files(folder / ALIGNED)}
    for number, line in enumerate((folder / LABELS).read_text(encoding="utf-8-sig", errors="replace").splitlines(), 1):
        told = re.fullmatch(r"(?P<name>(?P<split>train|test)_\d+)\.\w+\s+(?P<word>[1-7])", line.strip())
        file = told and (ALIGNED / f"{told['name']}_aligned.jpg").as_posix()
        if not told or not file:
            if line.strip():
                reason = f"{line.strip()[:40]!r} is not like 'train_00001.jpg 5'"
                refused.append((f"{LABELS.name} line {number}", "bad row", reason))
        elif present.pop(file, None) is None:
            refused.append(
                (file, "file missing", f"{LABELS.name} line {number} names it, but it is not there, or twice")
            )
        else:
            try:
                known = _attributes(folder / ATTRIBUTES / f"{told['name']}_manu_attri.txt")
            except InputError as error:
                refused.append((file, "bad attributes", str(error)))
                continue
            rows.append({"sample_id": file, "label": told["word"], "split": told["split"], **known})
    refused += [(file, "no label", f"{LABELS.name} does not name it") for file in present]
    return image_listing(folder, rows, refused)


def _attributes(path: Path) -> dict[str, str | None]:
    """Return gender, race and age group; nothing if there is no such file; InputError for one of another form."""
    if not path.is_file():
        return {}
    numbers = path.read_text(encoding="utf-8", errors="replace").split()
    try:
        # Five landmarks of two coordinates come first.
        if len(numbers) != 13 or any(code not in "01234" for code in numbers[10:]):
            raise IndexError
        gender, race, age = (int(code) for code in numbers[10:])
        return {"gender": GENDERS[gender], "race": RACES[race], "age_group": AGE_GROUPS[age]}
    except IndexError:
        raise InputError(f"{path.name} is not five landmarks, gender 0-2, race 0-2 and age 0-4") from None

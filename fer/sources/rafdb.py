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
from fer.sources.delimited import coded_emotion, text_lines
from fer.sources.files import with_files_aside
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
    named=re.compile(r"(?P<split>train|test)_\d"),
)
_CODES = {int(code): code for code in LAYOUT.words}
_LINE = re.compile(r"(?P<name>(?P<split>train|test)_\d+)(?P<aligned>_aligned)?\.\w+[\s,;]+(?P<word>\S+)")
_BEGUN = re.compile(r"(?P<name>(?:train|test)_\d+)(?:_aligned)?\.\w+")


def read(folder: Path, options: LayoutOptions) -> Listing:
    """List RAF-DB, in the official layout if its label file is there (also below ``basic/``), else in Kaggle's."""
    existing_folder(folder, "rafdb", f"give the folder that holds {LABELS} or {LAYOUT.example}")
    for place in (folder, folder / "basic"):
        if (place / LABELS).is_file():
            return _official(place)
    return read_layout(LAYOUT, folder, options)


def _official(folder: Path) -> Listing:
    """List the label file's faces; a bad line, a missing image, an image without a line are rejected, each once."""
    existing_folder(folder / ALIGNED, "rafdb", "put the aligned faces of the release there")
    rows: list[dict[str, object]] = []
    refused: list[tuple[str, str, str]] = []
    present = dict.fromkeys(path.relative_to(folder).as_posix() for path in image_files(folder / ALIGNED))
    seen: dict[str, int] = {}
    for number, line in text_lines(folder / LABELS):
        place = f"{LABELS.name} line {number}"
        begun = _BEGUN.match(line)
        file = (ALIGNED / f"{begun['name']}_aligned.jpg").as_posix() if begun else ""
        matched = _LINE.fullmatch(line)
        word = matched and _word(matched["word"])
        if file in seen:
            refused.append((file, "duplicate", f"{place} names it again, after line {seen[file]}"))
            continue
        if file:
            seen[file] = number
        if not matched or not word:
            refused.append(
                (
                    file if file in present else place,
                    "bad row",
                    f"{place}: {line[:40]!r} is not like 'train_00001.jpg 5'",
                )
            )
        elif file not in present:
            refused.append((file, "file missing", f"{place} names it, but it is not there"))
        else:
            try:
                known = _attributes(folder / ATTRIBUTES / f"{matched['name']}_manu_attri.txt")
            except InputError as error:
                refused.append((file, "bad attributes", str(error)))
                continue
            rows.append({"sample_id": file, "label": word, "split": matched["split"], **known})
    refused += [(file, "no label", f"{LABELS.name} does not name it") for file in present if file not in seen]
    listing = image_listing(folder, rows, refused)
    listed = [folder / str(row["sample_id"]) for row in rows]
    listing = with_files_aside(folder, listing, listed, lambda file: not file.startswith(ALIGNED.as_posix()))
    return listing.with_codes(LAYOUT.name, LAYOUT.words)


def _word(text: str) -> str | None:
    """Return a line's code, ``5`` also for ``5.0``, or its word; None for neither."""
    try:
        return coded_emotion(text, _CODES)
    except ValueError:
        return None


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

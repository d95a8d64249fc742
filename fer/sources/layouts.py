"""Layouts: where a dataset's faces are and which metadata their paths contain, declared as data.

A layout is a regular expression over a face's path. To read a new dataset whose paths contain all
metadata, declare its layout and enter it in :data:`fer.sources.SOURCES`: no code is needed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from fer.data.samples import conform
from fer.sources.files import Refusal, files_below, with_files_aside
from fer.sources.images import IMAGE_SUFFIXES, read_image
from fer.sources.listing import NO_TEXT, REJECTED_COLUMNS, Listing, SourceOptions, as_text, existing_folder

SPLIT_WORDS: Mapping[str, str] = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
CONTRADICTION = "contradiction"
_ANY_SPLIT = "|".join(SPLIT_WORDS)
# An optional folder per split, then one folder per word: a pattern for several layouts.
WORD_FOLDERS = rf"(?:(?P<split>(?i:{_ANY_SPLIT}))/)?(?!(?i:{_ANY_SPLIT})/)(?P<word>[^/]+)/[^/]+"


class LayoutOptions(SourceOptions):
    """No options: the paths contain all metadata."""


@dataclass(frozen=True)
class Layout:
    """The layout of a source's files.

    Attributes:
        name: of the source.
        pattern: matches the whole path below the raw folder (``/`` between parts). Its named groups become
            columns; ``word`` is the label in the source's own words, ``frame`` a whole number.
        example: a path that matches, for messages and tests.
        words: the source's words for emotions, see :mod:`fer.data.labels`.
        values: by group, what its text stands for (keys in lower case); a text that is not there is null.
        columns: what holds for every face.
        splits: the rule of :mod:`fer.data.splitting` where the paths name no split.
        named: beginning of a file's name where it repeats the folders; its groups are ``split`` or ``word``.

    """

    name: str
    pattern: re.Pattern[str]
    example: str
    words: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    splits: str = "stratified"
    named: re.Pattern[str] | None = None

    def sample(self, path: str) -> dict[str, object] | None:
        """Return the row of a face by its path, or None if the path does not match."""
        found = self.pattern.fullmatch(path)
        if found is None:
            return None
        named = named_values(found, {"split": SPLIT_WORDS, **self.values})
        return {"sample_id": path, "label": named.pop("word"), **self.columns, **named}

    def contradiction(self, path: str) -> str:
        """Return a sentence if a file's name contradicts its folders; empty if they agree."""
        found = self.pattern.fullmatch(path)
        name = self.named.match(path.rpartition("/")[2]) if self.named else None
        if found is None or name is None:
            return ""
        stated = {group: text for group, text in name.groupdict().items() if text}
        for group, text in stated.items():
            folder = found[group]
            if folder is not None and _meaning(group, folder) != _meaning(group, text):
                return f"its name says {text}, its folder {folder}"
        return ""


def _meaning(group: str, text: str) -> str:
    return SPLIT_WORDS.get(text.lower(), text) if group == "split" else text.lower()


def named_values(found: re.Match[str], values: Mapping[str, Mapping[str, str]]) -> dict[str, object]:
    """Return a match's named groups, as what ``values`` says their text stands for; ``frame`` as int."""
    named: dict[str, object] = {}
    for name, text in found.groupdict().items():
        if name in values:
            named[name] = values[name].get((text or "").lower())
        else:
            named[name] = int(text) if name == "frame" and text else text
    return named


def read_layout(
    layout: Layout, folder: Path, options: SourceOptions, own: Callable[[str], bool] = lambda _: False
) -> Listing:
    """List a folder by its layout; an image whose path does not match, or contradicts itself, is rejected.

    For ``own`` see :func:`fer.sources.files.left_aside`.
    """
    existing_folder(folder, layout.name, f"give the folder that holds {layout.example}")
    rows, refused = [], []
    for path in image_paths(folder):
        row = layout.sample(path)
        contradiction = row and layout.contradiction(path)
        if row is None:
            refused.append((path, "unexpected path", f"its path is not like {layout.example}"))
        elif contradiction:
            refused.append((path, CONTRADICTION, contradiction))
        else:
            rows.append(row)
    listing = image_listing(folder, rows, refused)
    return with_files_aside(folder, listing, [folder / str(row["sample_id"]) for row in rows], own).with_codes(
        layout.name, layout.words
    )


def image_paths(folder: Path) -> list[str]:
    """Return the images below a folder as relative paths, by folder, then by the numbers in the name.

    Hidden files and folders and files of other kinds are left out. Links to folders are followed, once.
    """
    images = [path for path in files_below(folder) if path.suffix.lower() in IMAGE_SUFFIXES]
    return [path.as_posix() for path in sorted(images, key=_in_order)]


def _in_order(path: Path) -> tuple[str, list[int], str]:
    return path.parent.as_posix(), [int(part) for part in re.findall(r"\d+", path.name)], path.name


def image_listing(
    folder: Path, rows: list[dict[str, object]], refused: list[Refusal], place: Callable[[str], Path] | None = None
) -> Listing:
    """Return the listing of images named by ``sample_id`` (their paths below ``folder``).

    ``place`` gives the path of an image if it differs from its name; ``refused`` are (file, kind, reason). A column
    that is null for every face is left out: nothing is known. A file whose name is not text (from another system's
    archive) is refused.
    """
    unreadable = [row for row in rows if as_text(str(row["sample_id"])) != row["sample_id"]]
    rows = [row for row in rows if row not in unreadable] if unreadable else rows
    refused = [(as_text(file), kind, as_text(reason)) for file, kind, reason in refused]
    refused += [(as_text(str(row["sample_id"])), "bad file name", NO_TEXT) for row in unreadable]
    samples = pd.DataFrame(rows, columns=None if rows else ["sample_id", "label"])
    known = [name for name in samples if name in ("sample_id", "label") or samples[name].notna().any()]
    samples = conform(samples[known])
    files = samples["sample_id"].tolist()
    rejected = pd.DataFrame(refused, columns=list(REJECTED_COLUMNS), dtype="str")
    return Listing(samples, lambda row: read_image(place(files[row]) if place else folder / files[row]), rejected)

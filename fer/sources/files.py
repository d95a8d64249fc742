"""Files of a raw folder: their names, and remarks on those that the source does not read."""

import os
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path

from fer.sources.images import IMAGE_SUFFIXES
from fer.sources.listing import Listing, as_text

# Pictures in formats that are not read: each counts as a lost row.
UNREAD_PICTURES = frozenset(
    {".heic", ".heif", ".hif", ".jxl", ".svg", ".psd", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".raw", ".eps"}
)
# Files that operating systems leave in folders.
_NOBODYS = frozenset({"thumbs.db", "desktop.ini"})
_NAMED = 3

Refusal = tuple[str, str, str]


def files_below(folder: Path) -> list[Path]:
    """Return the files below a folder, relative to it. Hidden ones are left out; links are followed, each once."""
    found, entered = [], set()
    for place, below, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        below[:] = sorted(name for name in below if not name.startswith(".") and real not in entered)
        if real in entered:
            continue
        entered.add(real)
        at = Path(place).relative_to(folder)
        found += [at / name for name in names if not name.startswith(".")]
    return found


def left_aside(
    folder: Path, spoken_of: Collection[str], own: Callable[[str], bool] = lambda _: False
) -> tuple[list[Refusal], tuple[str, ...]]:
    """Return the files of a folder that no row names: (file, kind, reason) of unread pictures, remarks on the rest.

    Args:
        folder: the raw folder.
        spoken_of: files that are listed or refused already, relative to it.
        own: whether a file, relative to it, is one that the source itself reads, such as its table.

    """
    spoken = {same_name(file) for file in spoken_of}
    refused: list[Refusal] = []
    rest: list[Path] = []
    for path in sorted(files_below(folder)):
        name = as_text(path.as_posix())
        if same_name(name) in spoken or own(name) or path.name.lower() in _NOBODYS:
            continue
        if path.suffix.lower() in UNREAD_PICTURES:
            refused.append((name, "unread format", f"pictures of the kind {path.suffix} are not read; save it as PNG"))
        else:
            rest.append(path)
    return refused, _remarks(rest)


def with_files_aside(
    folder: Path, listing: Listing, listed: Collection[Path], own: Callable[[str], bool] = lambda _: False
) -> Listing:
    """Return a listing with the other files of its folder: unread pictures are rejected, other files counted and named.

    ``listed`` are the files of its samples; for ``own`` see :func:`left_aside`.
    """
    spoken_of = {as_text(file.relative_to(folder).as_posix()) for file in listed} | {*listing.rejected["file"]}
    refused, remarks = left_aside(folder, spoken_of, own)
    return listing.with_refused(refused).with_remarks(remarks)


def unnamed(folder: Path, spoken_of: Collection[str], suffixes: Collection[str], what: str, table: str) -> list[str]:
    """Return a remark on the files of a kind below a folder that no row of its table names; none if all are named."""
    spoken = {same_name(file) for file in spoken_of}
    rest = [
        path
        for path in sorted(files_below(folder))
        if path.suffix.lower() in suffixes and same_name(as_text(path.as_posix())) not in spoken
    ]
    return [f"{_counted(rest, what)} named by no row of {table}: {_kinds(rest)}."] if rest else []


def _remarks(rest: list[Path]) -> tuple[str, ...]:
    if not rest:
        return ()
    pictures = [path for path in rest if path.suffix.lower() in IMAGE_SUFFIXES]
    others = [path for path in rest if path.suffix.lower() not in IMAGE_SUFFIXES]
    remarks = []
    if pictures:
        remarks.append(f"{_counted(pictures, 'picture')} outside the folders that are read: {_kinds(pictures)}.")
    if others:
        remarks.append(f"{_counted(others, 'file')} of a kind that is not read: {_kinds(others)}.")
    return tuple(remarks)


def _counted(paths: list[Path], what: str) -> str:
    return f"{len(paths):,} {what} is" if len(paths) == 1 else f"{len(paths):,} {what}s are"


def _kinds(paths: list[Path]) -> str:
    """Return "2 .txt, 1 without suffix (a.txt, b.txt, c)"."""
    kinds = Counter(path.suffix.lower() or "without suffix" for path in paths)
    first = [as_text(path.as_posix()) for path in paths[:_NAMED]]
    shown = ", ".join(first) + (", ..." if len(paths) > _NAMED else "")
    return ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common()) + f" ({shown})"


def same_name(name: str) -> str:
    """Return a name in one Unicode form: an accented letter may be written as one character or as two."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


class FilesBelow:
    """Files of a folder by the names that a table gives them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names = cache(self._read)

    def place(self, name: str) -> Path:
        """Return the path of a file with this name, or with the same name in another Unicode form."""
        exact = self._folder / name
        if name.isascii() or exact.exists():
            return exact
        at = self._folder
        for part in Path(name).parts:
            at = at / self._names(at).get(same_name(part), part)
        return at

    def hint(self, name: str) -> str:
        """Return a hint on a file whose name differs only in case; empty if there is none."""
        path = self._folder / name
        alike = [found for found in self._names(path.parent).values() if found.lower() == path.name.lower()]
        return f"; there is {alike[0]}" if alike and alike[0] != path.name else ""

    def _read(self, folder: Path) -> dict[str, str]:
        return {same_name(path.name): path.name for path in folder.iterdir()} if folder.is_dir() else {}

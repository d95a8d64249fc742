"""What a user names to be predicted on: pictures, folders, patterns, videos and cameras."""

import glob
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from fer.errors import InputError, shown
from fer.sources.images import IMAGE_SUFFIXES
from fer.sources.video import VIDEO_SUFFIXES

_CAMERA = re.compile(r"camera:(?P<number>[0-9]{1,3})$")
_PATTERN = re.compile(r"[*?\[]")


class Kind(Enum):
    """What an input is."""

    PICTURE = "picture"
    VIDEO = "video"
    CAMERA = "camera"


@dataclass(frozen=True)
class Input:
    """One picture, video or camera.

    Attributes:
        kind: see :class:`Kind`.
        name: as tables show it: the path as given, or found below a given folder; ``camera:0``.
        path: of the file; None for a camera.
        camera: the camera's number; None for a file.

    """

    kind: Kind
    name: str
    path: Path | None = None
    camera: int | None = None


def inputs_of(words: Iterable[str]) -> list[Input]:
    """Return what is named by paths, folders (searched with all below), patterns like ``photos/*.jpg``, ``camera:0``.

    In the order given, in a folder by name, each file once. Raises InputError for a word that names nothing, for a file
    that is neither a picture nor a video by its ending, and for a folder without any.
    """
    found: dict[str, Input] = {}
    for word in words:
        for one in _named(word):
            found.setdefault(str(one.path.resolve()) if one.path is not None else one.name, one)
    if not found:
        raise InputError("no picture is named; give files, folders, patterns such as 'photos/*.jpg', or camera:0.")
    return list(found.values())


def _named(word: str) -> list[Input]:
    camera = _CAMERA.match(word)
    if camera is not None:
        return [Input(Kind.CAMERA, word, camera=int(camera["number"]))]
    path = Path(word).expanduser()
    if path.is_dir():
        files = [file for file in sorted(path.rglob("*")) if file.is_file() and _kind(file) is not None]
        if not files:
            raise InputError(f"folder {shown(word)} holds no picture and no video; name another.")
        return [_file(file) for file in files if not any(part[0] == "." for part in file.relative_to(path).parts)]
    if path.exists():
        if _kind(path) is None:
            raise InputError(
                f"{shown(word)} is neither a picture nor a video by its ending; give one such as face.jpg."
            )
        return [_file(path)]
    if _PATTERN.search(word):
        matched = [Path(name) for name in sorted(glob.glob(str(path), recursive=True))]
        files = [file for file in matched if file.is_file() and _kind(file) is not None]
        if files:
            return [_file(file) for file in files]
        raise InputError(f"pattern {shown(word)} matches no picture and no video; name files that exist.")
    raise InputError(f"there is no file or folder {shown(word)}; name pictures, videos or folders that exist.")


def _kind(path: Path) -> Kind | None:
    suffix = path.suffix.lower()
    return Kind.PICTURE if suffix in IMAGE_SUFFIXES else Kind.VIDEO if suffix in VIDEO_SUFFIXES else None


def _file(path: Path) -> Input:
    return Input(_kind(path) or Kind.PICTURE, str(path), path=path)

"""Read and validate the files of a dataset's folder: ``dataset.json`` and ``faces.npy``."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from fer.data.emotions import canonical_emotion
from fer.errors import InputError

SCHEMA_VERSION = 2
VOCABULARY = "vocabulary"
_KINDS = {
    "name": (str, "text"),
    "digest": (str, "text"),
    "packed": (bool, "true or false"),
    "parts": (dict, "a mapping"),
    "provenance": (dict, "a mapping"),
}
_DEEPEST = 60


def read_description(folder: Path) -> dict[str, Any]:
    """Return the content of ``dataset.json``, with checked types; InputError for a folder that is not a dataset."""
    file = folder / "dataset.json"
    if not file.is_file():
        raise InputError(
            f"{folder} is not a face dataset (it has no dataset.json): make one with the entry point preprocess."
        )
    try:
        about = json.loads(file.read_text(encoding="utf-8"))
    except RecursionError:
        raise InputError(f"{file} is nested too deeply; preprocess it again.") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{folder} cannot be read ({error}); preprocess it again.") from error
    if not isinstance(about, dict) or not set(about) >= {"schema_version", *_KINDS}:
        raise InputError(f"{file} does not describe a face dataset; preprocess it again.")
    version = about["schema_version"]
    if version != SCHEMA_VERSION or isinstance(version, bool):
        raise InputError(
            f"{folder} has schema version {str(version)[:40]}, this code reads {SCHEMA_VERSION}; preprocess it again."
        )
    for key, (kind, words) in _KINDS.items():
        if not isinstance(about[key], kind):
            raise InputError(f"{file}: {key} is not {words}; preprocess it again.")
    for source, entry in about["parts"].items():
        if not isinstance(entry, dict) or not all(isinstance(entry.get(key), str) for key in ("address", "digest")):
            raise InputError(f"{file}: the part {source} has no address or digest; make it again.")
    _check_vocabulary(file, about["provenance"].get("emotions"))
    _check_depth(file, about["provenance"])
    return about


def open_faces(folder: Path) -> np.ndarray:
    """Return the packed faces, mapped, uint8 (n, h, w) or (n, h, w, 3); InputError for any other array."""
    file = folder / "faces.npy"
    if not file.is_file():
        raise InputError(f"{folder} has lost its faces.npy; preprocess it again.")
    try:
        with open(file, "rb") as opened:
            if opened.read(6) != b"\x93NUMPY":
                raise ValueError("it is no .npy file")
        array = np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError, TypeError, OverflowError, MemoryError, SyntaxError) as error:
        reason = str(error).split("\n")[0]
        raise InputError(f"{file} cannot be read ({reason}); preprocess it again.") from error
    faces = array.ndim == 3 or (array.ndim == 4 and array.shape[3] == 3)
    if not faces or array.dtype != np.uint8 or 0 in array.shape:
        raise InputError(
            f"{file} holds {array.dtype} of shape {array.shape}, not faces of uint8 (n, height, width) or (n, height, "
            "width, 3); preprocess it again."
        )
    return array


def _check_vocabulary(file: Path, emotions: object) -> None:
    if emotions is None:
        return
    try:
        if not isinstance(emotions, list):
            raise InputError("emotions is no list")
        for word in emotions:
            canonical_emotion(word if isinstance(word, str) else repr(word))
    except InputError as error:
        raise InputError(f"{file}: provenance: {str(error).rstrip('.')}; preprocess it again.") from None


def _check_depth(file: Path, content: object) -> None:
    """Refuse content that is nested too deeply to be written again."""
    level = [content]
    for _ in range(_DEEPEST):
        level = [
            item
            for one in level
            if isinstance(one, dict | list)
            for item in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return
    raise InputError(f"{file} is nested too deeply; preprocess it again.")

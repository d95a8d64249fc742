"""Identity: one hash for what makes a result, so that what is done is recognised and not done again."""

import hashlib
import json
import os
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any


@cache
def code_version() -> str:
    """Return a digest of the library's own source files.

    The content, not the git commit: a changed working tree changes it at once, a commit that touches only
    documentation does not, and it exists outside a checkout too.
    """
    root = Path(__file__).parent
    content = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        content.update(str(path.relative_to(root)).encode())
        content.update(path.read_bytes())
    return content.hexdigest()[:12]


def keras_backend() -> str:
    """Return the package that Keras computes with, without loading it: ``KERAS_BACKEND``, else TensorFlow."""
    return os.environ.get("KERAS_BACKEND", "tensorflow")


def identity(parameters: Mapping[str, Any], data: Mapping[str, str]) -> str:
    """Return the identity of a result: 16 hex digits over parameters, data, code and libraries.

    Values are compared as strings, as the tracking server keeps them: 1 and "1" are one.
    """
    content = {
        "parameters": {name: str(value) for name, value in sorted(parameters.items())},
        "data": dict(sorted(data.items())),
        "code": code_version(),
        "versions": {package: version(package) for package in ("keras", "numpy", keras_backend())},
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's content."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_fingerprint(path: Path | None) -> str:
    """Return a digest of names, sizes and modification times of all files under ``path``.

    It tells whether raw data changed without reading it; pixels are covered by the dataset's own digest.
    Links to folders are followed, as the sources follow them.
    """
    content = hashlib.sha256()
    if path is not None:
        for file in [path] if path.is_file() else files_below(path):
            facts = file.stat()
            line = f"{file.relative_to(path)} {facts.st_size} {facts.st_mtime_ns}\n"
            content.update(line.encode(errors="surrogateescape"))
    return content.hexdigest()[:16]


def files_below(folder: Path) -> list[Path]:
    """Return all files below a folder, sorted; hidden ones too. Links to folders are followed, each folder once."""
    found: list[Path] = []
    entered: set[str] = set()
    for place, below, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in entered:
            below.clear()
            continue
        entered.add(real)
        below.sort()
        found += [Path(place, name) for name in names]
    return sorted(path for path in found if path.is_file())

"""Identity: one hash for what makes a result, so that what is done is recognised and not done again.

The version of the code is part of it, so whatever changes in ``fer/`` would have everything done again. A change that
moves no result must not cost users what they have finished: :data:`REPRODUCED` names the earlier versions whose results
this code gives to the last digit, and what they finished is taken over. New runs always have the version of the code
that made them.

**When an entry must go.** With any change that moves a result of any step - a pixel, a row, a split, a weight, a
metric - all entries go, for none of those versions gives the new result. With a change that moves none, the version
released last is added at the end (``python -c "from fer.identity import code_version; print(code_version())"`` in its
checkout). Whoever is in doubt empties the tuple: that costs time, a wrong entry mixes results of two kinds.

**Datasets** are taken over from the versions of :data:`REPRODUCED_DATASETS` alone. A cell's identity has the digests of
its datasets, which cover every row, pixel and class: so a change of what becomes of raw data, and of nothing after
that, empties this tuple and leaves the other. Datasets are then made anew, and where one comes out as it was, what was
trained on it is taken over.

A metric that is new is missing from what is taken over: where it is wanted there too, the tuple is emptied.

What is half done under another version, a checkpoint or some faces found, is not taken over: it begins again.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

# Oldest first; the first one also says which runs are repetitions of one experiment, see results_version.
REPRODUCED: tuple[str, ...] = (
    "32c94bb46649",  # 0.1.0
)
# Not 0.1.0: it passed over pictures of some formats, squeezed those with a box, and read 12 bits as 16.
REPRODUCED_DATASETS: tuple[str, ...] = ()


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


def code_versions() -> tuple[str, ...]:
    """Return the versions of the code that give this code's results: its own first, then from the latest on."""
    return (code_version(), *reversed(REPRODUCED))


def dataset_versions() -> tuple[str, ...]:
    """Return the versions of the code that make this code's datasets of the same raw data, as :func:`code_versions`."""
    return (code_version(), *reversed(REPRODUCED_DATASETS))


def results_version() -> str:
    """Return the first version of the code that gave this code's results.

    Runs of two versions that give the same results are repetitions of one experiment, not two experiments.
    """
    return REPRODUCED[0] if REPRODUCED else code_version()


def keras_backend() -> str:
    """Return the package that Keras computes with, without loading it: ``KERAS_BACKEND``, else TensorFlow."""
    return os.environ.get("KERAS_BACKEND", "tensorflow")


def identity(parameters: Mapping[str, Any], data: Mapping[str, str], code: str | None = None) -> str:
    """Return the identity of a result: 16 hex digits over parameters, data, code and libraries.

    Values are compared as strings, as the tracking server keeps them: 1 and "1" are one. ``code`` is the version of the
    code that the result is looked for under (:func:`code_versions`); None: this one. What ``data`` names by identities
    of their own must be those of the same version.
    """
    content = {
        "parameters": {name: str(value) for name, value in sorted(parameters.items())},
        "data": dict(sorted(data.items())),
        "code": code or code_version(),
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

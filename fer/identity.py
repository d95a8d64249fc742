"""Identity: a hash of everything that determines a result, so that finished work is recognised and reused.

The version of the code is part of it, so any change in ``fer/`` would cause everything to be computed again. A change
that does not affect results must not cost users their finished work: :data:`REPRODUCED` lists the earlier versions
whose results this code reproduces to the last digit, and their finished runs are reused. New runs always have the
version of the code that made them.

**When to remove entries.** A change that affects a result of any step (a pixel, a row, a split, a weight, a metric)
removes all entries, because none of those versions gives the new result. A change that only affects how predictions
are evaluated (an interval, a test, an audit, a metric) empties :data:`REPRODUCED_EVALUATIONS` instead: trainings and
ensembles are reused, and cells are evaluated again, which takes seconds. A change that affects none appends the
version that was released last (``python -c "from fer.identity import code_version; print(code_version())"`` in its
checkout). If in doubt, empty the tuple: that costs time, whereas a wrong entry mixes different results.

**Datasets** are reused from the versions in :data:`REPRODUCED_DATASETS` only. A cell's identity contains the digests of
its datasets, which cover every row, pixel and class. So a change that only affects how raw data become datasets empties
this tuple and not the other. Datasets are then made again, and if one is unchanged, what was trained on it is reused.

Reused runs lack new metrics; if a new metric is needed for them, too, empty :data:`REPRODUCED_EVALUATIONS`. Where 0.1.0
logged two groups as one, or under a name that has lost characters, a report computes their metrics from the
predictions.

Unfinished work of another version, such as a checkpoint or faces found so far, is not reused: it starts again.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

# Oldest first; the first one also decides which runs are repetitions of one experiment, see results_version.
# Not 0.1.0 (32c94bb46649): its default added noise, and batch normalisation, now one operation while a model is
# trained, rounds differently.
REPRODUCED: tuple[str, ...] = ()
# Not 0.1.0: its intervals were too narrow for accurate models and small groups.
REPRODUCED_EVALUATIONS: tuple[str, ...] = ()
# Not 0.1.0: it passed over pictures of some formats, squeezed those with a box, and read 12 bits as 16.
REPRODUCED_DATASETS: tuple[str, ...] = ()


@cache
def code_version() -> str:
    """Return a digest of the library's own source files.

    It depends on the content, not on the git commit: a changed working tree changes it at once, a commit that only
    touches documentation does not, and it also exists outside a checkout.
    """
    root = Path(__file__).parent
    content = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        content.update(str(path.relative_to(root)).encode())
        content.update(path.read_bytes())
    return content.hexdigest()[:12]


def code_versions() -> tuple[str, ...]:
    """Return the code versions with this code's results: its own, then the earlier ones from newest to oldest."""
    return (code_version(), *reversed(REPRODUCED))


def evaluation_versions() -> tuple[str, ...]:
    """Return the code versions that evaluate a model on a test set as this code does, as :func:`code_versions`."""
    return (code_version(), *reversed(REPRODUCED_EVALUATIONS))


def dataset_versions() -> tuple[str, ...]:
    """Return the code versions that make the same datasets from raw data as this code, as :func:`code_versions`."""
    return (code_version(), *reversed(REPRODUCED_DATASETS))


def results_version() -> str:
    """Return the first code version that gave this code's results.

    Runs of two versions that give the same results are repetitions of one experiment, not two experiments.
    """
    return REPRODUCED[0] if REPRODUCED else code_version()


def keras_backend() -> str:
    """Return Keras' backend package without importing it: ``KERAS_BACKEND``, else TensorFlow."""
    return os.environ.get("KERAS_BACKEND") or "tensorflow"


def identity(parameters: Mapping[str, Any], data: Mapping[str, str], code: str | None = None) -> str:
    """Return the identity of a result: 16 hex digits over parameters, data, code and libraries.

    Values are compared as strings, as the tracking server stores them: 1 and "1" are equal. ``code`` is the code
    version under which the result is looked up (:func:`code_versions`), by default the current one. Identities that
    appear in ``data`` must be those of the same version.
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


def files_digest(folder: Path) -> str:
    """Return a SHA-256 over the names and the content of all files of a folder."""
    content = hashlib.sha256()
    for file in files_below(folder):
        content.update(f"{file.relative_to(folder).as_posix()}\0{file_digest(file)}\n".encode(errors="surrogateescape"))
    return content.hexdigest()


def files_fingerprint(path: Path | None) -> str:
    """Return a digest of names, sizes and modification times of all files under ``path``.

    It shows whether raw data changed, without reading it; pixels are covered by the dataset's own digest.
    Links to folders are followed, as the sources do.
    """
    content = hashlib.sha256()
    if path is not None:
        for file in [path] if path.is_file() else files_below(path):
            facts = file.stat()
            line = f"{file.relative_to(path)} {facts.st_size} {facts.st_mtime_ns}\n"
            content.update(line.encode(errors="surrogateescape"))
    return content.hexdigest()[:16]


def files_below(folder: Path) -> list[Path]:
    """Return all files below a folder, sorted, including hidden ones. Links are followed, each folder once."""
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

"""A training's state on disk: one file, replaced whole after an epoch, from which a killed training goes on.

Keras' BackupAndRestore is not enough: it keeps weights, optimizer and the number of the epoch of one fit, in two files
that a kill can leave at odds. What callbacks remember, the phases before and the best weights are not in it.
"""

import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from fer.errors import InputError

Arrays = Mapping[str, Sequence[np.ndarray]]
_STATE, _FIXED = "checkpoint.npz", "fixed-{}.npz"
_FACTS = "facts"


@dataclass(frozen=True)
class State:
    """Where a training stands after an epoch.

    Attributes:
        phase: 0-based.
        epochs: how many of this phase are done.
        facts: what is no array, JSON-serialisable.
        arrays: by owner, in the owner's order.
        fixed: arrays that this phase does not change; kept in a file of their own, which :func:`write` leaves alone.

    """

    phase: int
    epochs: int
    facts: Mapping[str, Any]
    arrays: Arrays
    fixed: Arrays = field(default_factory=dict)


def read(folder: Path) -> State | None:
    """Return the state that a folder holds, or None; InputError for files that are damaged."""
    if not (folder / _STATE).exists():
        return None
    with _readable(folder):
        facts, arrays = _loaded(folder / _STATE)
        phase, epochs = facts.pop("phase"), facts.pop("epochs")
        fixed = folder / _FIXED.format(phase)
        return State(phase, epochs, facts, arrays, _loaded(fixed)[1] if fixed.exists() else {})


def epochs_done(folder: Path) -> int:
    """Return how many epochs, over all phases, the state of a folder has behind it; 0 without one. Errors as read."""
    if not (folder / _STATE).exists():
        return 0
    with _readable(folder), np.load(folder / _STATE, allow_pickle=False) as file:
        return len(json.loads(file[_FACTS].tobytes())["course"]["rows"])


@contextmanager
def _readable(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError, EOFError, zlib.error, BadZipFile) as error:
        reason = str(error) or type(error).__name__
        raise InputError(
            f"the checkpoint in {folder} cannot be read ({reason}); remove the folder to train from the start."
        ) from error


def write(folder: Path, state: State) -> None:
    """Replace the state of a folder, but for its fixed arrays; OSError if the disk is full: the old one stays."""
    _save(folder / _STATE, {**state.facts, "phase": state.phase, "epochs": state.epochs}, state.arrays)
    for old in folder.glob(_FIXED.format("*")):
        if old.name != _FIXED.format(state.phase):
            old.unlink()


def write_fixed(folder: Path, phase: int, fixed: Arrays) -> None:
    """Keep what a phase, which now begins, does not change; OSError if the disk is full."""
    _save(folder / _FIXED.format(phase), {}, fixed)


def _save(path: Path, facts: Mapping[str, Any], arrays: Arrays) -> None:
    named: dict[str, np.ndarray] = {_FACTS: np.frombuffer(json.dumps(facts).encode(), np.uint8)}
    named |= {f"{owner}/{place}": array for owner, several in arrays.items() for place, array in enumerate(several)}
    partial = path.with_name(f".{path.name}.partial")
    try:
        with open(partial, "wb") as file:
            np.savez(file, allow_pickle=False, **named)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def _loaded(path: Path) -> tuple[dict[str, Any], dict[str, list[np.ndarray]]]:
    arrays: dict[str, list[np.ndarray]] = {}
    with np.load(path, allow_pickle=False) as file:
        for name in file.files:  # In the order they were written.
            if name != _FACTS:
                arrays.setdefault(name.rsplit("/", 1)[0], []).append(file[name])
        return json.loads(file[_FACTS].tobytes()), arrays

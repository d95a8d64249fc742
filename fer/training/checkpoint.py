"""A training's state on disk: one file, replaced atomically after an epoch, from which a killed training resumes.

Keras' BackupAndRestore is not enough: it saves weights, optimizer and epoch number of one fit, in two files that can be
inconsistent after a kill. It does not save the callbacks' state, the earlier phases or the best weights.
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
    """The state of a training after an epoch.

    Attributes:
        phase: number of the phase, 0-based.
        epochs: number of finished epochs of this phase.
        facts: everything that is not an array, JSON-serialisable.
        arrays: arrays by owner, in the owner's order.
        fixed: arrays that this phase does not change; they have their own file, which :func:`write` does not touch.

    """

    phase: int
    epochs: int
    facts: Mapping[str, Any]
    arrays: Arrays
    fixed: Arrays = field(default_factory=dict)


def read(folder: Path) -> State | None:
    """Return the state saved in a folder, or None; raises InputError for damaged files."""
    if not (folder / _STATE).exists():
        return None
    with _readable(folder):
        facts, arrays = _loaded(folder / _STATE)
        phase, epochs = facts.pop("phase"), facts.pop("epochs")
        fixed = folder / _FIXED.format(phase)
        return State(phase, epochs, facts, arrays, _loaded(fixed)[1] if fixed.exists() else {})


def epochs_done(folder: Path) -> int:
    """Return the number of finished epochs, over all phases, saved in a folder; 0 without a state.

    Raises InputError for a damaged file.
    """
    if not (folder / _STATE).exists():
        return 0
    # Opened here: of a damaged file NumPy leaves its own open.
    with _readable(folder), open(folder / _STATE, "rb") as raw, np.load(raw, allow_pickle=False) as file:
        return len(json.loads(file[_FACTS].tobytes())["training_log"]["rows"])


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
    """Replace the state in a folder, except its fixed arrays.

    Raises OSError if the disk is full; the old state is then kept.
    """
    _save(folder / _STATE, {**state.facts, "phase": state.phase, "epochs": state.epochs}, state.arrays)
    for old in folder.glob(_FIXED.format("*")):
        if old.name != _FIXED.format(state.phase):
            old.unlink()


def write_fixed(folder: Path, phase: int, fixed: Arrays) -> None:
    """Save the arrays that the phase that now begins does not change; raises OSError if the disk is full."""
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
    with open(path, "rb") as raw, np.load(raw, allow_pickle=False) as file:
        for name in file.files:  # In the order they were written.
            if name != _FACTS:
                arrays.setdefault(name.rsplit("/", 1)[0], []).append(file[name])
        return json.loads(file[_FACTS].tobytes()), arrays

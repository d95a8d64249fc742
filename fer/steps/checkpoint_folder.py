"""The folder of an unfinished training: in ``training`` of the cache, named by the training's identity.

It holds the checkpoint, the metrics that the server may not have yet, and the id of their run.
"""

import json
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from fer.errors import DivergedError
from fer.storage.folders import cache_folder, locked
from fer.tracking.metric_queue import FILE
from fer.tracking.reopening import is_finished

KEPT_DAYS = 30
_RUN = "run.json"


@dataclass(frozen=True)
class Unfinished:
    """The folder of an unfinished training.

    Attributes:
        folder: folder of the checkpoints; None if this training writes none.
        run_id: id of the run of the last start; None if there was none.
        starts: number of earlier starts.

    """

    folder: Path | None = None
    run_id: str | None = None
    starts: int = 0

    def belongs_to(self, run_id: str) -> Path:
        """Record the run that the training now belongs to; return the file for its metrics."""
        if self.folder is None:
            return _root() / run_id / FILE
        with suppress(OSError):  # On a full disk there is no checkpoint either; writing one warns about it.
            self.folder.mkdir(parents=True, exist_ok=True)
            partial = self.folder / f".{_RUN}"
            partial.write_text(json.dumps({"run": run_id, "starts": self.starts + 1}), encoding="utf-8")
            partial.replace(self.folder / _RUN)
        return self.folder / FILE


@contextmanager
def unfinished(key: str | None) -> Iterator[Unfinished]:
    """Hold the folder of a training of this identity; remove it when the block, which contains the run, succeeds.

    After an error the folder is kept, and the same training resumes from it, except if the loss diverged, which would
    happen again. No checkpoints are written for a training that another process is running, or without an identity
    (``key`` is None).
    """
    prune()
    with ExitStack() as held:
        kept = Unfinished() if key is None else _held(key, held)
        try:
            yield kept
        except DivergedError:
            _remove(kept)
            raise
        _remove(kept)


def prune() -> None:
    """Remove the folders of trainings that were not resumed for 30 days."""
    for folder in _root().glob("*/"):
        with suppress(OSError):  # The training's own process may be removing it.
            newest = max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
            if time.time() - newest > KEPT_DAYS * 86400:
                shutil.rmtree(folder)


def _held(key: str, held: ExitStack) -> Unfinished:
    folder = _root() / key
    try:
        is_ours = held.enter_context(locked(_lock(folder), None))
    except OSError as error:
        _tell(f"{folder} cannot be written ({error.strerror}): no checkpoints are written for this training.")
        return Unfinished()
    if not is_ours:
        _tell("another process is running the same training: no checkpoints are written for this one.")
        return Unfinished()
    run_id, starts = _last_start(folder)
    if run_id is None:
        return Unfinished(folder)
    if is_finished(run_id):  # Killed after its run had finished: this is a new training.
        shutil.rmtree(folder)
        return Unfinished(folder)
    return Unfinished(folder, run_id, starts)


def _last_start(folder: Path) -> tuple[str | None, int]:
    """Return the run of the last start and the number of starts; None and 0 if no such file is there, or a damaged."""
    try:
        known = json.loads((folder / _RUN).read_text(encoding="utf-8"))
        run_id, starts = known["run"], known["starts"]
    except FileNotFoundError:
        return None, 0
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        run_id, starts = None, 0
    if not isinstance(run_id, str) or not isinstance(starts, int):
        _tell(f"{folder / _RUN} is damaged: the training continues in a new run.")
        return None, 0
    return run_id, starts


def _remove(kept: Unfinished) -> None:
    if kept.folder is not None:
        shutil.rmtree(kept.folder, ignore_errors=True)


def _tell(sentence: str) -> None:
    tqdm.write(f"warning: {sentence}", file=sys.stderr)


def _root() -> Path:
    return cache_folder() / "training"


def _lock(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")

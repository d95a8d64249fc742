"""What is kept of a training until its run is FINISHED: one folder in ``training`` of the cache, by its identity.

In it stand the checkpoint, the metrics that the server may not have yet, and the run that they belong to.
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
    """A training's folder.

    Attributes:
        folder: of checkpoints; None: this training keeps none.
        run_id: the run of the earlier start; None: there was none.
        starts: how many earlier starts there were.

    """

    folder: Path | None = None
    run_id: str | None = None
    starts: int = 0

    def belongs_to(self, run_id: str) -> Path:
        """Note the run that the training is now in; return the file for its metrics."""
        if self.folder is None:
            return _root() / run_id / FILE
        with suppress(OSError):  # On a full disk there will be no checkpoint either; that is said when one is written.
            self.folder.mkdir(parents=True, exist_ok=True)
            partial = self.folder / f".{_RUN}"
            partial.write_text(json.dumps({"run": run_id, "starts": self.starts + 1}))
            partial.replace(self.folder / _RUN)
        return self.folder / FILE


@contextmanager
def unfinished(key: str | None) -> Iterator[Unfinished]:
    """Hold the folder of a training of this identity; remove it when the block, with the run in it, has ended well.

    After any error it stays, and the same training goes on from it; but not if the loss became no number, which it
    would again. A training that another process is at, or that has no identity (None), keeps no checkpoints.
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
    """Remove what was kept of trainings that nobody has gone on with for 30 days."""
    for folder in _root().glob("*/"):
        with suppress(OSError):  # Its own process may be removing it.
            newest = max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
            if time.time() - newest > KEPT_DAYS * 86400:
                shutil.rmtree(folder)


def _held(key: str, held: ExitStack) -> Unfinished:
    folder = _root() / key
    try:
        is_ours = held.enter_context(locked(_lock(folder), None))
    except OSError as error:
        _tell(f"{folder} cannot be written ({error.strerror}): the training keeps no checkpoints.")
        return Unfinished()
    if not is_ours:
        _tell("another process is at the same training: this one keeps no checkpoints.")
        return Unfinished()
    try:
        known = json.loads((folder / _RUN).read_text())
    except (OSError, ValueError):
        return Unfinished(folder)
    if is_finished(known["run"]):  # Killed after its end: what is asked for now is another one.
        shutil.rmtree(folder)
        return Unfinished(folder)
    return Unfinished(folder, known["run"], known["starts"])


def _remove(kept: Unfinished) -> None:
    if kept.folder is not None:
        shutil.rmtree(kept.folder, ignore_errors=True)


def _tell(sentence: str) -> None:
    tqdm.write(f"warning: {sentence}", file=sys.stderr)


def _root() -> Path:
    return cache_folder() / "training"


def _lock(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")

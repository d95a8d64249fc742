"""The log of a training, saved with every checkpoint, so that a resumed training reports all of its epochs."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from fer.training.trunk_cache.stages import Stage

Row = dict[str, float | str]


class TrainingLog:
    """The epochs and phases of a training, including those before an interruption.

    Attributes:
        rows: one per epoch over all phases: ``phase`` and the metrics.
        trained_from: description of what each phase was trained from.
        trunk_faces: number of faces that were passed through the trunk to fill the trunk cache.
        trunk_seconds: seconds that this took.

    """

    def __init__(
        self,
        rows: Sequence[Row] = (),
        trained_from: Sequence[str] = (),
        trunk_faces: int = 0,
        trunk_seconds: float = 0.0,
        seconds: float = 0.0,
    ):
        self.rows, self.trained_from = list(rows), list(trained_from)
        self.trunk_faces, self.trunk_seconds = trunk_faces, trunk_seconds
        self._before, self._began = seconds, time.perf_counter()

    @property
    def seconds(self) -> float:
        """Wall-clock seconds up to now; of each earlier start, up to its last checkpoint."""
        return self._before + time.perf_counter() - self._began

    @property
    def history(self) -> pd.DataFrame:
        """The rows as a table, indexed by 0-based ``epoch``."""
        return pd.DataFrame(self.rows).rename_axis("epoch")

    def enter(self, phase: int, stage: Stage) -> None:
        """Record what a phase trains on."""
        self.trained_from[phase:] = [stage.note]
        self.trunk_faces += stage.faces
        self.trunk_seconds += stage.seconds

    def as_dict(self) -> Mapping[str, Any]:
        """Return the log's contents, as arguments for a new log."""
        return {
            "rows": self.rows,
            "trained_from": self.trained_from,
            "trunk_faces": self.trunk_faces,
            "trunk_seconds": self.trunk_seconds,
            "seconds": self.seconds,
        }

"""How far runs that are still running have come, and what finished ones took."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import mlflow
from mlflow.entities import FileInfo, Run

from fer.tracking import names
from fer.tracking.run_search import condition, search_runs

# The last metric that is logged of an epoch, whose step is the epoch's number.
_OF_AN_EPOCH = "validation/accuracy"


@dataclass(frozen=True)
class Progress:
    """What a run is doing: its stage, and of a training the epochs that are done and those planned (None: unknown)."""

    stage: str
    epochs: int = 0
    planned: int | None = None

    def sentence(self) -> str:
        """Return the progress in words.

        Example:
            >>> Progress("train", 3, 7).sentence(), Progress("evaluate").sentence()
            ('train: epoch 3 of 7', 'evaluate')

        """
        if self.stage != names.TRAIN_STAGE:
            return self.stage
        return f"{self.stage}: epoch {self.epochs}" + (f" of {self.planned}" if self.planned is not None else "")


def progress_of(run_id: str, experiment_id: str) -> Progress:
    """Return what a cell's run is doing, by its newest step."""
    below = search_runs([experiment_id], condition({names.PARENT: run_id}), limit=1)
    if not below:
        return Progress("begun")
    newest = below[0]
    stage = newest.data.tags.get(names.STAGE, "")
    if stage != names.TRAIN_STAGE:
        return Progress(stage)
    done = mlflow.MlflowClient().get_metric_history(newest.info.run_id, _OF_AN_EPOCH)
    planned = newest.data.params.get(f"{names.RESOLVED}epochs", "")
    phases = planned.split(",")
    total = sum(map(int, phases)) if all(phase.strip().isdecimal() for phase in phases) else None
    return Progress(stage, max((metric.step for metric in done), default=0), total)


def rows_read(run: Run) -> int | None:
    """Return how many faces the dataset of a training had, of all splits; None if that was not logged."""
    for entry in run.inputs.dataset_inputs if run.inputs else ():
        try:
            return int(json.loads(entry.dataset.profile or "{}")["num_rows"])
        except (ValueError, KeyError, TypeError):
            continue
    return None


def bytes_below(run_id: str, experiment_id: str) -> int:
    """Return the bytes of the artifacts and models that a run and the runs below it have logged."""
    client = mlflow.MlflowClient()
    run = client.get_run(run_id)
    taken = _bytes(partial(client.list_artifacts, run_id))
    for output in run.outputs.model_outputs if run.outputs else ():
        taken += _bytes(partial(client.list_logged_model_artifacts, output.model_id))
    for child in search_runs([experiment_id], condition({names.PARENT: run_id})):
        taken += bytes_below(child.info.run_id, experiment_id)
    return taken


def _bytes(listed: Callable[[str | None], list[FileInfo]], folder: str | None = None) -> int:
    found = listed(folder)
    return sum(_bytes(listed, entry.path) if entry.is_dir else entry.file_size or 0 for entry in found)

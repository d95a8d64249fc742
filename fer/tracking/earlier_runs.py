"""What finished cells of studies took: the measurements by which further ones are estimated."""

from dataclasses import dataclass

import mlflow
from mlflow.entities import Run

from fer.tracking import names
from fer.tracking.run_progress import bytes_below, rows_read
from fer.tracking.run_search import condition, matching_runs, quoted, search_runs

# The newest of them: machines and code change.
MOST = 50


@dataclass(frozen=True)
class Measured:
    """One finished cell.

    Attributes:
        training_seconds: seconds of its training.
        other_seconds: all others of the cell: mixing, evaluation, logging.
        seconds_per_epoch_and_face: seconds of the training by epoch and face of its dataset, of all splits; None if
            these were not logged.
        peak_memory_gb: largest memory of its process, in GB (10^9 bytes); None from an earlier version.
        artifact_bytes: bytes of the artifacts and models of it and the runs below it; of the newest cell, else None.

    """

    training_seconds: float
    other_seconds: float
    seconds_per_epoch_and_face: float | None
    peak_memory_gb: float | None
    artifact_bytes: int | None


def measured_cells(backbone: str) -> list[Measured]:
    """Return the measurements of the newest finished cells of a backbone, in all experiments of the server."""
    client = mlflow.MlflowClient()
    experiments = [one.experiment_id for one in client.search_experiments()]
    if not experiments:
        return []
    wanted = condition({names.STAGE: names.CELL_STAGE, names.ORIGIN: names.MEASURED}, "FINISHED")
    found = search_runs(experiments, f"{wanted} and params.backbone = {quoted(backbone)}", limit=MOST)
    trained = _trainings(found)
    measured = []
    for place, run in enumerate(found):
        training = trained.get(run.data.tags.get(names.TRAINING_RUN, ""))
        whole = (run.info.end_time - run.info.start_time) / 1000
        # A cell that took its model from another one says nothing of how long a cell takes.
        if training is None or training.info.start_time < run.info.start_time:
            continue
        seconds = training.data.metrics.get(names.SECONDS)
        if seconds is None or seconds > whole:  # It went on from an earlier start.
            continue
        epochs, faces = training.data.metrics.get(names.EPOCHS, 0.0), rows_read(training)
        measured.append(
            Measured(
                seconds,
                whole - seconds,
                seconds / (epochs * faces) if epochs and faces else None,
                run.data.metrics.get(names.PEAK_MEMORY),
                bytes_below(run.info.run_id, run.info.experiment_id) if place == 0 else None,
            )
        )
    return measured


def _trainings(cells: list[Run]) -> dict[str, Run]:
    """Return the training runs of cells by id."""
    by_experiment: dict[str, list[str]] = {}
    for cell in cells:
        training = cell.data.tags.get(names.TRAINING_RUN)
        if training is not None:
            by_experiment.setdefault(cell.info.experiment_id, []).append(training)
    return {
        run.info.run_id: run
        for experiment, ids in by_experiment.items()
        for run in matching_runs(experiment, "", sorted(set(ids)))
    }

"""Finished evaluations of an experiment, and which of them tested the same faces."""

import mlflow
from mlflow.entities import Run

from fer.tracking import names
from fer.tracking.run_search import condition, search_runs

_LATEST = 200


def comparable_pair(experiment_id: str, with_run: str | None = None) -> tuple[str, str] | None:
    """Return the ids of the two newest evaluations of the same faces, the older one first; None if there are none.

    ``with_run``: the newer one is this evaluate run.
    """
    finished = search_runs([experiment_id], condition({names.STAGE: names.EVALUATE_STAGE}, "FINISHED"), _LATEST)
    if with_run is not None:
        finished = [mlflow.get_run(with_run), *(run for run in finished if run.info.run_id != with_run)]
    newest: dict[tuple[str, ...], str] = {}
    for place, run in enumerate(finished):
        faces = _faces(run)
        if faces in newest and (with_run is None or newest[faces] == with_run):
            return run.info.run_id, newest[faces]
        if faces and (with_run is None or place == 0):
            newest[faces] = run.info.run_id
    return None


def _faces(run: Run) -> tuple[str, ...]:
    """Return the digests of the faces that a run tested; empty for a run that does not name them."""
    return tuple(sorted(entry.dataset.digest for entry in (run.inputs.dataset_inputs if run.inputs else ())))

"""Runs that did not finish: which of them can be opened again, and the tags of one that another run goes on with."""

import mlflow
from mlflow.entities import LifecycleStage, Run
from mlflow.exceptions import MlflowException

from fer.tracking import names

_FINISHED = "FINISHED"


def can_reopen(run_id: str, experiment_id: str | None) -> bool:
    """Return whether a run is there, in this experiment, and not FINISHED."""
    run = _existing(run_id)
    return run is not None and run.info.experiment_id == experiment_id and run.info.status != _FINISHED


def is_finished(run_id: str) -> bool:
    """Return whether there is such a run, and it is FINISHED."""
    run = _existing(run_id)
    return run is not None and run.info.status == _FINISHED


def note_continuation(old: str, new: str) -> None:
    """Say on both runs that the new one goes on with what the old one began."""
    client = mlflow.MlflowClient()
    client.set_tag(new, names.CONTINUES, old)
    if _existing(old) is not None:
        client.set_tag(old, names.CONTINUED_BY, new)


def _existing(run_id: str) -> Run | None:
    try:
        run = mlflow.get_run(run_id)
    except MlflowException:  # It was deleted for good, or is on another server.
        return None
    return None if run.info.lifecycle_stage == LifecycleStage.DELETED else run

"""Unfinished runs: which of them can be reopened, and the tags that link a run to the one that continues it."""

import mlflow
from mlflow.entities import LifecycleStage, Run
from mlflow.exceptions import MlflowException

from fer.tracking import names
from fer.tracking.faults import fault_of

_FINISHED = "FINISHED"


def can_reopen(run_id: str, experiment_id: str | None) -> bool:
    """Return whether a run exists in this experiment and is not FINISHED."""
    run = _existing(run_id)
    return run is not None and run.info.experiment_id == experiment_id and run.info.status != _FINISHED


def is_finished(run_id: str) -> bool:
    """Return whether a run exists and is FINISHED."""
    run = _existing(run_id)
    return run is not None and run.info.status == _FINISHED


def note_continuation(old: str, new: str) -> None:
    """Tag both runs: the new one continues the old one."""
    client = mlflow.MlflowClient()
    client.set_tag(new, names.CONTINUES, old)
    if _existing(old) is not None:
        client.set_tag(old, names.CONTINUED_BY, new)


def _existing(run_id: str) -> Run | None:
    try:
        run = mlflow.get_run(run_id)
    except MlflowException as error:
        fault = fault_of(error)
        if fault is not None:
            raise fault from error
        return None  # The run was deleted permanently or is on another server.
    return None if run.info.lifecycle_stage == LifecycleStage.DELETED else run

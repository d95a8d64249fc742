"""Experiments by name: found, or created where the current store keeps their files."""

import mlflow
from mlflow.entities import LifecycleStage
from mlflow.exceptions import MlflowException

from fer.errors import InputError
from fer.storage.system_faults import shortened
from fer.tracking.journal import artifact_location

# The server's own limit.
_LONGEST_NAME = 500


def experiment_named(name: str) -> str:
    """Return the id of the experiment of this name; create it if it does not exist.

    Raises InputError for a name that the server does not take, and for an experiment that was deleted.
    """
    known = mlflow.get_experiment_by_name(name)
    if known is None:
        if not name.strip() or len(name) > _LONGEST_NAME:
            raise InputError(
                f"{shortened(name)!r}, of {len(name):,} characters, cannot be an experiment's name; give one of 1 to "
                f"{_LONGEST_NAME} characters."
            )
        try:
            return mlflow.create_experiment(name, artifact_location())
        except MlflowException:  # Another process may just have created it.
            known = mlflow.get_experiment_by_name(name)
            if known is None:
                raise
    if known.lifecycle_stage == LifecycleStage.DELETED:
        raise InputError(
            f"experiment {name!r} was deleted; restore it (mlflow experiments restore --experiment-id "
            f"{known.experiment_id}), or choose another name with the environment variable MLFLOW_EXPERIMENT_NAME."
        )
    return known.experiment_id

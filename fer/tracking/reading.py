"""What a run on the server is of: its evaluation, the dataset it was tested on, its title, its files."""

import mlflow
from mlflow.entities import Run
from mlflow.exceptions import MlflowException

from fer.errors import InputError
from fer.tracking import names
from fer.tracking.runs import experiment_name
from fer.tracking.server import connect


def evaluation_run(run_id: str) -> str:
    """Return the evaluate run of a cell; of any other run its own id. InputError if there is no such run."""
    return _existing(run_id).data.tags.get(names.EVALUATION_RUN, run_id)


def evaluated_dataset(run_id: str) -> str:
    """Return the address of the dataset that a cell or an evaluate run was tested on; InputError if it was on none."""
    dataset = _existing(evaluation_run(run_id)).data.params.get("dataset")
    if dataset is None:
        raise InputError(f"run {run_id} evaluated no dataset; give an evaluate run or a measured cell.")
    # `mlflow run` logs parameters quoted as its shell got them.
    return dataset.strip("'")


def run_title(run_id: str) -> str:
    """Return what a run is called in tables: its experiment in the study, else its name; and its seed if it has one."""
    run = _existing(run_id)
    title = run.data.tags.get(names.EXPERIMENT, run.info.run_name)
    return f"{title}, seed {run.data.params['seed']}" if "seed" in run.data.params else title


def experiment_of(run_id: str) -> str:
    """Return the name of the experiment that holds a run; InputError if there is no such run."""
    connect()
    return experiment_name(_existing(run_id).info.experiment_id)


def _existing(run_id: str) -> Run:
    try:
        return mlflow.get_run(run_id)
    except MlflowException as error:
        raise InputError(f"there is no run {run_id} on {mlflow.get_tracking_uri()}; check the id.") from error


def artifact_paths(run_id: str, folder: str | None = None) -> list[str]:
    """Return the paths of a run's files, those in folders included, sorted."""
    paths: list[str] = []
    for entry in mlflow.MlflowClient().list_artifacts(run_id, folder):
        paths += artifact_paths(run_id, entry.path) if entry.is_dir else [entry.path]
    return sorted(paths)

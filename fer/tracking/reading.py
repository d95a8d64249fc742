"""Read one run on the server: its evaluation, the dataset it was tested on, its title, its files and metrics."""

import json

import mlflow
import pandas as pd
from mlflow.entities import Run
from mlflow.exceptions import MlflowException

from fer.errors import InputError
from fer.sentinels import NONE
from fer.text.spreadsheets import unmarked
from fer.tracking import names
from fer.tracking.artifacts import artifact
from fer.tracking.faults import fault_of, first_line
from fer.tracking.pages import experiment_page
from fer.tracking.server import connect

# Columns of logged tables that hold names.
_TEXT = {"attribute": "str", "group": "str"}


def evaluation_run(run_id: str) -> str:
    """Return the id of a cell's evaluate run; for any other run, its own id.

    Raises InputError if there is no such run.
    """
    return _existing(run_id).data.tags.get(names.EVALUATION_RUN, run_id)


def evaluated_dataset(run_id: str) -> str:
    """Return the address of the dataset that a cell or an evaluate run was tested on.

    Raises InputError for a run that tested nothing, or a table of predictions without a dataset.
    """
    dataset = _existing(evaluation_run(run_id)).data.params.get("dataset")
    if dataset is None:
        raise InputError(f"run {run_id} evaluated no dataset; give an evaluate run or a measured cell.")
    # `mlflow run` logs parameters with their shell quoting.
    address = dataset.strip("'")
    if address == NONE:
        raise InputError(
            f"run {run_id} evaluated a table of predictions alone, without pictures; evaluate it with dataset= to have "
            "them."
        )
    return address


def evaluated_by(run_id: str) -> list[str]:
    """Return the attributes by which a cell or an evaluate run was evaluated, as users write them; maybe none.

    Raises InputError if there is no such run.
    """
    return names.attributes_in(_existing(evaluation_run(run_id)).data.params)


def run_title(run_id: str) -> str:
    """Return a run's title in tables: its experiment in the study, else its name; then its seed if it has one."""
    run = _existing(run_id)
    title = run.data.tags.get(names.EXPERIMENT, run.info.run_name)
    return f"{title}, seed {run.data.params['seed']}" if "seed" in run.data.params else title


def experiment_of(run_id: str) -> str:
    """Return the name of the experiment that holds a run.

    Raises InputError if there is no such run.
    """
    connect()
    return experiment_name(_existing(run_id).info.experiment_id)


def experiment_name(experiment_id: str) -> str:
    """Return the name of an experiment on the server."""
    return mlflow.get_experiment(experiment_id).name


def existing_experiment(name: str) -> str | None:
    """Return ``name`` if the server has such an experiment, else None."""
    connect()
    return name if mlflow.get_experiment_by_name(name) is not None else None


def experiment_id_named(name: str) -> str | None:
    """Return the id of the experiment of this name; None if the server has none."""
    known = mlflow.get_experiment_by_name(name)
    return None if known is None else str(known.experiment_id)


def runs_page(experiment: str) -> str:
    """Return the address of the page that lists the runs of an experiment, by its name."""
    return experiment_page(experiment_id_named(experiment) or "")


def run_facts(run_id: str) -> tuple[dict[str, float], dict[str, str]]:
    """Return a run's metrics (the last value of each) and its tags."""
    data = mlflow.get_run(run_id).data
    return data.metrics, data.tags


def _existing(run_id: str) -> Run:
    try:
        return mlflow.get_run(run_id)
    except MlflowException as error:
        raise fault_of(error) or InputError(
            f"there is no run {run_id} on {mlflow.get_tracking_uri()}; check the id."
        ) from error


def artifact_paths(run_id: str, folder: str | None = None) -> list[str]:
    """Return the sorted paths of a run's files, including those in subfolders."""
    paths: list[str] = []
    for entry in mlflow.MlflowClient().list_artifacts(run_id, folder):
        paths += artifact_paths(run_id, entry.path) if entry.is_dir else [entry.path]
    return sorted(paths)


def read_json(run_id: str, path: str, remedy: str) -> dict:
    """Return a JSON artifact of a run.

    Raises InputError, with ``remedy`` at the end of its message, if the run has no such artifact.
    """
    try:
        with artifact(run_id, path) as place:
            content = json.loads(place.read_text(encoding="utf-8"))
    except (MlflowException, OSError) as error:
        raise fault_of(error) or InputError(f"run {run_id} has no {path} ({first_line(error)}); {remedy}.") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} of run {run_id} is damaged ({first_line(error)}); {remedy}.") from error
    if not isinstance(content, dict):
        raise InputError(f"{path} of run {run_id} is damaged (it is no mapping); {remedy}.")
    return content


def read_table(run_id: str, path: str) -> pd.DataFrame:
    """Return the table at a path of a run's artifacts, ``.parquet`` or ``.csv``; groups are text, even ``01``.

    Raises InputError if it cannot be read.
    """
    try:
        with artifact(run_id, path) as place:
            if path.endswith(".csv"):
                return unmarked(pd.read_csv(place, dtype=_TEXT, keep_default_na=False, na_values=[""]))
            return pd.read_parquet(place)
    except (MlflowException, OSError, ValueError) as error:
        raise fault_of(error) or InputError(
            f"{path} of run {run_id} cannot be read ({first_line(error)}); make it again with a new run."
        ) from error

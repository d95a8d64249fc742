"""Runs: open, attach to the one that `mlflow run` made, log in few calls, recognise finished ones."""

import io
import json
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import mlflow
import pandas as pd
from matplotlib.figure import Figure
from mlflow.entities import Metric, Param, Run, RunTag, ViewType
from mlflow.exceptions import MlflowException
from PIL import Image

from fer.errors import InputError
from fer.tracking import names
from fer.tracking.server import connect

DEFAULT_EXPERIMENT = "fer"
RUNS_A_PAGE = 1000
_METRICS_A_CALL = 1000
_VALUE_LENGTH = 5000
DESCRIPTION_LENGTH = _VALUE_LENGTH


@contextmanager
def open_run(
    stage: str,
    name: str,
    parameters: Mapping[str, object] | None = None,
    tags: Mapping[str, object] | None = None,
    experiment: str | None = None,
    experiment_id: str | None = None,
) -> Iterator[Run]:
    """Open a run of ``stage`` and log its parameters; nested if one is open already.

    ``experiment`` is where a run that was not started by `mlflow run` goes, unless ``MLFLOW_EXPERIMENT_NAME``
    says otherwise; ``experiment_id`` puts a nested run into another experiment than its parent's.

    Under `mlflow run` the outermost run is the one that MLflow made and gave parameters to: those stay as
    they are, only further ones are logged. An exception marks the run FAILED with its text in the tag
    ``fer.failure``, Ctrl-C marks it KILLED; both go on to the caller.
    """
    nested = mlflow.active_run() is not None
    if not nested:
        connect()
        if not attached():
            asked = mlflow.environment_variables.MLFLOW_EXPERIMENT_NAME.get()
            mlflow.set_experiment(asked or experiment or DEFAULT_EXPERIMENT)
    marks = {names.STAGE: stage, names.ORIGIN: names.MEASURED, **(tags or {})}
    with _mlflow_run(name, nested, experiment_id if nested else None) as run:
        given = {key: str(value) for key, value in (parameters or {}).items() if key not in run.data.params}
        client = mlflow.MlflowClient()
        client.log_batch(
            run.info.run_id,
            params=[Param(key, value[:_VALUE_LENGTH]) for key, value in given.items()],
            tags=[RunTag(key, str(value)[:_VALUE_LENGTH]) for key, value in marks.items()],
        )
        if not nested:
            client.update_run(run.info.run_id, name=name)
            _show_as_model_training(client, run.info.experiment_id)
        try:
            yield run
        except Exception as error:
            mlflow.set_tag(names.FAILURE, f"{type(error).__name__}: {error}"[:_VALUE_LENGTH])
            raise


def _show_as_model_training(client: mlflow.MlflowClient, experiment_id: str) -> None:
    """Mark the experiment as one of models, or MLflow's UI opens it as one of language-model traces."""
    if names.EXPERIMENT_KIND not in client.get_experiment(experiment_id).tags:
        client.set_experiment_tag(experiment_id, names.EXPERIMENT_KIND, "custom_model_development")


@contextmanager
def _mlflow_run(name: str, nested: bool, experiment_id: str | None) -> Iterator[Run]:
    run = mlflow.start_run(run_name=name, nested=nested, experiment_id=experiment_id)
    status = "FAILED"
    try:
        yield mlflow.get_run(run.info.run_id)
        status = "FINISHED"
    except KeyboardInterrupt:
        status = "KILLED"
        raise
    finally:
        mlflow.end_run(status)


def attached() -> bool:
    """Return whether this process was started by `mlflow run`, which made the run and chose its experiment."""
    return mlflow.environment_variables.MLFLOW_RUN_ID.get() is not None


def log_metrics(metrics: Mapping[str, float], step: int = 0) -> None:
    """Log metrics on the open run, a thousand a call."""
    now = int(time.time() * 1000)
    entries = [Metric(name, float(value), now, step) for name, value in metrics.items()]
    run_id = mlflow.active_run().info.run_id
    for start in range(0, len(entries), _METRICS_A_CALL):
        mlflow.MlflowClient().log_batch(run_id, metrics=entries[start : start + _METRICS_A_CALL])


def log_parameters(parameters: Mapping[str, object]) -> None:
    """Log parameters of the open run that it does not have yet."""
    run_id = mlflow.active_run().info.run_id
    known = mlflow.get_run(run_id).data.params
    fresh = [Param(key, str(value)[:_VALUE_LENGTH]) for key, value in parameters.items() if key not in known]
    mlflow.MlflowClient().log_batch(run_id, params=fresh)


def set_tags(tags: Mapping[str, object]) -> None:
    """Set tags of the open run in one call."""
    entries = [RunTag(key, str(value)[:_VALUE_LENGTH]) for key, value in tags.items()]
    mlflow.MlflowClient().log_batch(mlflow.active_run().info.run_id, tags=entries)


def describe_run(markdown: str) -> None:
    """Set the description that the UI shows at the top of the open run's page."""
    mlflow.set_tag(names.NOTE, markdown[:DESCRIPTION_LENGTH])


def log_files(
    tables: Mapping[str, pd.DataFrame] | None = None,
    figures: Mapping[str, Figure] | None = None,
    texts: Mapping[str, str] | None = None,
) -> None:
    """Log artifacts by path: tables (``.csv`` or ``.parquet``), figures (``.png``), texts; one upload for all.

    CSV is what the UI's artifact viewer shows as a table.
    """
    with tempfile.TemporaryDirectory() as folder:
        for path, table in (tables or {}).items():
            place = _place(folder, path)
            if path.endswith(".parquet"):
                table.to_parquet(place, index=False)
            else:
                table.to_csv(place, index=table.index.name is not None)
        for path, figure in (figures or {}).items():
            figure.savefig(_place(folder, path), dpi=150)
        for path, text in (texts or {}).items():
            _place(folder, path).write_text(text)
        mlflow.log_artifacts(folder)


def log_comparable_image(key: str, figure: Figure) -> None:
    """Log a figure under a key that the UI's charts lay side by side across runs."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    buffer.seek(0)
    mlflow.log_image(Image.open(buffer).convert("RGB"), key=key, step=0)


def _place(folder: str, path: str) -> Path:
    place = Path(folder) / path
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def search_runs(experiment_ids: Sequence[str], filter_string: str = "", limit: int | None = None) -> list[Run]:
    """Return all matching runs, newest first, page by page."""
    client = mlflow.MlflowClient()
    found: list[Run] = []
    token = None
    while True:
        page = client.search_runs(
            list(experiment_ids),
            filter_string,
            ViewType.ACTIVE_ONLY,
            RUNS_A_PAGE,
            ["attributes.start_time DESC"],
            token,
        )
        found += page
        token = page.token
        if not token or (limit is not None and len(found) >= limit):
            return found[:limit]


def finished_run(identity: str, stage: str, experiment_id: str | None = None) -> Run | None:
    """Return the newest FINISHED run of this identity and stage, or None; by default in the open run's experiment."""
    experiment = experiment_id or mlflow.active_run().info.experiment_id
    marks = f"tags.`{names.IDENTITY}` = '{identity}' and tags.`{names.STAGE}` = '{stage}'"
    wanted = f"{marks} and attributes.status = 'FINISHED'"
    found = search_runs([experiment], wanted, limit=1)
    return found[0] if found else None


def run_facts(run_id: str) -> tuple[dict[str, float], dict[str, str]]:
    """Return the last value of each metric, and the tags, of a run."""
    data = mlflow.get_run(run_id).data
    return data.metrics, data.tags


def read_json(run_id: str, path: str, remedy: str) -> dict:
    """Return a JSON artifact of a run; InputError, ending in ``remedy``, if it has none."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            place = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path=path, dst_path=folder)
            return json.loads(Path(place).read_text())
    except (MlflowException, OSError) as error:
        raise InputError(f"run {run_id} has no {path} ({str(error).splitlines()[0]}); {remedy}.") from error


def read_table(run_id: str, path: str) -> pd.DataFrame:
    """Return a table that is an artifact of a run, by its path: ``.parquet`` or ``.csv``."""
    with tempfile.TemporaryDirectory() as folder:
        place = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path=path, dst_path=folder)
        return pd.read_csv(place) if path.endswith(".csv") else pd.read_parquet(place)


def experiment_named(name: str) -> str:
    """Return the id of the experiment of this name, made if the server has none."""
    known = mlflow.get_experiment_by_name(name)
    return known.experiment_id if known is not None else mlflow.create_experiment(name)


def existing_experiment(name: str) -> str | None:
    """Return ``name`` if the server has such an experiment, else None."""
    connect()
    return name if mlflow.get_experiment_by_name(name) is not None else None


def experiment_name(experiment_id: str) -> str:
    """Return the name of an experiment on the server."""
    return mlflow.get_experiment(experiment_id).name

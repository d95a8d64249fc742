"""Predictions on the tracking server; those of finished runs are cached in ``$FER_CACHE/predictions``."""

import hashlib
import io

import mlflow
import pandas as pd
from mlflow.entities import Run
from mlflow.exceptions import MlflowException

from fer.errors import InputError
from fer.storage.cache_files import keep, kept
from fer.storage.folders import cache_folder
from fer.tracking import names
from fer.tracking.artifacts import file_at, files_at
from fer.tracking.faults import fault_of, first_line
from fer.tracking.server import server_name


def predictions_table(run_id: str, refresh: bool = False) -> pd.DataFrame:
    """Return the predictions of an evaluate run, or of a cell's evaluate run.

    A cached file is used if the run is finished and neither its end time nor the size of the file on the server has
    changed; ``refresh`` downloads it in any case. Raises InputError if the run has no predictions.
    """
    try:
        run = mlflow.get_run(run_id)
        evaluated = run.data.tags.get(names.EVALUATION_RUN, run_id)
        content = _content(run if evaluated == run_id else mlflow.get_run(evaluated), refresh)
    except (MlflowException, OSError) as error:
        raise fault_of(error) or InputError(
            f"run {run_id} has no predictions ({first_line(error)}); give an evaluate run or a measured cell."
        ) from error
    return pd.read_parquet(io.BytesIO(content))


def _content(run: Run, refresh: bool) -> bytes:
    run_id, path, address = run.info.run_id, names.PREDICTIONS_ARTIFACT, run.info.artifact_uri
    sizes = {file.path: file.file_size for file in files_at(address)}
    if path not in sizes:
        raise FileNotFoundError(f"it has no file {path}")
    finished = run.info.status == "FINISHED" and run.info.end_time is not None
    folder = cache_folder() / "predictions" / hashlib.sha256(server_name().encode()).hexdigest()[:24]
    stem = f"{run_id}-{run.info.end_time}-{sizes[path]}"
    content = kept(folder, stem) if finished and not refresh else None
    if content is None:
        with file_at(address, path) as place:
            content = place.read_bytes()
        if finished:
            keep(folder, stem, content)
    return content

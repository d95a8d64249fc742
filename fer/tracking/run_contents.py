"""What an open run is given, in few calls: parameters, tags, metrics, tables, figures, texts, its description."""

import io
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import mlflow
import pandas as pd
from matplotlib.figure import Figure
from mlflow.entities import Metric, Param, RunTag
from PIL import Image

from fer.tracking import names
from fer.tracking.uploading import uploading

_METRICS_A_CALL = 1000
VALUE_LENGTH = 5000
DESCRIPTION_LENGTH = VALUE_LENGTH


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
    fresh = [Param(key, str(value)[:VALUE_LENGTH]) for key, value in parameters.items() if key not in known]
    mlflow.MlflowClient().log_batch(run_id, params=fresh)


def set_tags(tags: Mapping[str, object]) -> None:
    """Set tags of the open run in one call."""
    entries = [RunTag(key, str(value)[:VALUE_LENGTH]) for key, value in tags.items()]
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

    CSV is what the UI's artifact viewer shows as a table. Errors as :func:`fer.tracking.uploading.uploading`.
    """
    with uploading(), tempfile.TemporaryDirectory() as folder:
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

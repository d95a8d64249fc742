"""Log datasets that the open run produced, as artifacts."""

from pathlib import Path

import mlflow

from fer.tracking import names
from fer.tracking.active import active_run


def log_dataset(folder: Path, artifact: str = names.DATASET_ARTIFACT) -> str:
    """Log a dataset's folder as an artifact of the open run; return its ``runs:/`` address."""
    mlflow.log_artifacts(str(folder), artifact)
    return f"runs:/{active_run().info.run_id}/{artifact}"

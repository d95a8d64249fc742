"""Log datasets that the open run produced, as artifacts."""

from pathlib import Path

import mlflow

from fer.tracking import names
from fer.tracking.active import active_run
from fer.tracking.journal import journaled


def log_dataset(folder: Path, artifact: str = names.DATASET_ARTIFACT) -> str:
    """Log a dataset's folder as an artifact of the open run; return its ``runs:/`` address."""
    journaled(lambda: mlflow.log_artifacts(str(folder), artifact))
    return f"runs:/{active_run().info.run_id}/{artifact}"

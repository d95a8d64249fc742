"""Log datasets that the open run made, as artifacts."""

from pathlib import Path

import mlflow

from fer.tracking import names


def log_dataset(folder: Path, artifact: str = names.DATASET_ARTIFACT) -> str:
    """Log a dataset's folder as an artifact of the open run; return its ``runs:/`` address."""
    mlflow.log_artifacts(str(folder), artifact)
    return f"runs:/{mlflow.active_run().info.run_id}/{artifact}"

"""Log datasets on the open run: as an input that it read, as an artifact that it made."""

from pathlib import Path

import mlflow
import pandas as pd
from mlflow.data.pandas_dataset import from_pandas

from fer.data.dataset import FaceDataset
from fer.tracking import names
from fer.tracking.active import active_run
from fer.tracking.dataset_source import FaceDatasetSource

_DIGEST_LENGTH = 36  # MLflow refuses longer ones.


def log_dataset_input(dataset: FaceDataset, address: str, context: str) -> None:
    """Note on the open run that it read ``dataset`` from ``address`` as ``context`` (training, test, base...)."""
    table = dataset.samples
    shown = [name for name in ("label", "split", "source", "race", "gender", "person", "clip") if name in table]
    entry = from_pandas(
        pd.DataFrame(table[shown].astype("object")),
        source=FaceDatasetSource(address),
        name=dataset.name,
        digest=dataset.digest[:_DIGEST_LENGTH],
        targets="label",
    )
    mlflow.log_input(entry, context=context)


def log_dataset(folder: Path, artifact: str = names.DATASET_ARTIFACT) -> str:
    """Log a dataset's folder as an artifact of the open run; return its ``runs:/`` address."""
    mlflow.log_artifacts(str(folder), artifact)
    return f"runs:/{active_run().info.run_id}/{artifact}"

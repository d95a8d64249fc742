"""Names on the tracking server: tags, artifact paths, parts of metrics. One place, for those who write and read."""

import re

STAGE = "fer.stage"
STUDY = "fer.study"
CELL = "fer.cell"
ORIGIN = "fer.origin"
EXPERIMENT = "fer.experiment"
POSITION = "fer.position"
EVALUATION_RUN = "fer.evaluation_run"
TRAINING_RUN = "fer.training_run"
IDENTITY = "fer.identity"
RECIPE = "fer.recipe"
FAILURE = "fer.failure"
WARNING = "fer.warning"
WORST_GROUP = "fer.worst_group"
CLUSTER = "fer.cluster"
FAMILY = "fer.family"
PARENT = "mlflow.parentRunId"
NOTE = "mlflow.note.content"
EXPERIMENT_KIND = "mlflow.experimentKind"

# What a run read a dataset for.
TRAINING_CONTEXT = "training"

MEASURED = "measured"
PUBLISHED = "published"

DATASET_ARTIFACT = "dataset"
MODEL_NAME = "model"
PREDICTIONS_ARTIFACT = "predictions.parquet"
HYPERPARAMETERS_ARTIFACT = "best.json"

STUDY_STAGE = "study"
CELL_STAGE = "cell"

# Signs that group names carry ("60+", "<18") and the server's metric names may not.
_SIGNS = {"<": "under_", ">": "over_", "+": "_plus"}


def metric_part(name: str) -> str:
    """Return a group's name as one part of a metric's name: no slash, and no sign that the server refuses."""
    for sign, word in _SIGNS.items():
        name = name.replace(sign, word)
    cleaned = re.sub(r"[^\w.\- :]", "_", name).strip()
    return cleaned if cleaned.strip(".") else "empty"

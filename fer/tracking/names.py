"""Names on the tracking server: tags and artifact paths. One place, for those who write and who read."""

STAGE = "fer.stage"
STUDY = "fer.study"
CELL = "fer.cell"
ORIGIN = "fer.origin"
EXPERIMENT = "fer.experiment"
POSITION = "fer.position"
EVALUATION_RUN = "fer.evaluation_run"
TRAINING_RUN = "fer.training_run"
IDENTITY = "fer.identity"
FAILURE = "fer.failure"
PARENT = "mlflow.parentRunId"

MEASURED = "measured"
PUBLISHED = "published"

DATASET_ARTIFACT = "dataset"
MODEL_NAME = "model"
PREDICTIONS_ARTIFACT = "predictions.parquet"
HYPERPARAMETERS_ARTIFACT = "best.json"

STUDY_STAGE = "study"
CELL_STAGE = "cell"

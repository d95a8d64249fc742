"""Names on the tracking server: tags, stages, metrics, artifact paths; and their columns in a frame of runs.

One place, for those who write and those who read. The metrics of an evaluation, such as ``test/race/accuracy_std``, are
named where an evaluation is made, :func:`fer.evaluation.metric_names.metric_name`, and the files that a record has in a
folder too in :mod:`fer.record`.
"""

from fer.record import PREDICTIONS_FILE, ROBUSTNESS_FILE

# What our tags begin with.
OURS = "fer."

STAGE = "fer.stage"
STUDY = "fer.study"
CELL = "fer.cell"
ORIGIN = "fer.origin"
EXPERIMENT = "fer.experiment"
TRAINING_TITLE = "fer.training_title"
POSITION = "fer.position"
EVALUATION_RUN = "fer.evaluation_run"
TRAINING_RUN = "fer.training_run"
IDENTITY = "fer.identity"
RECIPE = "fer.recipe"
FAILURE = "fer.failure"
WARNING = "fer.warning"
RESUMED = "fer.resumed"
RESUMED_FROM = "fer.resumed_from_epoch"
CONTINUES = "fer.continues"
CONTINUED_BY = "fer.continued_by"
DATA_DIGEST = "fer.data_digest"
WORST_GROUP = "fer.worst_group"
CLUSTER = "fer.cluster"
DATASET = "fer.dataset"
DIGEST = "fer.digest"
MODEL = "fer.model"
FAMILY = "fer.family"
PARENT = "mlflow.parentRunId"
NOTE = "mlflow.note.content"
EXPERIMENT_KIND = "mlflow.experimentKind"
DATA_CONTEXT = "mlflow.data.context"

# Of tuning: a trial's number and whether it was stopped early; the best trial's number and run.
TRIAL = "fer.trial"
PRUNED = "fer.pruned"
BEST_TRIAL = "fer.best_trial"
BEST_RUN = "fer.best_run"

# Tags that begin so say what a run was made with and on.
VERSION = "fer.version."
GIT = "fer.git."
HARDWARE = "fer.hardware."

# What a run read a dataset for.
TRAINING_CONTEXT = "training"

MEASURED = "measured"
PUBLISHED = "published"

# The tags and the parameters by which a run of published figures is known as that of one row of one table.
PUBLISHED_ROW = ((STUDY, EXPERIMENT), ("test", "test_split", "backbone", "attributes"))

DATASET_ARTIFACT = "dataset"
MODEL_NAME = "model"
PREDICTIONS_ARTIFACT = PREDICTIONS_FILE
HYPERPARAMETERS_ARTIFACT = "best.json"

STUDY_STAGE = "study"
CELL_STAGE = "cell"
PREPROCESS_STAGE = "preprocess"
INTEGRATE_STAGE = "integrate"
TRAIN_STAGE = "train"
ENSEMBLE_STAGE = "ensemble"
EVALUATE_STAGE = "evaluate"
TRIAL_STAGE = "trial"

# The table of faces by split and emotion that a run which makes a dataset logs.
SPLIT_COUNTS_ARTIFACT = "counts/split.csv"
ROBUSTNESS_ARTIFACT = ROBUSTNESS_FILE

# Metrics of a training; an ensemble has its members' seconds together.
PARAMETERS = "train/parameters"
SECONDS = "train/seconds"
# Those of the epoch whose weights the model has begin so.
BEST = "best/"
BEST_TRAIN_ACCURACY = "best/train_accuracy"
BEST_TRAIN_LOSS = "best/train_loss"
BEST_VALIDATION_ACCURACY = "best/validation_accuracy"
BEST_VALIDATION_LOSS = "best/validation_loss"

# Metrics of a dataset.
LOST_ROWS = "data/lost_rows"

# Of an evaluation, below its split: test faces with a near-duplicate among the training faces.
NEAR_DUPLICATES = "audit/near_duplicates"

# A parameter that begins so has the value that was left to the project ("auto"), or that a protocol gave.
RESOLVED = "resolved/"


def faces_in(split: str) -> str:
    """Return the metric of a dataset that counts the faces of a split."""
    return f"data/faces/{split}"


def clusters_of(column: str) -> str:
    """Return the metric of a dataset that counts its persons, clips or videos."""
    return f"data/clusters/{column}"


def tag(name: str) -> str:
    """Return the column of a tag in a frame of runs."""
    return f"tags.{name}"


def param(name: str) -> str:
    """Return the column of a parameter in a frame of runs."""
    return f"params.{name}"


def metric(name: str) -> str:
    """Return the column of a metric in a frame of runs."""
    return f"metrics.{name}"

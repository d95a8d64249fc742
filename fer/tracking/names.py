"""Names on the tracking server (tags, stages, metrics, artifact paths) and their columns in a frame of runs.

The code that writes runs and the code that reads them both take the names from here. The metrics of an evaluation,
such as ``test/race/accuracy_std``, are named by :func:`fer.evaluation.metric_names.metric_name`, and the files that a
record also has in a folder are named in :mod:`fer.record`.
"""

from collections.abc import Mapping

from fer.record import PREDICTIONS_FILE, ROBUSTNESS_FILE
from fer.sentinels import AUTO, NONE
from fer.text.commands import unquoted

# Prefix of the project's tags.
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
# The identity of a cell without its seed, which repetitions of one experiment share.
RECIPE = "fer.recipe"
FAILURE = "fer.failure"
# Of a run that is running: its host and process, and when that was last alive, in seconds since 1970.
HOST = "fer.host"
ALIVE = "fer.alive"
WARNING = "fer.warning"
RESUMED = "fer.resumed"
RESUMED_FROM = "fer.resumed_from_epoch"
CONTINUES = "fer.continues"
CONTINUED_BY = "fer.continued_by"
# Of a training that started from a trained model: the run that trained that.
STARTED_FROM = "fer.started_from"
DATA_DIGEST = "fer.data_digest"
WORST_GROUP = "fer.worst_group"
CLUSTER = "fer.cluster"
DATASET = "fer.dataset"
DIGEST = "fer.digest"
MODEL = "fer.model"
# Of an evaluation without a model: what its table of predictions is called.
PREDICTIONS = "fer.predictions"
# On a run and a logged model that `sync` copied to this server: its id where it was first logged. It is what makes a
# second copy impossible.
SYNCED_FROM = "fer.synced_from"
# In a journal only: the server's id of what was copied (and when the run had ended), and of what a run continues.
SYNCED_TO = "fer.synced_to"
MIRRORS = "fer.mirrors"
# Prefix of what is known of an evaluated model: its kind, digest, licence, ...
MODEL_FACT = "fer.model."
FAMILY = "fer.family"
# On a model version and on evaluations: whether the version took an alias, and the run that decided it.
PROMOTION = "fer.promotion"
PROMOTION_RUN = "fer.promotion_run"
PARENT = "mlflow.parentRunId"
NOTE = "mlflow.note.content"
EXPERIMENT_KIND = "mlflow.experimentKind"
DATA_CONTEXT = "mlflow.data.context"
# Of a dataset input: where this run found it.
ADDRESS = "fer.address"

# Tuning: a trial's number and whether it was pruned; the best trial's number and run.
TRIAL = "fer.trial"
PRUNED = "fer.pruned"
BEST_TRIAL = "fer.best_trial"
ON_FRONT = "fer.on_front"
BEST_RUN = "fer.best_run"

# Prefixes of the tags that describe a run's environment.
VERSION = "fer.version."
GIT = "fer.git."
HARDWARE = "fer.hardware."

# Context of a dataset input.
TRAINING_CONTEXT = "training"

MEASURED = "measured"
PUBLISHED = "published"

# The tags and the parameters by which a run of published figures is known as that of one row of one table.
PUBLISHED_ROW = ((STUDY, EXPERIMENT), ("test", "test_split", "backbone", "attributes"))

DATASET_ARTIFACT = "dataset"
MODEL_NAME = "model"
PREDICTIONS_ARTIFACT = PREDICTIONS_FILE
HYPERPARAMETERS_ARTIFACT = "best.json"
# The cells of a study, listed before the first begins.
PLANNED_CELLS_ARTIFACT = "planned_cells.json"
# Exported files, each with its description beside it.
EXPORT_ARTIFACT = "export"

STUDY_STAGE = "study"
CELL_STAGE = "cell"
PREPROCESS_STAGE = "preprocess"
INTEGRATE_STAGE = "integrate"
TRAIN_STAGE = "train"
ENSEMBLE_STAGE = "ensemble"
EVALUATE_STAGE = "evaluate"
TRIAL_STAGE = "trial"
EXPORT_STAGE = "export"

# Faces by split and emotion, logged by runs that produce a dataset.
SPLIT_COUNTS_ARTIFACT = "counts/split.csv"
ROBUSTNESS_ARTIFACT = ROBUSTNESS_FILE

# Metrics of a training; an ensemble has the sum of its members' seconds.
PARAMETERS = "train/parameters"
SECONDS = "train/seconds"
# The number of epochs that were trained, which early stopping may end.
EPOCHS = "train/epochs"
# Prefix of the metrics of the epoch whose weights the model has.
BEST = "best/"
BEST_EPOCH = "best/epoch"
BEST_TRAIN_ACCURACY = "best/train_accuracy"
BEST_TRAIN_LOSS = "best/train_loss"
BEST_VALIDATION_ACCURACY = "best/validation_accuracy"
BEST_VALIDATION_LOSS = "best/validation_loss"

# The largest memory of a cell's process so far, in GB (10^9 bytes).
PEAK_MEMORY = "resources/peak_memory_gb"

# Metrics of a dataset.
LOST_ROWS = "data/lost_rows"

# Metric of an evaluation, after its split: test faces that have a near-duplicate in the training data.
NEAR_DUPLICATES = "audit/near_duplicates"

# Prefix of parameters with the value that was chosen for "auto", or that a protocol set.
RESOLVED = "resolved/"


def faces_in(split: str) -> str:
    """Return the name of the dataset metric that counts the faces of a split."""
    return f"data/faces/{split}"


def clusters_of(column: str) -> str:
    """Return the name of the dataset metric that counts its persons, clips or videos."""
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


def attributes_in(parameters: Mapping[str, object]) -> list[str]:
    """Return the attributes of an evaluation or a cell by its parameters, as users write them; empty without any.

    Those that were chosen for ``auto`` come before those given; a parameter that is no text is one that is missing.

    Example:
        >>> attributes_in({"attributes": "'race,race*gender'"}), attributes_in({"attributes": "none"})
        (['race', 'race*gender'], [])
        >>> attributes_in({"attributes": "auto", "resolved/attributes": "ethnicity,sex"})
        ['ethnicity', 'sex']

    """
    given = [parameters.get(f"{RESOLVED}attributes"), parameters.get("attributes")]
    text = next((value for value in given if isinstance(value, str) and value), NONE)
    parts = [part.strip() for part in unquoted(text).split(",")]
    return [part for part in parts if part not in ("", NONE, AUTO)]

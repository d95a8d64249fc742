"""The predictions that the server keeps of a model, by test set, and the data that it was trained on."""

from dataclasses import dataclass, field

import mlflow
import pandas as pd
from mlflow.exceptions import MlflowException

from fer.data.attributes import Attribute, parse_attributes
from fer.errors import InputError
from fer.tracking.addresses import model_uri
from fer.tracking.artifacts import run_of_model
from fer.tracking.evaluations import evaluated_by
from fer.tracking.faults import fault_of, first_line
from fer.tracking.predictions import predictions_table
from fer.tracking.registry import evaluated_faces, evaluations_at
from fer.tracking.server import connect
from fer.tracking.training_data import training_datasets


@dataclass(frozen=True, eq=False)
class EvaluatedSet:
    """Predictions on one test set.

    Attributes:
        title: dataset and split, such as ``eila, validation``.
        split: of the dataset.
        attributes: by which it was evaluated.
        table: see :func:`fer.tracking.predictions.predictions_table`.

    """

    title: str
    split: str
    attributes: tuple[Attribute, ...]
    table: pd.DataFrame


@dataclass
class ModelEvidence:
    """What the server knows of a model.

    Attributes:
        evaluated: its evaluations, the newest per dataset and split.
        trained_on: sentences on the datasets that it was trained on.
        lacking: sentences on what could not be read.

    """

    evaluated: list[EvaluatedSet] = field(default_factory=list)
    trained_on: list[str] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)


def model_evidence(address: str) -> ModelEvidence:
    """Return what the server knows of the model at a run id, a ``runs:/`` or a ``models:/`` address.

    Raises InputError if the server cannot be asked or there is no such model.
    """
    connect()
    found = ModelEvidence()
    for run in evaluations_at(_addresses(address)):
        faces = evaluated_faces(run)
        try:
            table = predictions_table(run.info.run_id)
        except InputError as error:
            found.lacking.append(f"{faces.title}: {error}")
            continue
        found.evaluated.append(EvaluatedSet(faces.title, faces.split, parse_attributes(evaluated_by(run)), table))
    try:
        for dataset in training_datasets(address):
            drawn = ", all of them drawn" if dataset.drawn else ""
            trained = int((dataset.samples["split"] == "train").sum())
            found.trained_on.append(f"{dataset.name}: {trained:,} training faces{drawn}.")
    except InputError as error:
        found.lacking.append(f"The training data is not shown: {error}")
    return found


def _addresses(address: str) -> list[str]:
    """Return all addresses under which a model may have been evaluated: its run's, and those of its versions."""
    uri = model_uri(address)
    try:
        run_id = run_of_model(uri)
        versions = mlflow.MlflowClient().search_model_versions(f"run_id = '{run_id}'") if run_id else []
    except (MlflowException, OSError) as error:
        raise fault_of(error) or InputError(
            f"there is no model {address} on {mlflow.get_tracking_uri()} ({first_line(error)}); give the id of a train "
            "run or models:/<name>/<version>."
        ) from error
    of_run = [model_uri(run_id)] if run_id else []
    known = [uri, *of_run, *(f"models:/{one.name}/{one.version}" for one in versions)]
    # An alias may have referred to another version when an evaluation named it.
    return [one for one in dict.fromkeys(known) if "@" not in one]

"""The datasets that a model on the tracking server was trained on."""

import json
import shlex
from typing import NamedTuple

import mlflow
from mlflow.entities import Run
from mlflow.exceptions import MlflowException

from fer.data.dataset import FaceDataset
from fer.errors import InputError
from fer.tracking import names
from fer.tracking.addresses import model_uri
from fer.tracking.datasets import open_dataset


class TrainedOn(NamedTuple):
    """A training run's dataset: its address, and the first characters of its digest at that time."""

    address: str
    digest: str


def training_datasets(model: str) -> list[FaceDataset]:
    """Return the datasets that a model was trained on: one, or for an ensemble those of its members, without repeats.

    ``model`` is a run id, a ``runs:/`` or a ``models:/`` address. Raises InputError if the model's run or a dataset is
    unknown or missing, or if a dataset is no longer the one that the model was trained on.
    """
    found = {}
    for trained in _trained_on(model):
        dataset = open_dataset(trained.address)
        if not dataset.digest.startswith(trained.digest):
            raise InputError(
                f"the dataset at {trained.address} is not the one that model {model} was trained on (digest "
                f"{trained.digest[:12]}); restore the original."
            )
        found[dataset.digest] = dataset
    return list(found.values())


def model_title(model: str) -> str:
    """Return a model's name for people, such as "cnn (faces, seed 0)" or "emotions/1"; the address if it is unknown.

    ``model`` is a run id, a ``runs:/`` or a ``models:/`` address.
    """
    if model.startswith("models:/"):
        return model.removeprefix("models:/")
    try:
        run = mlflow.get_run(model.removeprefix("runs:/").split("/")[0])
    except MlflowException:
        return model
    # `mlflow run` logs parameters quoted as its shell got them.
    given = {name: value.strip("'") for name, value in run.data.params.items()}
    kind = given.get("backbone") or ("ensemble" if "members" in given else run.info.run_name)
    inputs = run.inputs.dataset_inputs if run.inputs else ()
    facts = [
        *dict.fromkeys(entry.dataset.name for entry in inputs),
        *([f"seed {given['seed']}"] if "seed" in given else []),
    ]
    return f"{kind} ({', '.join(facts)})" if facts else kind


def _trained_on(model: str) -> list[TrainedOn]:
    run = _run_of(model)
    inputs = [
        entry.dataset
        for entry in (run.inputs.dataset_inputs if run.inputs else ())
        if any(tag.key == names.DATA_CONTEXT and tag.value == names.TRAINING_CONTEXT for tag in entry.tags)
    ]
    if inputs:
        return [TrainedOn(json.loads(entry.source)["address"], entry.digest) for entry in inputs]
    if "members" in run.data.params:
        members = "".join(shlex.split(run.data.params["members"])).split(",")
        return [trained for member in members if member.strip() for trained in _trained_on(member.strip())]
    raise InputError(f"run {run.info.run_id} of model {model} names no dataset that it was trained on.")


def _run_of(model: str) -> Run:
    try:
        run_id = mlflow.models.get_model_info(model_uri(model)).run_id
        if not run_id:
            raise InputError(f"model {model} does not name the run that trained it.")
        return mlflow.get_run(run_id)
    except (MlflowException, OSError) as error:
        raise InputError(
            f"the run that trained model {model} cannot be read ({str(error).splitlines()[0]})."
        ) from error

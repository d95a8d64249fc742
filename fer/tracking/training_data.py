"""The datasets that a model on the tracking server was trained on."""

import json
import shlex
from collections.abc import Sequence
from typing import NamedTuple

import mlflow
from mlflow.entities import Dataset, DatasetInput, Run
from mlflow.exceptions import MlflowException

from fer.data.dataset import FaceDataset
from fer.errors import InputError
from fer.tracking import names
from fer.tracking.addresses import model_uri
from fer.tracking.artifacts import run_of_model
from fer.tracking.datasets import open_dataset, recorded_title
from fer.tracking.faults import fault_of, first_line


class TrainedOn(NamedTuple):
    """A training run's dataset: the first characters of its digest, and the addresses where it may be."""

    digest: str
    addresses: Sequence[str]


def training_datasets(model: str, known: Sequence[FaceDataset] = ()) -> list[FaceDataset]:
    """Return the datasets that a model was trained on: one, or for an ensemble those of its members, without repeats.

    If it started from a trained model, those of that model follow: its weights know them, too.
    ``model`` is a run id, a ``runs:/`` or a ``models:/`` address. What it was trained on is known by digest: a dataset
    in ``known``, wherever it is, is recognised, and others are looked for where the training found them. Raises
    InputError if the model's run or a dataset is unknown or missing, or if a dataset is no longer the one that the
    model was trained on.
    """
    found = {}
    for trained in _trained_on(model):
        here = [dataset for dataset in known if dataset.digest.startswith(trained.digest)]
        dataset = here[0] if here else _looked_for(trained, model)[0]
        found[dataset.digest] = dataset
    return list(found.values())


def located_training_datasets(model: str) -> list[tuple[FaceDataset, str]]:
    """Return the datasets of a model's own training, or of its members', with the addresses where they were found."""
    found = [_looked_for(trained, model) for trained in _trained_on(model, ancestors=False)]
    return list({dataset.digest: (dataset, address) for dataset, address in found}.values())


def training_run_id(model: str) -> str:
    """Return the id of the run that logged a model; raises InputError if the server does not know it."""
    return _run_of(model).info.run_id


def _looked_for(trained: TrainedOn, model: str) -> tuple[FaceDataset, str]:
    first: InputError | None = None
    for address in trained.addresses:
        try:
            dataset = open_dataset(address)
            if dataset.digest.startswith(trained.digest):
                return dataset, address
            raise InputError(
                f"the dataset at {address} is not the one that model {model} was trained on (digest "
                f"{trained.digest[:12]}); restore the original."
            )
        except InputError as error:
            first = first or error
    raise first or InputError(f"model {model} names no place of its training data; train it again.")


def model_title(model: str) -> str:
    """Return a model's name for people, such as "cnn (faces, seed 0)" or "emotions/1"; the address if it is unknown.

    ``model`` is a run id, a ``runs:/`` or a ``models:/`` address.
    """
    if model.startswith("models:/"):
        return model.removeprefix("models:/")
    try:
        run = mlflow.get_run(model.removeprefix("runs:/").split("/")[0])
    except MlflowException as error:
        fault = fault_of(error)
        if fault is not None:
            raise fault from error
        return model
    # `mlflow run` logs parameters quoted as its shell got them.
    given = {name: value.strip("'") for name, value in run.data.params.items()}
    kind = given.get("backbone") or ("ensemble" if "members" in given else run.info.run_name)
    inputs = run.inputs.dataset_inputs if run.inputs else ()
    facts = [
        *dict.fromkeys(_title(entry.dataset) for entry in inputs),
        *([f"seed {given['seed']}"] if "seed" in given else []),
    ]
    return f"{kind} ({', '.join(facts)})" if facts else kind


def _title(entry: Dataset) -> str:
    try:
        return recorded_title(json.loads(entry.source)["address"]) or entry.name
    except (ValueError, KeyError, TypeError):  # Logged by something else.
        return entry.name


def _trained_on(model: str, ancestors: bool = True) -> list[TrainedOn]:
    run = _run_of(model)
    earlier = run.data.tags.get(names.STARTED_FROM)
    before = _trained_on(earlier) if ancestors and earlier else []
    inputs = [
        entry
        for entry in (run.inputs.dataset_inputs if run.inputs else ())
        if any(tag.key == names.DATA_CONTEXT and tag.value == names.TRAINING_CONTEXT for tag in entry.tags)
    ]
    if inputs:
        return [*(TrainedOn(entry.dataset.digest, _addresses(run, entry)) for entry in inputs), *before]
    if "members" in run.data.params:
        members = "".join(shlex.split(run.data.params["members"])).split(",")
        return [trained for member in members if member.strip() for trained in _trained_on(member.strip(), ancestors)]
    raise InputError(f"run {run.info.run_id} of model {model} names no dataset that it was trained on.")


def _addresses(run: Run, entry: DatasetInput) -> list[str]:
    """Return where a run's training data may be, the likeliest first.

    The server keeps one source for all runs of an experiment that log a dataset of one name and digest: that of the
    first run, although the folder may have moved since.
    """
    own = [tag.value for tag in entry.tags if tag.key == names.ADDRESS]
    given = run.data.params.get("dataset", "").strip("'")
    return list(dict.fromkeys([*own, *filter(None, [given]), json.loads(entry.dataset.source)["address"]]))


def _run_of(model: str) -> Run:
    try:
        run_id = run_of_model(model_uri(model))
        if not run_id:
            raise InputError(f"model {model} does not name the run that trained it.")
        return mlflow.get_run(run_id)
    except (MlflowException, OSError) as error:
        raise fault_of(error) or InputError(
            f"the run that trained model {model} cannot be read ({first_line(error)}); give the id of a train run or "
            "models:/<name>/<version>."
        ) from error

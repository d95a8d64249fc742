"""Models in the registry: a version, the run that trained it, the runs that evaluated it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import mlflow
from mlflow.entities import Run
from mlflow.exceptions import MlflowException
from mlflow.store.entities import PagedList

from fer.data.attributes import Attribute
from fer.errors import InputError, shown
from fer.tracking import names
from fer.tracking.addresses import model_uri
from fer.tracking.evaluations import evaluated_by
from fer.tracking.faults import fault_of
from fer.tracking.run_search import condition, search_runs
from fer.tracking.server import connect

_ADDRESS = re.compile(r"models:/(?P<name>[^/@]+)(?:/(?P<version>[0-9]+)|@(?P<alias>[^/@]+))$")

CHAMPION = "champion"
_LONGEST_NAME = 256  # The server's column.
_ALIAS, _VERSION = re.compile(r"[\w-]{1,255}", re.ASCII), re.compile(r"[vV][0-9]+")


@dataclass(frozen=True)
class RegisteredModel:
    """One version of a registered model.

    Attributes:
        name: name in the registry; of a model that is known by a table of its predictions alone, that table's.
        version: version number, as text; empty for such a model.
        run: the run that trained the model or combined it from others; or the one that evaluated its predictions.
        addresses: the model's addresses by version and by run, under which runs may have evaluated it. An alias is not
            used, as it may have referred to another version at that time.

    """

    name: str
    version: str
    run: Run
    addresses: tuple[str, ...]

    @property
    def title(self) -> str:
        """The name with the version."""
        return f"{self.name} version {self.version}" if self.version else self.name


def check_registered_name(name: str | None, parameter: str = "register_as") -> None:
    """Raise InputError for a name that the registry refuses; None stands for no name. The server is not asked."""
    if name is None:
        return
    # The server's own rules; what begins with two dots would be another place in its addresses.
    fits = name.strip() and name.isprintable() and len(name) <= _LONGEST_NAME
    if not fits or set(name) & set("/:") or name == "." or name.startswith(".."):
        raise InputError(
            f"{parameter} {shown(name)} is no name of a registered model; use one without / and :, of at most "
            f"{_LONGEST_NAME} characters."
        )


class Faces(NamedTuple):
    """The faces of an evaluation: the digests of its data and its split, and for people its title.

    Two evaluations are of the same faces if digests and split are equal. ``attribute`` is the first by which it was
    evaluated, None without one.
    """

    digests: tuple[str, ...]
    split: str
    title: str
    attribute: Attribute | None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Faces) and self[:2] == other[:2]

    def __hash__(self) -> int:
        return hash(self[:2])


def evaluated_faces(run: Run) -> Faces:
    """Return the faces that an evaluate run tested."""
    split = run.data.params.get("split", "")
    by = evaluated_by(run)
    title = f"{run.data.tags.get(names.DATASET, 'a dataset without a name')}, {split or 'test'}"
    return Faces(_digests(run), split, title, Attribute.parse(by[0]) if by else None)


def _digests(run: Run) -> tuple[str, ...]:
    return tuple(sorted(entry.dataset.digest for entry in (run.inputs.dataset_inputs if run.inputs else ())))


def holder_of(name: str, alias: str) -> RegisteredModel | None:
    """Return the version of a registered model that an alias points to; None if there is no such alias.

    Raises InputError if there is no model of this name.
    """
    connect()
    check_alias(alias)
    try:
        aliases = mlflow.MlflowClient().get_registered_model(name).aliases
    except MlflowException as error:
        raise fault_of(error) or InputError(
            f"the registry of {mlflow.get_tracking_uri()} has no model {name!r}; register one first (-e register)."
        ) from error
    return registered_model(f"models:/{name}/{aliases[alias]}") if alias in aliases else None


def champions(alias: str = CHAMPION) -> list[str]:
    """Return the addresses ``models:/<name>@<alias>`` of all registered models that have this alias, by name."""
    connect()
    check_alias(alias)
    try:
        found: PagedList = mlflow.MlflowClient().search_registered_models()
        models = list(found)
        while found.token:
            found = mlflow.MlflowClient().search_registered_models(page_token=found.token)
            models += found
    except MlflowException as error:
        raise fault_of(error) or error from error
    return sorted(f"models:/{model.name}@{alias}" for model in models if alias in model.aliases)


def check_alias(alias: str) -> None:
    """Raise InputError for an alias that the registry refuses."""
    if not _ALIAS.fullmatch(alias) or _VERSION.fullmatch(alias) or alias == "latest":
        raise InputError(f"{shown(alias)} is no alias; use letters, digits, - and _, such as champion.")


def registered_model(address: str) -> RegisteredModel:
    """Return the version at ``models:/<name>/<version>`` or ``models:/<name>@<alias>``.

    Raises InputError for any other address, and if the version or its run does not exist.
    """
    connect()
    asked = _ADDRESS.match(address)
    if asked is None:
        raise InputError(
            f"{address!r} names no registered model; give models:/<name>/<version> or models:/<name>@<alias>."
        )
    client = mlflow.MlflowClient()
    try:
        found = (
            client.get_model_version(asked["name"], asked["version"])
            if asked["version"]
            else client.get_model_version_by_alias(asked["name"], asked["alias"])
        )
        if not found.run_id:
            raise InputError(f"model {address} does not name the run that made it; register it from a train run.")
        run = client.get_run(found.run_id)
    except MlflowException as error:
        raise fault_of(error) or InputError(
            f"the registry of {mlflow.get_tracking_uri()} has no model {address} ({str(error).splitlines()[0]}); "
            "register one with train -P register_as=<name>."
        ) from error
    own = (f"models:/{found.name}/{found.version}", model_uri(found.run_id))
    # Some MLflow stores return the version as a number, others as text.
    return RegisteredModel(found.name, str(found.version), run, own)


def carded_model(address: str) -> RegisteredModel:
    """Return a registered model, or the model whose table of predictions the run of this id evaluated.

    Raises InputError as :func:`registered_model`, and for a run that is no such evaluation.
    """
    if address.startswith("models:/"):
        return registered_model(address)
    connect()
    run_id = address.removeprefix("runs:/").split("/")[0]
    try:
        run = mlflow.get_run(run_id)
    except MlflowException as error:
        raise fault_of(error) or InputError(
            f"{address!r} names no registered model and no run; give models:/<name>/<version>, models:/<name>@<alias>, "
            "or the id of a run that evaluated a table of predictions."
        ) from error
    title = run.data.tags.get(names.PREDICTIONS)
    if title is None:
        raise InputError(
            f"run {run_id} evaluated no table of predictions; give models:/<name>/<version>, or register its model "
            "first."
        )
    return RegisteredModel(title, "", run, ())


def evaluations_of(model: RegisteredModel) -> list[Run]:
    """Return the finished runs that evaluated the model: the newest per dataset and split."""
    return evaluations_at(model.addresses) if model.version else [model.run]


def evaluations_at(addresses: Sequence[str]) -> list[Run]:
    """Return the finished runs that evaluated a model under one of its addresses: the newest per dataset and split."""
    everywhere = [experiment.experiment_id for experiment in mlflow.search_experiments()]
    found = [
        run
        for address in addresses
        for run in search_runs(
            everywhere, condition({names.STAGE: names.EVALUATE_STAGE, names.MODEL: address}, status="FINISHED")
        )
    ]
    newest: dict[tuple[str, ...], Run] = {}
    for run in sorted(found, key=lambda run: run.info.start_time, reverse=True):
        newest.setdefault((*_digests(run), run.data.params.get("split", "")), run)
    return list(newest.values())

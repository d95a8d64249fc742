"""Write to the model registry: versions, aliases, and the tags that say what was decided."""

from collections.abc import Iterable

import mlflow
from mlflow.exceptions import MlflowException

from fer.errors import InputError
from fer.tracking import names
from fer.tracking.active import active_run
from fer.tracking.addresses import model_uri
from fer.tracking.faults import fault_of
from fer.tracking.registry import RegisteredModel, check_alias, check_registered_name, registered_model
from fer.tracking.server import connect


def register_model(address: str, name: str) -> RegisteredModel:
    """Register a logged model (run id, ``runs:/`` or ``models:/``) as a new version of ``name`` and return that.

    Raises InputError for a name that the registry refuses, and for a model that is not there.
    """
    connect()
    check_registered_name(name, "name")
    try:
        version = mlflow.register_model(model_uri(address), name)
    except MlflowException as error:
        raise fault_of(error) or InputError(
            f"there is no model {address} to register ({str(error).splitlines()[0]}); give the id of a train run."
        ) from error
    return registered_model(f"models:/{name}/{version.version}")


def point_alias(model: RegisteredModel, alias: str) -> None:
    """Let an alias point to a version; it points to one only."""
    check_alias(alias)
    mlflow.MlflowClient().set_registered_model_alias(model.name, alias, model.version)


def note_decision(model: RegisteredModel, decision: str, compared: Iterable[str]) -> None:
    """Note a promotion's decision, and the run that made it, as tags of the version and of the runs compared."""
    client, by = mlflow.MlflowClient(), active_run().info.run_id
    tags = {names.PROMOTION: decision, names.PROMOTION_RUN: by}
    for name, value in tags.items():
        client.set_model_version_tag(model.name, model.version, name, value)
        for run_id in compared:
            client.set_tag(run_id, name, value)

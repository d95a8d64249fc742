"""The steps that put models into the registry and move its aliases."""

from collections.abc import Iterable

from fer.record import Record
from fer.tracking import names
from fer.tracking.registering import note_decision, point_alias, register_model
from fer.tracking.registry import RegisteredModel, check_alias, check_registered_name
from fer.tracking.run_contents import log_record


def register_step(model: str, name: str, alias: str | None) -> RegisteredModel:
    """Register a logged model as a version of ``name``, let ``alias`` point to it, log and return the version."""
    check_registered_name(name, "name")
    if alias is not None:
        check_alias(alias)
    registered = register_model(model, name)
    if alias is not None:
        point_alias(registered, alias)
    tags = {names.MODEL: registered.addresses[0]}
    lead = f"Version {registered.version} of {name}" + (f", @{alias}" if alias else "")
    log_record(Record(tags=tags, description=f"{lead}, trained by run {registered.run.info.run_id}."))
    return registered


def promotion_step(
    model: RegisteredModel, alias: str, promoted: bool, decision: str, found: Record, compared: Iterable[str]
) -> None:
    """Log a decision, note it on the version and the evaluations compared, and move the alias if it was promoted."""
    log_record(found)
    note_decision(model, decision, compared)
    if promoted:
        point_alias(model, alias)

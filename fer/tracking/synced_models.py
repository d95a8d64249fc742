"""Copy the logged models of runs, and their versions in the registry, from one store to a server, each once."""

from collections.abc import Mapping

import mlflow
from mlflow.entities import LoggedModel, LoggedModelOutput, LoggedModelStatus, Metric, Run
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from fer.tracking import names
from fer.tracking.run_search import quoted
from fer.tracking.synced_files import copy_files, replaced

_A_CALL = 800


def known_models(source: mlflow.MlflowClient, run: Run) -> dict[str, str]:
    """Return the ids on the server of those logged models of a run at the source that were copied before."""
    found: dict[str, str] = {}
    for output in run.outputs.model_outputs if run.outputs else []:
        copy = source.get_logged_model(output.model_id).tags.get(names.SYNCED_TO)
        found |= {} if copy is None else {output.model_id: copy}
    return found


def placed_models(
    source: mlflow.MlflowClient, target: mlflow.MlflowClient, run: Run, there: Run, ids: Mapping[str, str]
) -> dict[str, str]:
    """Return the ids on the server of a run's logged models, by their ids at the source; create those that lack.

    ``run`` is the run at the source, ``there`` the same on the server. A model of the same name that the run has on the
    server already was begun before the server was lost, or by a copy that was interrupted: it is that model.
    """
    outputs = run.outputs.model_outputs if run.outputs else []
    if not outputs:
        return {}
    known = {model.name: model.model_id for model in _models_of(target, there)}
    placed = {}
    for output in outputs:
        model = source.get_logged_model(output.model_id)
        if model.name not in known:
            params = {**there.data.params, **model.params}
            made = target.create_logged_model(
                there.info.experiment_id,
                model.name,
                there.info.run_id,
                {**model.tags, names.SYNCED_FROM: model.model_id},
                {key: replaced(value, ids) for key, value in params.items()},
                model.model_type,
            )
            known[model.name] = made.model_id
        placed[model.model_id] = known[model.name]
    return placed


def copy_models(
    source: mlflow.MlflowClient,
    target: mlflow.MlflowClient,
    run: Run,
    run_id: str,
    ids: Mapping[str, str],
) -> None:
    """Copy files, metrics and versions of a run's logged models to the run ``run_id`` of the server."""
    for output in run.outputs.model_outputs if run.outputs else []:
        model, new = source.get_logged_model(output.model_id), ids[output.model_id]
        there = target.get_run(run_id)
        linked = {one.model_id for one in there.outputs.model_outputs} if there.outputs else set()
        if new not in linked:
            target.log_outputs(run_id, [LoggedModelOutput(new, output.step)])
        _copy_metrics(target, there, model, new, output.step)
        location = target.get_logged_model(new).artifact_location
        copy_files(model.artifact_location, location, target.tracking_uri, ids)
        if LoggedModelStatus.is_finalized(model.status):
            target.finalize_logged_model(new, model.status)
        source.set_logged_model_tags(output.model_id, {names.SYNCED_TO: new})


def copy_versions(source: mlflow.MlflowClient, target: mlflow.MlflowClient, ids: Mapping[str, str]) -> None:
    """Register on the server the models that were registered at the source, each as the next version of its name."""
    token = None
    while True:
        page = source.search_model_versions(page_token=token)
        for version in page:
            old = str(version.source)
            if replaced(old, ids) != old:
                _register(target, version, replaced(old, ids), ids)
        token = page.token
        if not token:
            return


def _register(target: mlflow.MlflowClient, version: ModelVersion, model: str, ids: Mapping[str, str]) -> None:
    if any(one.source == model for one in target.search_model_versions(f"name = {quoted(version.name)}")):
        return
    try:
        target.create_registered_model(version.name)
    except MlflowException as error:
        if "ALREADY_EXISTS" not in str(error):
            raise
    target.create_model_version(
        version.name,
        model,
        ids.get(version.run_id or "", version.run_id),
        {**version.tags, names.SYNCED_FROM: f"{version.name}/{version.version}"},
        description=version.description and replaced(version.description, ids),
    )


def _models_of(target: mlflow.MlflowClient, run: Run) -> list[LoggedModel]:
    where = f"source_run_id = {quoted(run.info.run_id)}"
    return list(target.search_logged_models([run.info.experiment_id], where))


def _copy_metrics(target: mlflow.MlflowClient, there: Run, model: LoggedModel, new: str, step: int) -> None:
    """Log on the model the metrics that its run had at its step, as MLflow does when it logs a model."""
    found = [
        Metric(metric.key, metric.value, metric.timestamp, metric.step, model_id=new)
        for name in there.data.metrics
        for metric in target.get_metric_history(there.info.run_id, name)
        if metric.step == step and metric.timestamp <= model.creation_timestamp
    ]
    for start in range(0, len(found), _A_CALL):
        target.log_batch(there.info.run_id, metrics=found[start : start + _A_CALL])

"""Copy runs from one store to a tracking server: whole, in the order in which they began, each once.

Parameters, tags, every point of every metric, files, logged models, datasets that were read, status and times are
copied. A run that is copied to the server has the tag ``fer.synced_from``, its id at the source, and the run at the
source the tag ``fer.synced_to``: a copy that is interrupted is continued, and one that is complete is not made again. A
run of a journal that the server knows already (:func:`fer.tracking.journal.divert`) is completed there. Ids of runs and
models in parameters, tags, descriptions and text files are replaced by those of the server. A run has the status
RUNNING until all its content is there.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import mlflow
from mlflow.entities import Dataset, DatasetInput, Metric, Param, Run, RunTag, ViewType

from fer.errors import InputError
from fer.progress import say
from fer.redaction import redacted
from fer.tracking import names
from fer.tracking.experiments import experiment_named
from fer.tracking.faults import REQUEST_ERRORS, NoAnswer, fault_of, first_line
from fer.tracking.journal import TAGS_ONLY, Journal, use
from fer.tracking.server import check_health, connect, server_name
from fer.tracking.stale_runs import mark_stale_runs
from fer.tracking.synced_files import copy_files, replaced
from fer.tracking.synced_models import copy_models, copy_versions, known_models, placed_models

_A_PAGE = 1000
_METRICS, _OTHERS = 800, 100
_ENDED = ("FINISHED", "FAILED", "KILLED")
_NOT_COPIED = (names.SYNCED_FROM, names.SYNCED_TO, names.MIRRORS)


@dataclass(frozen=True)
class Synced:
    """How many runs were copied, were there already, and are still running at the source and were left out."""

    copied: int
    known: int
    running: int


def return_to_server(lost: tuple[Journal, str]) -> None:
    """Copy to the server what it missed while this process was diverted; ``lost``: the journal, the server's address.

    Raises NoAnswer, naming the journal, if the server does not take it.
    """
    journal, server = lost
    try:
        check_health(server)
        sync_journal(journal)
    except (*REQUEST_ERRORS, OSError, InputError) as error:
        fault = fault_of(error)
        reason = first_line(error) if fault is None else str(fault).split(";")[0].removesuffix(".")
        raise NoAnswer(
            f"the results are kept in {journal.folder}, not on the tracking server {server} ({reason}); when it is "
            "back, `fair-fer sync` sends them."
        ) from error
    say("what the tracking server missed was copied to it.")


def sync_journal(journal: Journal, on_run: Callable[[Run], None] = lambda run: None) -> Synced:
    """Copy the runs of a journal to the current server; remove a journal to which nothing can be added any more.

    One that another process writes to, or is copying, is left as it is, and counts as one run that is running.
    """
    server = mlflow.get_tracking_uri()
    if journal.was_offline:
        use(journal.uri)
        try:
            mark_stale_runs()
        finally:
            use(server)
    with journal.in_use() as is_ours:
        if not is_ours:
            return Synced(0, 0, 1)
        done = sync_runs(journal.uri, server, not journal.was_offline, on_run)
    if not journal.was_offline:
        journal.remove()
    return done


def sync_store(store: str, on_run: Callable[[Run], None] = lambda run: None) -> Synced:
    """Copy the runs of any store, such as ``sqlite:///away.db``, to the current server.

    Raises InputError if there is no such store, and if it is the current one.
    """
    server = mlflow.get_tracking_uri()
    file = Path(store.removeprefix("sqlite:///"))
    if store.startswith("sqlite:///") and not file.is_file():
        raise InputError(f"there is no store {store}; give the address of one, such as sqlite:///away.db.")
    use(store)
    try:
        source = server_name()
        connect()
        mark_stale_runs()
    finally:
        use(server)
    if source == server_name():
        raise InputError(
            f"{redacted(store)} is the tracking server itself; set MLFLOW_TRACKING_URI to the one to send to."
        )
    return sync_runs(store, server, False, on_run)


def sync_runs(store: str, server: str, dead: bool = False, on_run: Callable[[Run], None] = lambda run: None) -> Synced:
    """Copy the runs of the store at an address to the server at another, the current one; return how many.

    ``dead``: no process writes to the store any more, so that a run without an end was killed. ``on_run`` is called
    with each run that is copied, as the server has it. Raises MLflow's errors.
    """
    source, target = mlflow.MlflowClient(store, store), mlflow.MlflowClient(server, server)
    found, known = _all_runs(source), {}
    running = _with_descendants(found, {run.info.run_id for run in found if run.info.status not in _ENDED and not dead})
    todo = [run for run in found if run.info.run_id not in running and not _is_complete(run)]
    for run in found:
        if names.SYNCED_TO in run.data.tags:
            known[run.info.run_id] = run.data.tags[names.SYNCED_TO].split(" ")[0]
    ids = _placed_runs(source, target, todo, known)
    for run in found:
        ids |= known_models(source, run)
    for run in todo:
        ids |= placed_models(source, target, run, target.get_run(ids[run.info.run_id]), ids)
    for run in todo:
        _copy(source, target, run, ids)
        on_run(target.get_run(ids[run.info.run_id]))
    copy_versions(source, target, ids)
    return Synced(len(todo), len(found) - len(todo) - len(running), len(running))


def _all_runs(client: mlflow.MlflowClient) -> list[Run]:
    """Return all runs of a store in the order in which they began."""
    experiments = [one.experiment_id for one in client.search_experiments(ViewType.ACTIVE_ONLY)]
    found: list[Run] = []
    token = None
    while True:
        page = client.search_runs(experiments, "", ViewType.ACTIVE_ONLY, _A_PAGE, ["attributes.start_time ASC"], token)
        found += page
        token = page.token
        if not token:
            return found


def _with_descendants(runs: list[Run], chosen: set[str]) -> set[str]:
    """Return the ids of the chosen runs with all runs below them."""
    grown = chosen | {run.info.run_id for run in runs if run.data.tags.get(names.PARENT) in chosen}
    return chosen if grown == chosen else _with_descendants(runs, grown)


def _is_complete(run: Run) -> bool:
    """Return whether a run was copied after it had ended last."""
    return run.data.tags.get(names.SYNCED_TO, "").endswith(f" {run.info.end_time}")


def _placed_runs(
    source: mlflow.MlflowClient, target: mlflow.MlflowClient, todo: list[Run], known: dict[str, str]
) -> dict[str, str]:
    """Return the server's ids of runs by those at the source; create the runs that the server lacks."""
    ids = dict(known)
    places: dict[str, tuple[str, dict[str, str]]] = {}
    for run in todo:
        if names.MIRRORS in run.data.tags:
            ids[run.info.run_id] = run.info.run_id
    for run in todo:
        if run.info.run_id in ids:
            continue
        if run.info.experiment_id not in places:
            place = _experiment(source, target, run.info.experiment_id)
            places[run.info.experiment_id] = place, _copies(target, place)
        place, begun = places[run.info.experiment_id]
        copy = begun.get(run.info.run_id)
        if copy is None:
            parent = run.data.tags.get(names.PARENT)
            tags = {names.SYNCED_FROM: run.info.run_id} | ({names.PARENT: ids.get(parent, parent)} if parent else {})
            copy = target.create_run(place, run.info.start_time, tags, run.info.run_name).info.run_id
        ids[run.info.run_id] = copy
    return ids


def _experiment(source: mlflow.MlflowClient, target: mlflow.MlflowClient, experiment_id: str) -> str:
    """Return the server's id of an experiment at the source; create it by name if the server lacks it."""
    experiment = source.get_experiment(experiment_id)
    if names.MIRRORS in experiment.tags:
        return experiment.tags[names.MIRRORS]
    place: str = experiment_named(experiment.name)
    there = target.get_experiment(place).tags
    for name, value in experiment.tags.items():
        if name not in there:
            target.set_experiment_tag(place, name, value)
    return place


def _copies(target: mlflow.MlflowClient, experiment_id: str) -> dict[str, str]:
    """Return the ids of the copies that an experiment has, by the ids of what was copied.

    Of two that arose because an answer of the server was lost, the second is deleted.
    """
    begun: dict[str, str] = {}
    for run in _pages(target, experiment_id, f"tags.`{names.SYNCED_FROM}` LIKE '%'"):
        first = begun.setdefault(run.data.tags[names.SYNCED_FROM], run.info.run_id)
        if first != run.info.run_id:
            target.delete_run(run.info.run_id)
    return begun


def _pages(client: mlflow.MlflowClient, experiment_id: str, where: str) -> Iterator[Run]:
    token = None
    while True:
        page = client.search_runs(
            [experiment_id], where, ViewType.ACTIVE_ONLY, _A_PAGE, ["attributes.start_time ASC"], token
        )
        yield from page
        token = page.token
        if not token:
            return


def _copy(source: mlflow.MlflowClient, target: mlflow.MlflowClient, run: Run, ids: dict[str, str]) -> None:
    """Copy the content of a run to its place on the server, and end it there."""
    old, new = run.info.run_id, ids[run.info.run_id]
    there = target.get_run(new)
    inputs = [_input(entry, ids) for entry in (run.inputs.dataset_inputs if run.inputs else [])]
    if inputs:
        target.log_inputs(new, inputs)
    points = [
        Metric(name, point.value, point.timestamp, point.step)
        for name in run.data.metrics
        for point in source.get_metric_history(old, name)
    ]
    for start in range(0, len(points), _METRICS):
        target.log_batch(new, metrics=points[start : start + _METRICS])
    params = [
        Param(name, replaced(value, ids)) for name, value in run.data.params.items() if name not in there.data.params
    ]
    # Its process was killed, and the same training, started again, has finished it meanwhile: that is the newer.
    overtaken = run.info.status not in (*_ENDED, TAGS_ONLY) and there.info.status in _ENDED
    known = {*_NOT_COPIED, *(there.data.tags if overtaken else ())}
    tags = [RunTag(name, replaced(value, ids)) for name, value in run.data.tags.items() if name not in known]
    for start in range(0, max(len(params), len(tags)), _OTHERS):
        target.log_batch(new, params=params[start : start + _OTHERS], tags=tags[start : start + _OTHERS])
    if run.info.status == TAGS_ONLY:
        return
    copy_files(run.info.artifact_uri, there.info.artifact_uri, target.tracking_uri, ids)
    copy_models(source, target, run, new, ids)
    if not overtaken:
        status = run.info.status if run.info.status in _ENDED else "KILLED"
        target.update_run(new, name=run.info.run_name)
        target.set_terminated(new, status, run.info.end_time)
    source.set_tag(old, names.SYNCED_TO, f"{new} {run.info.end_time}")


def _input(entry: DatasetInput, ids: dict[str, str]) -> DatasetInput:
    about = entry.dataset
    copied = Dataset(
        about.name, about.digest, about.source_type, replaced(about.source, ids), about.schema, about.profile
    )
    return DatasetInput(copied, [type(tag)(tag.key, replaced(tag.value, ids)) for tag in entry.tags])

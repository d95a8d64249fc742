"""Open runs, attach to the run that `mlflow run` created, and find finished runs."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress

import mlflow
from mlflow.entities import Param, Run, RunTag

from fer.errors import InputError
from fer.progress import say
from fer.record import DESCRIPTION_LENGTH
from fer.redaction import redacted
from fer.storage.working_folders import temporary_files
from fer.text.escaping import markdown
from fer.tracking import names
from fer.tracking.active import active_run
from fer.tracking.environment import environment
from fer.tracking.experiments import experiment_named
from fer.tracking.faults import REQUEST_ERRORS, NoAnswer, one_sentence, repeated
from fer.tracking.journal import divert, give_back, journaled, name_experiment, open_in_process
from fer.tracking.patience import retries
from fer.tracking.reopening import can_reopen, note_continuation
from fer.tracking.run_contents import VALUE_LENGTH
from fer.tracking.run_search import condition, search_runs
from fer.tracking.server import connect
from fer.tracking.stale_runs import alive, mark_stale_runs
from fer.tracking.syncing import return_to_server

DEFAULT_EXPERIMENT = "fer"
_RETRIES_AFTER_ERROR = 2
_FAILED = "**Failed:**"


@contextmanager
def open_run(
    stage: str,
    name: str,
    parameters: Mapping[str, object] | None = None,
    tags: Mapping[str, object] | None = None,
    experiment: str | None = None,
    experiment_id: str | None = None,
    resumes: str | None = None,
    parent: str | None = None,
) -> Iterator[Run]:
    """Open a run of ``stage`` and log its parameters; it is nested if another run is open.

    ``experiment`` is the experiment of a run that was not started by `mlflow run`, unless ``MLFLOW_EXPERIMENT_NAME``
    is set; ``experiment_id`` puts a nested run into another experiment than its parent's. ``parent`` is the id of a run
    that another process has open: this process' outermost run is nested below it, in its experiment.

    Under `mlflow run` the outermost run is the one that MLflow created; the parameters that MLflow logged are left
    unchanged, and only further ones are logged. An exception sets the run to FAILED, with the exception's text in the
    tag ``fer.failure`` and at the top of the run's description; Ctrl-C sets it to KILLED. Both are re-raised. Runs of
    this machine whose process was killed are set to KILLED when the next outermost run is opened.

    ``resumes`` is the id of an unfinished run that this one continues. That run is reopened, below the open run, if it
    is in the same experiment and `mlflow run` has not created another. Otherwise the new run is linked to it by the
    tags ``fer.continues`` and, on the old run, ``fer.continued_by``.

    If the server is lost while the run is open, what follows goes to a journal (:mod:`fer.tracking.journal`). At the
    end of the outermost run it is copied to the server; raises NoAnswer, naming the journal, if that is not back.

    Errors of the server, in the block too, become an InputError of one sentence. Temporary files of the block are
    removed at the end of the outermost run.
    """
    nested = mlflow.active_run() is not None
    with ExitStack() as held:
        held.enter_context(one_sentence())
        if not nested:
            connect()
            held.enter_context(temporary_files())
            mark_stale_runs()
            held.enter_context(_returning())
        if parent is not None and not nested:
            experiment_id, tags = mlflow.get_run(parent).info.experiment_id, {**(tags or {}), names.PARENT: parent}
        yield held.enter_context(_opened(stage, name, parameters, tags, experiment, experiment_id, resumes, nested))


@contextmanager
def _returning() -> Iterator[None]:
    """At the end of the block, copy to the server what it missed; an error of the block comes before one of this."""
    try:
        yield
    except BaseException:
        lost = give_back()
        if lost is not None:
            try:
                return_to_server(lost)
            except InputError as error:
                say(f"warning: {error}")
        raise
    lost = give_back()
    if lost is not None:
        return_to_server(lost)


@contextmanager
def _opened(
    stage: str,
    name: str,
    parameters: Mapping[str, object] | None,
    tags: Mapping[str, object] | None,
    experiment: str | None,
    experiment_id: str | None,
    resumes: str | None,
    nested: bool,
) -> Iterator[Run]:
    name = redacted(name)
    if not nested:
        if not attached():
            if experiment_id is None:
                asked = mlflow.environment_variables.MLFLOW_EXPERIMENT_NAME.get()
                experiment_id = experiment_named(redacted(asked or experiment or DEFAULT_EXPERIMENT))
            mlflow.set_experiment(experiment_id=experiment_id)
    else:
        experiment_id = experiment_id or active_run().info.experiment_id
    marks = {names.STAGE: stage, names.ORIGIN: names.MEASURED, **environment(), **(tags or {})}
    again = None
    if resumes is not None and (nested or not attached()) and can_reopen(resumes, experiment_id):
        again = resumes
        if nested:
            marks[names.PARENT] = active_run().info.run_id
    with _mlflow_run(name, nested, experiment_id if nested else None, again) as run:
        given = {key: str(value) for key, value in (parameters or {}).items() if key not in run.data.params}
        client = mlflow.MlflowClient()
        if again is not None and names.FAILURE in run.data.tags:
            client.delete_tag(again, names.FAILURE)
            if run.data.tags.get(names.NOTE, "").startswith(_FAILED):
                client.delete_tag(again, names.NOTE)
        if resumes is not None and again is None:
            note_continuation(resumes, run.info.run_id)
        params = [Param(key, redacted(value)[:VALUE_LENGTH]) for key, value in given.items()]
        marked = [RunTag(key, redacted(str(value))[:VALUE_LENGTH]) for key, value in marks.items()]
        journaled(lambda: mlflow.MlflowClient().log_batch(run.info.run_id, params=params, tags=marked))
        if not nested:
            journaled(lambda: mlflow.MlflowClient().update_run(run.info.run_id, name=name))
            journaled(lambda: _show_as_model_training(run.info.experiment_id))
        try:
            with one_sentence():
                yield run
        except Exception as error:
            with suppress(*REQUEST_ERRORS), _hurry(error):
                _keep_reason(run.info.run_id, error)
            raise


def _keep_reason(run_id: str, error: Exception) -> None:
    """Put the reason why a run failed into its tag, and whole at the top of its page, where the UI cuts nothing."""
    client = mlflow.MlflowClient()
    reason = redacted(f"{type(error).__name__}: {error}")
    client.set_tag(run_id, names.FAILURE, reason[:VALUE_LENGTH])
    described = client.get_run(run_id).data.tags.get(names.NOTE, "")
    sentence = markdown(str(error) if isinstance(error, InputError) else reason)
    text = "\n\n".join(filter(None, [f"{_FAILED} {sentence}", described]))
    client.set_tag(run_id, names.NOTE, text[:DESCRIPTION_LENGTH])


def _show_as_model_training(experiment_id: str) -> None:
    """Mark the experiment as model training; otherwise MLflow's UI shows it as one of language-model traces."""
    client = mlflow.MlflowClient()
    experiment = client.get_experiment(experiment_id)
    name_experiment(experiment_id, experiment.name)
    if names.EXPERIMENT_KIND not in experiment.tags:
        repeated(lambda: client.set_experiment_tag(experiment_id, names.EXPERIMENT_KIND, "custom_model_development"))


@contextmanager
def _mlflow_run(name: str, nested: bool, experiment_id: str | None, again: str | None) -> Iterator[Run]:
    def start() -> Run:
        return mlflow.start_run(run_id=again, run_name=name, nested=nested, experiment_id=experiment_id)

    run = journaled(start) if nested else start()
    with alive(run.info.run_id) as lock, open_in_process(run):
        try:
            yield journaled(lambda: mlflow.get_run(run.info.run_id))
        except BaseException as error:
            # An unreachable server must not hide the original error.
            with suppress(*REQUEST_ERRORS), _hurry(error):
                mlflow.end_run("KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED")
                lock.ended = True
            raise
        _finish(run.info.run_id)
        lock.ended = True


def _finish(run_id: str) -> None:
    try:
        mlflow.end_run("FINISHED")
    except (*REQUEST_ERRORS, OSError) as error:
        if not divert(error):
            raise
        mlflow.MlflowClient().set_terminated(run_id, "FINISHED")  # MLflow has closed it, but could not say so.


@contextmanager
def _hurry(error: BaseException) -> Iterator[None]:
    """Repeat no request of the block for long after an error: the server may be what failed."""
    with retries(0 if isinstance(error, NoAnswer) else _RETRIES_AFTER_ERROR):
        yield


def attached() -> bool:
    """Return whether this process was started by `mlflow run`, which created the run and chose its experiment."""
    return bool(mlflow.environment_variables.MLFLOW_RUN_ID.get())


def experiment_asked(otherwise: str) -> str:
    """Return the name of the experiment that this process' outermost run would be in, without creating it.

    It is that of `mlflow run`, if that started this process, else ``MLFLOW_EXPERIMENT_NAME``, else ``otherwise``.
    """
    started = mlflow.environment_variables.MLFLOW_RUN_ID.get()
    if started:
        return str(mlflow.get_experiment(mlflow.get_run(started).info.experiment_id).name)
    return str(mlflow.environment_variables.MLFLOW_EXPERIMENT_NAME.get() or otherwise)


def is_open() -> bool:
    """Return whether a run is open in this process."""
    return mlflow.active_run() is not None


def open_run_id() -> str:
    """Return the id of the open run."""
    return active_run().info.run_id


def open_experiment_id() -> str:
    """Return the id of the open run's experiment."""
    return active_run().info.experiment_id


def open_experiment() -> str:
    """Return the name of the open run's experiment."""
    return mlflow.get_experiment(active_run().info.experiment_id).name


def finished_run(identity: str, stage: str, experiment_id: str | None = None) -> Run | None:
    """Return the newest FINISHED run of an identity and stage, or None; by default in the open run's experiment."""
    experiment = experiment_id or active_run().info.experiment_id
    wanted = condition({names.IDENTITY: identity, names.STAGE: stage}, status="FINISHED")
    found = search_runs([experiment], wanted, limit=1)
    return found[0] if found else None

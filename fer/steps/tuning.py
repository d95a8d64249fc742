"""The step that searches the space of a protocol and a method on validation data; the test split is not opened."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import optuna
from loky import cpu_count
from optuna.storages import RDBStorage
from optuna.study import MaxTrialsCallback
from optuna.trial import TrialState

from fer.data.dataset import FaceDataset
from fer.data.dataset_names import check_title
from fer.errors import InputError
from fer.identity import code_versions, identity
from fer.launching import Launcher
from fer.launching.inline import in_process
from fer.progress import Tally, announce_loading
from fer.record import DatasetInput, Record
from fer.redaction import has_secret
from fer.sentinels import AUTO
from fer.steps.starting import digests_of, start_of
from fer.steps.tuning_objectives import ACCURACY, Objectives, chosen_trial, front, objectives_of
from fer.steps.tuning_record import best_parameters, describe_search, train_command, tuning_record
from fer.steps.tuning_trials import MONITOR, trial_objective
from fer.steps.tuning_workers import Wanted, search, storage_unusable, storage_with_heartbeat, watched
from fer.storage.folders import cache_folder, locked
from fer.tracking import names
from fer.tracking.datasets import open_dataset
from fer.tracking.run_contents import log_record, tag_runs
from fer.tracking.runs import open_experiment, open_run_id
from fer.tracking.server import connect
from fer.training import Protocol
from fer.training.parameters import identifying
from fer.training.plan import TrainingPlan

__all__ = ["MONITOR", "SearchWork", "best_parameters", "storage_named", "train_command", "tune_step", "tuning_record"]

STORAGE_VARIABLE = "FER_OPTUNA_STORAGE"
_STORAGE = "sqlite:///optuna.db"
_WARMUP_TRIALS = 5
_SEEDS_APART = 1_000_003


def tune_step(
    address: str,
    plan: TrainingPlan,
    study_name: str,
    trials: int,
    storage: str,
    objectives: str = ACCURACY,
    launcher: Launcher = in_process,
    workers: int | None = None,
    claims: str = AUTO,
) -> dict[str, float]:
    """Run trials until ``trials`` are complete or pruned, including earlier starts; return the best parameters.

    Each trial is a child run with its curves. By accuracy alone, a trial's value is its best validation accuracy, 0..1;
    after five trials, a trial whose accuracy is below the median of the earlier ones at the same epoch is pruned. With
    other ``objectives`` (:func:`fer.steps.tuning_objectives.objectives_of`), its values are those of the trained model
    on the validation faces, no trial is pruned, and the trials on the front are marked. ``train -P tuned=<run id>``
    reads the run's ``best.json``. ``storage`` is as in :func:`storage_named`.

    With a ``launcher`` other than that of this process, ``workers`` (None: one for each core) search the same Optuna
    study (:mod:`fer.steps.tuning_workers`): which values are tried then depends on which trials have ended before.

    No trial is pruned because a model that is below the median in accuracy may serve the worst group best, and the
    accuracy of a small group at one epoch is too uncertain to stop a trial for it.

    Raises InputError if the storage cannot be opened, if another process of this machine searches it, if the Optuna
    study was made with other data, parameters or code, and if no trial completed.
    """
    given, storage = storage, storage_named(storage)
    check_title(study_name, "study_name", "tune")
    if trials < 1:
        raise InputError(f"trials {trials} is less than 1; give a number such as 20.")
    announce_loading()
    protocol, _ = plan.resolve()
    start_of(plan, protocol)  # Weights that no trial could start from are refused before data are read.
    dataset = open_dataset(address)
    # Without the test split, so that tuning cannot see it.
    visible = dataset.where(dataset.samples["split"] != "test")
    wanted = objectives_of(objectives, visible.split("validation"), plan.groups)
    warned = Record(warnings=[wanted.warning] if wanted.warning else [])
    log_record(Record(inputs=[DatasetInput(visible, address, "tuning")]) | warned)
    if launcher is in_process:
        with _alone(study_name, storage):
            study = _searched(study_name, storage, plan, protocol, visible, trials, wanted)
    else:
        work = SearchWork(address, plan, study_name, given, trials, objectives, open_run_id(), claims)
        study = _searched_by_workers(work, visible, wanted, launcher, workers or cpu_count())
    command = train_command(address, plan, open_run_id(), open_experiment())
    described = Record(description=describe_search(study, dataset.name, command, wanted.names))
    log_record(tuning_record(study, plan, wanted.names) | described)
    if len(wanted.names) > 1:
        on_front = set(front(study))
        for trial in study.get_trials(states=[TrialState.COMPLETE]):
            tag_runs(filter(None, [trial.user_attrs.get("run_id")]), names.ON_FRONT, trial.number in on_front)
    return dict(chosen_trial(study, wanted.names).params)


@contextmanager
def _alone(study_name: str, storage: str) -> Iterator[None]:
    """Keep other processes of this machine out of an Optuna study: each would run all trials that are missing."""
    # A file's address may be relative to the working folder.
    place = f"{Path.cwd()} {storage} {study_name}" if storage.startswith("sqlite") else f"{storage} {study_name}"
    file = cache_folder() / "tune" / f"{hashlib.sha256(place.encode()).hexdigest()[:24]}.lock"
    with locked(file, None) as is_ours:
        if not is_ours:
            raise InputError(
                f"another process is searching the Optuna study {study_name} in {storage}; wait for it to end, or give "
                "another study_name."
            )
        yield


def _searched(
    study_name: str,
    storage: str,
    plan: TrainingPlan,
    protocol: Protocol,
    visible: FaceDataset,
    trials: int,
    objectives: Objectives,
) -> optuna.Study:
    """Run the trials that are missing; return the study, in which at least one is complete."""
    study = _study(study_name, storage, plan, visible.digest, objectives)

    done = [trial for trial in study.trials if trial.state.is_finished()]
    # A trial that was interrupted by a kill is FAILED or still RUNNING in the storage: it does not count.
    done = [trial for trial in done if trial.state != TrialState.FAIL]
    remaining = max(0, trials - len(done))

    def ended(_: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        failed = trial.state == TrialState.FAIL
        first = None if trial.values is None else trial.values[0]
        tally.ended(f"trial {trial.number}", first, "see its run" if failed else None)

    with Tally(f"search {study_name}", "trial", remaining) as tally:
        objective = trial_objective(
            plan, protocol, visible, objectives, lambda trial: tally.began(f"trial {trial.number}")
        )
        # A learning rate at which the loss diverges fails its trial, not the search.
        # Other machines may search the same study: none starts a trial when there are enough.
        enough = MaxTrialsCallback(trials, states=(TrialState.COMPLETE, TrialState.PRUNED))
        study.optimize(objective, n_trials=remaining, catch=(InputError,), callbacks=[ended, enough])
    return _with_one_complete(study, study_name)


def _with_one_complete(study: optuna.Study, study_name: str) -> optuna.Study:
    if not study.get_trials(states=[TrialState.COMPLETE]):
        raise InputError(f"study {study_name}: no trial completed; give more trials or epochs.")
    return study


@dataclass(frozen=True)
class SearchWork:
    """What a worker does in a search: plain data. Its attributes are the arguments of :func:`tune_step`.

    ``storage`` is as it was given, so that no password is sent; ``parent`` is the id of the search's run, and ``since``
    how many trials the Optuna study had when this start began.
    """

    address: str
    plan: TrainingPlan
    study_name: str
    storage: str
    trials: int
    objectives: str
    parent: str
    claims: str
    since: int = 0

    def __call__(self, worker: int) -> int:
        """Run trials until there are enough; return how many were run. ``worker`` is its number, from 0."""
        connect()
        protocol, _ = self.plan.resolve()
        dataset = open_dataset(self.address)
        visible = dataset.where(dataset.samples["split"] != "test")
        objectives = objectives_of(self.objectives, visible.split("validation"), self.plan.groups)
        storage = storage_named(self.storage)
        study = _study(self.study_name, storage_with_heartbeat(storage), self.plan, visible.digest, objectives, worker)
        objective = trial_objective(self.plan, protocol, visible, objectives, parent=self.parent)
        return search(study, objective, Wanted(self.trials, self.since), self.claims, storage)


def _searched_by_workers(
    work: SearchWork, visible: FaceDataset, objectives: Objectives, launcher: Launcher, workers: int
) -> optuna.Study:
    """Let workers run the trials that are missing; return the study, which then has as many as were asked for."""
    storage = storage_with_heartbeat(storage_named(work.storage))
    study = _study(work.study_name, storage, work.plan, visible.digest, objectives, 0)
    known = study.get_trials(deepcopy=False)
    wanted = Wanted(work.trials, len(known))
    missing = max(0, wanted.missing(known))
    unfinished: list[str] = []
    with Tally(f"search {work.study_name}", "trial", missing) as tally, watched(study, tally):
        jobs = list(range(min(workers, missing) or min(workers, _waited_for(known))))

        def lost(worker: int, reason: str) -> int:
            unfinished.append(reason)
            return 0

        launcher(jobs, replace(work, since=len(known)), lambda _: None, lambda _: None, lost)
    trials = study.get_trials(deepcopy=False)
    if wanted.missing(trials) > 0 and unfinished:
        raise InputError(
            f"the search {work.study_name} has {wanted.missing(trials)} trials too few, as its workers were lost "
            f"({unfinished[0].rstrip('.')}); give the same command again."
        )
    return _with_one_complete(study, work.study_name)


def _waited_for(trials: Sequence[optuna.trial.FrozenTrial]) -> int:
    """Return how many trials others are running, which a worker waits for."""
    return sum(trial.state == TrialState.RUNNING for trial in trials)


def storage_named(storage: str) -> str:
    """Return the address of the Optuna storage: for ``auto`` that of ``FER_OPTUNA_STORAGE``, else ``optuna.db`` here.

    Raises InputError for one with a password, but from the variable: parameters are logged on the run, by `mlflow run`
    before this project can take the password out.
    """
    if storage == AUTO:
        return os.environ.get(STORAGE_VARIABLE) or _STORAGE
    if has_secret(storage):
        raise InputError(
            f"storage {storage} holds a password, and `mlflow run` logs parameters as they are; set the environment "
            f"variable {STORAGE_VARIABLE} instead of storage=, delete this run and change the password."
        )
    return storage


def _study(
    name: str,
    storage: str | RDBStorage,
    plan: TrainingPlan,
    digest: str,
    objectives: Objectives,
    worker: int | None = None,
) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        study = optuna.create_study(
            study_name=name,
            storage=storage,
            load_if_exists=True,
            directions=objectives.directions,
            pruner=optuna.pruners.MedianPruner(n_startup_trials=_WARMUP_TRIALS, n_warmup_steps=2),
        )
    except Exception as error:  # Each kind of storage raises its own errors.
        raise storage_unusable(storage, error) from error
    # A new sampler would repeat its first trials, so each start needs its own seed.
    seed = plan.seed + len(study.trials)
    if worker is None:
        study.sampler = optuna.samplers.TPESampler(seed=seed)
    else:  # Workers that begin together must not try the same, nor what others are trying.
        study.sampler = optuna.samplers.TPESampler(seed=seed + _SEEDS_APART * worker, constant_liar=True)
    given = {name: value for name, value in identifying(plan).items() if name != "seed"}
    if objectives.names != (ACCURACY,):
        given["objectives"] = ",".join(objectives.names)
    keys = [identity(given, {"data": digest, **digests_of(plan)}, code) for code in code_versions()]
    if study.user_attrs.get(names.IDENTITY, keys[0]) not in keys:
        raise InputError(
            f"the Optuna study {name} in {storage} was made with other data, parameters, objectives or code; "
            "give another study_name."
        )
    study.set_user_attr(names.IDENTITY, keys[0])
    return study

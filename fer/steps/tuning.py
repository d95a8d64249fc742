"""The step that searches the space of a protocol and a method on validation data; the test split is not opened."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import optuna
from optuna.study import MaxTrialsCallback
from optuna.trial import TrialState

from fer.data.dataset import FaceDataset
from fer.data.dataset_names import check_title
from fer.errors import InputError
from fer.evaluation.sentences import counted
from fer.identity import code_versions, identity
from fer.progress import Tally, announce_loading
from fer.record import DatasetInput, Record
from fer.redaction import has_secret
from fer.sentinels import AUTO
from fer.steps.starting import digests_of, start_of
from fer.steps.training import fit_logged
from fer.steps.tuning_objectives import (
    ACCURACY,
    RULE,
    Objectives,
    chosen_trial,
    front,
    objectives_of,
    trials_table,
    values_shown,
)
from fer.storage.folders import cache_folder, locked
from fer.text.commands import run_command
from fer.text.escaping import markdown
from fer.tracking import names
from fer.tracking.datasets import open_dataset
from fer.tracking.reading import read_json
from fer.tracking.run_contents import log_record, tag_runs
from fer.tracking.runs import open_experiment, open_run, open_run_id
from fer.training import Protocol, adjusted
from fer.training.mitigation.choice import settings_text
from fer.training.mitigation.registry import ERM
from fer.training.parameters import identifying
from fer.training.plan import TrainingPlan

MONITOR = "validation/accuracy"
STORAGE_VARIABLE = "FER_OPTUNA_STORAGE"
_STORAGE = "sqlite:///optuna.db"
_WARMUP_TRIALS = 5


def tune_step(
    address: str, plan: TrainingPlan, study_name: str, trials: int, storage: str, objectives: str = ACCURACY
) -> dict[str, float]:
    """Run trials until ``trials`` are complete or pruned, including earlier starts; return the best parameters.

    Each trial is a child run with its curves. By accuracy alone, a trial's value is its best validation accuracy, 0..1;
    after five trials, a trial whose accuracy is below the median of the earlier ones at the same epoch is pruned. With
    other ``objectives`` (:func:`fer.steps.tuning_objectives.objectives_of`), its values are those of the trained model
    on the validation faces, no trial is pruned, and the trials on the front are marked. ``train -P tuned=<run id>``
    reads the run's ``best.json``. ``storage`` is as in :func:`storage_named`.

    No trial is pruned because a model that is below the median in accuracy may serve the worst group best, and the
    accuracy of a small group at one epoch is too uncertain to stop a trial for it.

    Raises InputError if the storage cannot be opened, if another process of this machine searches it, if the Optuna
    study was made with other data, parameters or code, and if no trial completed.
    """
    storage = storage_named(storage)
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
    with _alone(study_name, storage):
        study = _searched(study_name, storage, plan, protocol, visible, trials, wanted)
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

    def objective(trial: optuna.Trial) -> float | tuple[float, ...]:
        chosen: dict[str, Any] = {**_suggest(trial, protocol, plan)}
        tally.began(f"trial {trial.number}")
        with open_run("trial", f"trial {trial.number}", chosen, {names.TRIAL: trial.number}) as run:
            trial.set_user_attr("run_id", run.info.run_id)
            values, found = _train_trial(trial, visible, *_with(plan, protocol, chosen), objectives)
            log_record(found | Record(tags={names.PRUNED: values is None}))
        if values is None:  # Raised outside the run's block: a pruned trial's run has not failed.
            raise optuna.TrialPruned
        return values

    done = [trial for trial in study.trials if trial.state.is_finished()]
    # A trial that was interrupted by a kill is FAILED or still RUNNING in the storage: it does not count.
    done = [trial for trial in done if trial.state != TrialState.FAIL]
    remaining = max(0, trials - len(done))

    def ended(_: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        failed = trial.state == TrialState.FAIL
        first = None if trial.values is None else trial.values[0]
        tally.ended(f"trial {trial.number}", first, "see its run" if failed else None)

    with Tally(f"search {study_name}", "trial", remaining) as tally:
        # A learning rate at which the loss diverges fails its trial, not the search.
        # Other machines may search the same study: none starts a trial when there are enough.
        enough = MaxTrialsCallback(trials, states=(TrialState.COMPLETE, TrialState.PRUNED))
        study.optimize(objective, n_trials=remaining, catch=(InputError,), callbacks=[ended, enough])
    complete = study.get_trials(states=[TrialState.COMPLETE])
    if not complete:
        raise InputError(f"study {study_name}: no trial completed; give more trials or epochs.")
    return study


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


def tuning_record(study: optuna.Study, plan: TrainingPlan, objectives: Sequence[str] = (ACCURACY,)) -> Record:
    """Return the record of a search: its trials and the best one, in ``best.json``, see :func:`best_parameters`.

    With several objectives ``best.json`` also holds the trials of the front.
    """
    best = chosen_trial(study, objectives)
    values = dict(zip(objectives, best.values, strict=True))
    found: dict[str, Any] = {"backbone": plan.backbone, "parameters": best.params}
    if plan.mitigation.method != ERM:
        found["method"] = plan.mitigation.method
    if len(objectives) > 1:
        found["front"] = [
            {"trial": trial.number, "parameters": trial.params, **dict(zip(objectives, trial.values, strict=True))}
            for trial in sorted(study.best_trials, key=lambda trial: trial.number)
        ]
    accuracy = {names.BEST_VALIDATION_ACCURACY: values[ACCURACY]} if ACCURACY in values else {}
    others = {f"tune/{name}": value for name, value in values.items() if name != ACCURACY}
    return Record(
        metrics={**accuracy, **others, "tune/trials": len(study.trials)},
        tags={names.BEST_TRIAL: best.number, names.BEST_RUN: best.user_attrs.get("run_id", "")},
        tables={"trials.csv": trials_table(study, objectives)},
        texts={names.HYPERPARAMETERS_ARTIFACT: json.dumps(found, indent=2) + "\n"},
    )


def train_command(address: str, plan: TrainingPlan, run_id: str, experiment: str) -> str:
    """Return the command that trains on the same data, otherwise by ``plan``, with the best values of a tune run."""
    chosen = {name: value for name, value in asdict(plan).items() if value != AUTO}
    return run_command("train", experiment, tuned=run_id, dataset=address, **chosen)


def describe_search(study: optuna.Study, dataset: str, command: str, objectives: Sequence[str] = (ACCURACY,)) -> str:
    """Return Markdown for the top of a search's page: the best values, how many trials, the ``command`` to use them."""
    best = chosen_trial(study, objectives)
    values = values_shown(dict(zip(objectives, best.values, strict=True)))
    lead = f"**Best of {counted(len(study.trials), 'trial')}: {values}** with "
    lead += f"{_shown(best.params)} (trial {best.number}, on {markdown(dataset)})."
    if len(objectives) > 1:
        lead += (
            f" On the front, where no other trial is better in every objective: {counted(len(front(study)), 'trial')}. "
            f"This one is chosen by a stated rule: {RULE}."
        )
    return (
        f"{lead} The test split was not used; all trials are in trials.csv.\n\nTrain with it:\n\n```sh\n{command}\n```"
    )


def best_parameters(run_id: str, backbone: str, method: str = ERM) -> Mapping[str, float]:
    """Return the best trial's parameters of a tune run.

    Raises InputError if the run has none, or tuned another backbone or mitigation method.
    """
    found = read_json(run_id, names.HYPERPARAMETERS_ARTIFACT, "give the id of a finished tune run")
    tuned, parameters = found.get("backbone"), found.get("parameters")
    if not isinstance(tuned, str) or not isinstance(parameters, dict):
        raise InputError(
            f"{names.HYPERPARAMETERS_ARTIFACT} of run {run_id} has no backbone or parameters; give the id of a "
            "finished tune run."
        )
    if tuned != backbone:
        raise InputError(f"run {run_id} tuned {tuned}, not {backbone}; train with backbone={tuned}.")
    searched = found.get("method", ERM)
    if searched != method:
        raise InputError(f"run {run_id} tuned the method {searched}, not {method}; train with method={searched}.")
    return parameters


def _study(name: str, storage: str, plan: TrainingPlan, digest: str, objectives: Objectives) -> optuna.Study:
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
        raise InputError(
            f"the Optuna storage {storage} cannot be opened ({type(error).__name__}); give one such as "
            "sqlite:///optuna.db."
        ) from error
    # A new sampler would repeat its first trials, so each start needs its own seed.
    study.sampler = optuna.samplers.TPESampler(seed=plan.seed + len(study.trials))
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


def _suggest(trial: optuna.Trial, protocol: Protocol, plan: TrainingPlan) -> dict[str, float]:
    """Return values for the protocol's search space and for the settings of the method that were not given."""
    given = plan.mitigation
    space = dict(protocol.search_space)
    space |= {
        name: (one.low, one.high, one.scale) for name, one in given.entry.settings.items() if name not in given.settings
    }
    return {
        name: trial.suggest_float(name, low, high, log=scale == "log") for name, (low, high, scale) in space.items()
    }


def _with(plan: TrainingPlan, protocol: Protocol, chosen: Mapping[str, Any]) -> tuple[TrainingPlan, Protocol]:
    """Return plan and protocol with the values that a trial tries."""
    given = plan.mitigation
    settings = {name: value for name, value in chosen.items() if name in given.entry.settings}
    others = {name: value for name, value in chosen.items() if name not in settings}
    if settings:
        plan = replace(plan, method_settings=settings_text({**given.settings, **settings}))
    return plan, adjusted(protocol, **others)


class _Pruned(Exception):
    """Raised to stop a pruned trial."""


def _train_trial(
    trial: optuna.Trial, dataset: FaceDataset, plan: TrainingPlan, protocol: Protocol, objectives: Objectives
) -> tuple[float | tuple[float, ...] | None, Record]:
    """Return the best validation accuracy of a trial, or its objectives; None if it was pruned; and its record."""
    best, by_accuracy = 0.0, objectives.names == (ACCURACY,)

    def report(epoch: int, metrics: dict[str, float]) -> None:
        nonlocal best
        best = max(best, metrics[MONITOR])
        if not by_accuracy:
            return
        trial.report(metrics[MONITOR], epoch)
        if trial.should_prune():
            raise _Pruned

    try:
        trained, found = fit_logged(dataset, plan, protocol, report, start=start_of(plan, protocol))
    except _Pruned:
        pruned = f"**Pruned** at validation accuracy {best:.1%}: below the median of the earlier trials at this epoch."
        return None, Record(description=pruned)
    if by_accuracy:
        lead = f"**Validation accuracy {best:.1%}** with {_shown(trial.params)}."
        return best, found | Record(metrics={names.BEST_VALIDATION_ACCURACY: best}, description=lead)
    values = objectives.values(trained)
    named = dict(zip(objectives.names, values, strict=True))
    lead = f"**{values_shown(named)}** (validation faces) with {_shown(trial.params)}."
    metrics = {names.BEST_VALIDATION_ACCURACY: best, **{f"tune/{name}": value for name, value in named.items()}}
    return values, found | Record(metrics=metrics, description=lead)


def _shown(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in values.items()) or "no values"

"""One trial of a search: the values it tries, its training as a run, and what it reports."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import optuna

from fer.data.dataset import FaceDataset
from fer.record import Record
from fer.steps.starting import start_of
from fer.steps.training import fit_logged
from fer.steps.tuning_objectives import ACCURACY, Objectives, values_shown
from fer.steps.tuning_record import parameters_shown
from fer.steps.tuning_workers import Objective
from fer.tracking import names
from fer.tracking.heartbeat import beating
from fer.tracking.reading import run_facts
from fer.tracking.reopening import is_finished
from fer.tracking.run_contents import log_record, tag_runs
from fer.tracking.runs import open_run
from fer.tracking.stale_runs import end_run
from fer.training import Protocol, adjusted
from fer.training.mitigation.choice import settings_text
from fer.training.plan import TrainingPlan

MONITOR = "validation/accuracy"


def trial_objective(
    plan: TrainingPlan,
    protocol: Protocol,
    visible: FaceDataset,
    objectives: Objectives,
    began: Callable[[optuna.Trial], None] = lambda _: None,
    parent: str | None = None,
) -> Objective:
    """Return the function that runs one trial, as a run below the open one or ``parent``."""

    def objective(trial: optuna.Trial) -> float | tuple[float, ...]:
        known = _known_values(trial, objectives)
        if known is not None:
            return known
        chosen: dict[str, Any] = {**_suggest(trial, protocol, plan)}
        began(trial)
        tags = {names.TRIAL: trial.number}
        with open_run(names.TRIAL_STAGE, f"trial {trial.number}", chosen, tags, parent=parent) as run, beating():
            trial.set_user_attr("run_id", run.info.run_id)
            values, found = _train_trial(trial, visible, *_with(plan, protocol, chosen), objectives)
            log_record(found | Record(tags={names.PRUNED: values is None}))
        if values is None:  # Raised outside the run's block: a pruned trial's run has not failed.
            raise optuna.TrialPruned
        return values

    return objective


def _known_values(trial: optuna.Trial, objectives: Objectives) -> float | tuple[float, ...] | None:
    """Return the values of a trial whose worker died after its run had finished; None for any other.

    Otherwise the run of the worker that died is ended. Raises TrialPruned if the trial was pruned.
    """
    run_id = trial.user_attrs.get("run_id")
    if run_id is None:
        return None
    end_run(run_id)
    if not is_finished(run_id):
        return None
    metrics, tags = run_facts(run_id)
    if tags.get(names.PRUNED) == "True":
        raise optuna.TrialPruned
    tag_runs([run_id], names.TRIAL, trial.number)
    if objectives.names == (ACCURACY,):
        return metrics[names.BEST_VALIDATION_ACCURACY]
    # Not the best accuracy of an epoch: that of the model whose groups were judged.
    return tuple(metrics[f"tune/{one}"] for one in objectives.names)


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
        lead = f"**Validation accuracy {best:.1%}** with {parameters_shown(trial.params)}."
        return best, found | Record(metrics={names.BEST_VALIDATION_ACCURACY: best}, description=lead)
    values = objectives.values(trained)
    named = dict(zip(objectives.names, values, strict=True))
    lead = f"**{values_shown(named)}** (validation faces) with {parameters_shown(trial.params)}."
    metrics = {names.BEST_VALIDATION_ACCURACY: best, **{f"tune/{name}": value for name, value in named.items()}}
    return values, found | Record(metrics=metrics, description=lead)

"""What a search logs on its run, the command that trains with its best values, and reading these again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import optuna

from fer.errors import InputError
from fer.evaluation.sentences import counted
from fer.record import Record
from fer.sentinels import AUTO
from fer.steps.tuning_objectives import ACCURACY, RULE, chosen_trial, front, trials_table, values_shown
from fer.text.commands import run_command
from fer.text.escaping import markdown
from fer.tracking import names
from fer.tracking.reading import read_json
from fer.training.mitigation.registry import ERM
from fer.training.plan import TrainingPlan


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
    lead += f"{parameters_shown(best.params)} (trial {best.number}, on {markdown(dataset)})."
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


def parameters_shown(values: Mapping[str, float]) -> str:
    """Return values by name as text, "learning_rate 0.001, dropout 0.2"."""
    return ", ".join(f"{name} {value:.4g}" for name, value in values.items()) or "no values"

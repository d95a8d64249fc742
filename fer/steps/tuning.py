"""The step that searches a protocol's declared space on validation data; the test split is not opened."""

import json
from collections.abc import Mapping

import mlflow
import optuna
from mlflow.exceptions import MlflowException

from fer.errors import InputError
from fer.steps.training import TrainingPlan, fit_logged
from fer.tracking import names
from fer.tracking.datasets import log_dataset_input, open_dataset
from fer.tracking.runs import log_files, log_metrics, open_run, read_json, set_tags
from fer.training import Protocol, adjusted

MONITOR = "validation/accuracy"
_WARMUP_TRIALS = 5


def tune_step(address: str, plan: TrainingPlan, study_name: str, trials: int, storage: str) -> dict[str, float]:
    """Run trials until ``trials`` are complete or pruned, those of earlier starts included; return the best parameters.

    Each trial is a child run with its curves. A trial's value is its best validation accuracy; one whose
    accuracy is below the median of the earlier trials at the same epoch is pruned (after five trials).
    ``best.json`` on the run is what ``train -P tuned=<run id>`` reads. Raises InputError for a storage that
    cannot be opened, and if no trial completed.
    """
    protocol, _ = plan.resolve()
    dataset = open_dataset(address)
    # What tuning must not see it does not hold.
    visible = dataset.where(dataset.samples["split"] != "test")
    log_dataset_input(visible, address, "tuning")
    study = _study(study_name, storage, plan.seed)

    def objective(trial: optuna.Trial) -> float:
        chosen = _suggest(trial, protocol)
        tags = {"fer.trial": trial.number}
        with open_run("trial", f"trial {trial.number}", chosen, tags) as run:
            trial.set_user_attr("run_id", run.info.run_id)
            return _train_trial(trial, visible, plan, adjusted(protocol, **chosen))

    done = [trial for trial in study.trials if trial.state.is_finished()]
    # A trial that was cut off by a kill is FAILED or still RUNNING in the storage: it does not count.
    done = [trial for trial in done if trial.state != optuna.trial.TrialState.FAIL]
    study.optimize(objective, n_trials=max(0, trials - len(done)), show_progress_bar=False)
    complete = study.get_trials(states=[optuna.trial.TrialState.COMPLETE])
    if not complete:
        raise InputError(f"study {study_name}: no trial completed; give more trials or epochs.")
    best = study.best_trial
    log_metrics({"best/validation_accuracy": best.value, "tune/trials": len(study.trials)})
    set_tags({"fer.best_trial": best.number, "fer.best_run": best.user_attrs.get("run_id", "")})
    log_files(
        tables={"trials.csv": study.trials_dataframe(attrs=("number", "state", "value", "params", "duration"))},
        texts={names.HYPERPARAMETERS_ARTIFACT: json.dumps(best.params, indent=2) + "\n"},
    )
    return dict(best.params)


def best_parameters(run_id: str) -> Mapping[str, float]:
    """Return the best trial's parameters of a tune run; InputError if it has none."""
    try:
        return read_json(run_id, names.HYPERPARAMETERS_ARTIFACT)
    except (MlflowException, OSError) as error:
        raise InputError(
            f"run {run_id} has no {names.HYPERPARAMETERS_ARTIFACT} ({str(error).splitlines()[0]}); "
            "give the id of a finished tune run."
        ) from error


def _study(name: str, storage: str, seed: int) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        return optuna.create_study(
            study_name=name,
            storage=storage,
            load_if_exists=True,
            direction="maximize",
            sampler=optuna.samplers.TPESampler(seed=seed),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=_WARMUP_TRIALS, n_warmup_steps=2),
        )
    except Exception as error:  # Every storage raises errors of its own.
        raise InputError(
            f"the Optuna storage {storage} cannot be opened ({type(error).__name__}); give one such as "
            "sqlite:///optuna.db."
        ) from error


def _suggest(trial: optuna.Trial, protocol: Protocol) -> dict[str, float]:
    return {
        name: trial.suggest_float(name, low, high, log=scale == "log")
        for name, (low, high, scale) in protocol.search_space.items()
    }


def _train_trial(trial: optuna.Trial, dataset, plan: TrainingPlan, protocol: Protocol) -> float:
    best = 0.0

    def report(epoch: int, metrics: dict[str, float]) -> None:
        nonlocal best
        best = max(best, metrics[MONITOR])
        trial.report(metrics[MONITOR], epoch)
        if trial.should_prune():
            mlflow.set_tag("fer.pruned", "true")
            raise optuna.TrialPruned

    fit_logged(dataset, plan, protocol, report)
    log_metrics({"best/validation_accuracy": best})
    return best

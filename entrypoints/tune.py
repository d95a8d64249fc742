"""tune: a search over learning rate, dropout and a method's settings on validation data -> best.json, trial runs."""

from typing import Any

import click

from entrypoints.command import EntryPoint
from entrypoints.ending import Next, finish
from entrypoints.shared_options import launching_options, training_options
from fer.progress import announce
from fer.sentinels import AUTO

SEARCHED = ("learning_rate", "dropout")


@click.command(name="tune", cls=EntryPoint)
@click.option(
    "--dataset", required=True, help="Dataset or mixture: a folder or runs:/<id>; its test split is not used."
)
@click.option("--trials", default=20, help="Total number of trials, including those of an earlier start.")
@click.option("--study-name", default="tune", help="Optuna study; the same name resumes it.")
@click.option("--storage", default=AUTO, help="Any Optuna storage; auto: FER_OPTUNA_STORAGE, else sqlite:///optuna.db.")
@click.option(
    "--objectives",
    default="accuracy",
    help="What is optimised: accuracy, worst_group, std, or several, a,b. Groups are those of groups=.",
)
@training_options(leave_out=SEARCHED)
@click.option("--seed", default=0, help="Seed of the sampler and of every training.")
@launching_options
def main(
    dataset: str,
    trials: int,
    study_name: str,
    storage: str,
    objectives: str,
    launcher: str,
    launcher_options: dict[str, Any],
    workers: int | None,
    claims: str,
    **plan: Any,
) -> None:
    """Search the protocol's declared space."""
    announce(f"tune: {trials} trials of {plan['backbone']} on {dataset}")
    from fer.launching import open_launcher
    from fer.steps.run_names import tuning_name
    from fer.steps.tuning import train_command, tune_step
    from fer.tracking.runs import open_experiment, open_run
    from fer.training.plan import TrainingPlan

    started = open_launcher(launcher, launcher_options, workers)
    given = click.get_current_context().obj
    searched = TrainingPlan(**plan)
    with open_run("tune", tuning_name(dataset, searched.backbone, study_name), given) as run:
        best = tune_step(dataset, searched, study_name, trials, storage, objectives, started, workers, claims)
        again = train_command(dataset, searched, run.info.run_id, open_experiment())
    click.echo(f"best: {', '.join(f'{name} {value:.4g}' for name, value in best.items())}")
    finish(run, "the trials are its child runs, and in trials.csv under Artifacts", Next("train with it", again))


if __name__ == "__main__":
    main()

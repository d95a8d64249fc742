"""tune: a search over learning rate and dropout on validation data -> best.json, one child run per trial."""

from typing import Any

import click

from entrypoints.command import EntryPoint, training_options
from fer.redaction import redacted
from fer.sentinels import AUTO

SEARCHED = ("learning_rate", "dropout")


@click.command(name="tune", cls=EntryPoint)
@click.option(
    "--dataset", required=True, help="Dataset or mixture: a folder or runs:/<id>; its test split is not used."
)
@click.option("--trials", default=20, help="Total number of trials, including those of an earlier start.")
@click.option("--study-name", default="tune", help="Optuna study; the same name resumes it.")
@click.option("--storage", default=AUTO, help="Any Optuna storage; auto: FER_OPTUNA_STORAGE, else sqlite:///optuna.db.")
@training_options(leave_out=SEARCHED)
@click.option("--seed", default=0, help="Seed of the sampler and of every training.")
def main(dataset: str, trials: int, study_name: str, storage: str, **plan: Any) -> None:
    """Search the protocol's declared space."""
    from fer.steps.tuning import tune_step
    from fer.tracking.runs import open_run
    from fer.training.plan import TrainingPlan

    given = click.get_current_context().obj
    with open_run("tune", f"tune {study_name}", given) as run:
        best = tune_step(dataset, TrainingPlan(**plan), study_name, trials, storage)
    chosen = {name: value for name, value in plan.items() if value != AUTO}
    options = " ".join(
        f"-P {name}={value}" for name, value in {"tuned": run.info.run_id, "dataset": dataset, **chosen}.items()
    )
    click.echo(f"best: {best}")
    click.echo(redacted(f"train with it: mlflow run . -e train {options}"))


if __name__ == "__main__":
    main()

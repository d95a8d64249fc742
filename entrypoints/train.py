"""train: a dataset's train and validation splits -> a logged model, curves by epoch, history.csv."""

from typing import Any

import click

from entrypoints.command import EntryPoint
from entrypoints.ending import evaluation_next, finish
from entrypoints.option_types import optional
from entrypoints.shared_options import training_options
from fer.progress import announce


@click.command(name="train", cls=EntryPoint)
@click.option("--dataset", required=True, help="Dataset or mixture: a folder or runs:/<id>.")
@training_options()
@click.option("--seed", default=0, help="Seed of initial weights, order, augmentation and dropout.")
@click.option("--tuned", default="none", type=optional, help="Id of a tune run whose best trial replaces auto values.")
@click.option("--register-as", default="none", type=optional, help="Name in the model registry.")
def main(dataset: str, tuned: str | None, register_as: str | None, **plan: Any) -> None:
    """Train a model."""
    announce(f"train: {plan['backbone']} on {dataset}")
    from fer.record import Record
    from fer.steps.checkpoint_folder import unfinished
    from fer.steps.run_names import training_name
    from fer.steps.training import train_step, training_key
    from fer.steps.tuning import best_parameters
    from fer.tracking.run_contents import log_record
    from fer.tracking.runs import open_experiment, open_run
    from fer.training.plan import TrainingPlan

    chosen = TrainingPlan(**plan)
    given = click.get_current_context().obj
    with (
        unfinished(training_key(dataset, given, chosen)) as kept,
        open_run("train", training_name(dataset, chosen.backbone, chosen.seed), given, resumes=kept.run_id) as run,
    ):
        if tuned is not None:
            best = best_parameters(tuned, chosen.backbone, chosen.mitigation.method)
            log_record(Record(parameters={f"tuned/{name}": value for name, value in best.items()}))
            chosen = chosen.tuned(best)
        model = train_step(dataset, chosen, register_as, kept)
        experiment = open_experiment()
    click.echo(f"model: {model}")
    look = "the curves are under Model metrics, and as learning_curves.png under Artifacts"
    finish(run, look, evaluation_next(run.info.run_id, dataset, experiment))


if __name__ == "__main__":
    main()

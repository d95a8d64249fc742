"""tune: a search over learning rate and dropout on validation data -> best.json, one child run a trial."""

import click

from entrypoints.command import EntryPoint


@click.command(name="tune", cls=EntryPoint)
@click.option("--dataset", required=True, help="Dataset or mixture: a folder or runs:/<id>; its test split stays shut.")
@click.option("--trials", default=20, help="Trials in all, those of an earlier start included.")
@click.option("--study-name", "study_name", default="tune", help="Optuna study; the same name resumes it.")
@click.option("--storage", default="sqlite:///optuna.db", help="Any Optuna storage.")
@click.option("--backbone", default="resnet50v2", help="resnet50v2, cnn or another of docs/models.md.")
@click.option("--weights", default="auto", help="imagenet, none or a Keras weights file; auto: the backbone's.")
@click.option("--protocol", default="auto", help="A name or a .yaml file; auto: the backbone's. It declares the space.")
@click.option("--epochs", default="auto", help="One number for all phases, or one a phase.")
@click.option("--batch-size", "batch_size", default="auto", help="Faces a step.")
@click.option("--input-size", "input_size", default="auto", help="Pixels a side that the backbone sees.")
@click.option("--trunk-cache", "trunk_cache", default="auto", help="auto, float16 or off: see docs/trunk_cache.md.")
@click.option("--seed", default=0, help="Of the sampler and of every training.")
def main(dataset, trials, study_name, storage, **plan):
    """Search the protocol's declared space."""
    from fer.steps.training import TrainingPlan
    from fer.steps.tuning import tune_step
    from fer.tracking.runs import open_run

    given = click.get_current_context().params
    with open_run("tune", f"tune {study_name}", given) as run:
        best = tune_step(dataset, TrainingPlan(**plan), study_name, trials, storage)
    told = f"-P tuned={run.info.run_id} -P dataset={dataset} -P backbone={plan['backbone']}"
    click.echo(f"best: {best}")
    click.echo(f"train with it: mlflow run . -e train {told}")


if __name__ == "__main__":
    main()

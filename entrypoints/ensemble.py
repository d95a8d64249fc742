"""ensemble: several logged models -> one logged model, its members' weights in members.csv."""

import click

from entrypoints.command import EntryPoint
from entrypoints.ending import evaluation_next, finish
from entrypoints.option_types import listed, optional
from fer.progress import announce


@click.command(name="ensemble", cls=EntryPoint)
@click.option("--members", required=True, type=listed, help="Train runs, runs:/<id> or models:/..., joined by commas.")
@click.option("--dataset", required=True, help="Dataset whose validation split is read: a folder or runs:/<id>.")
@click.option(
    "--weighting", default="validation", help="validation: weights with the lowest cross-entropy there; average."
)
@click.option("--register-as", default="none", type=optional, help="Name in the model registry.")
def main(members: list[str], dataset: str, weighting: str, register_as: str | None) -> None:
    """Combine trained models into one. They may be trained on different datasets."""
    announce(f"ensemble: {len(members)} models, weighting {weighting}")
    from fer.steps.ensembling import ensemble_step
    from fer.steps.run_names import ensemble_name
    from fer.tracking.runs import open_experiment, open_run

    given = click.get_current_context().obj
    with open_run("ensemble", ensemble_name(len(members), weighting, dataset), given) as run:
        model = ensemble_step(members, dataset, weighting, register_as)
        experiment = open_experiment()
    click.echo(f"model: {model}")
    look = "the members' weights are in members.csv under Artifacts"
    finish(run, look, evaluation_next(run.info.run_id, dataset, experiment))


if __name__ == "__main__":
    main()

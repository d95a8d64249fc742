"""integrate: a base and a fraction of an addition -> artifact ``dataset`` (rows only, no faces copied)."""

from pathlib import Path

import click

from entrypoints.command import EntryPoint
from entrypoints.ending import finish, training_next
from entrypoints.option_types import optional_path
from fer.progress import announce


@click.command(name="integrate", cls=EntryPoint)
@click.option("--base", required=True, help="Dataset: a folder or runs:/<id>.")
@click.option("--addition", default="none", help="Dataset to draw from; none if fraction is 0.")
@click.option("--fraction", default="0", help="Share of the addition, 0..1, within each emotion and split.")
@click.option(
    "--arm", default="add", help="add: the base grows; swap: its size stays; same: it grows by faces of its own."
)
@click.option(
    "--kept-aside", default="0", help="Training faces of the base that only the arm same uses: 0.3 of them, or 300."
)
@click.option("--validation-from", default="mixture", help="mixture: validation is mixed too; base: the base's own.")
@click.option("--seed", default=0, help="Seed of the sampling.")
@click.option("--output", default="none", type=optional_path, help="Folder to also write the mixture to.")
def main(
    base: str,
    addition: str,
    fraction: str,
    arm: str,
    kept_aside: str,
    validation_from: str,
    seed: int,
    output: Path | None,
) -> None:
    """Mix two face datasets."""
    announce(f"integrate: {fraction} of {addition} into {base}")
    from fer.steps.datasets import integrate_step
    from fer.steps.run_names import mixing_name
    from fer.tracking.runs import open_experiment, open_run

    given = click.get_current_context().obj
    with open_run("integrate", mixing_name(base, addition, fraction, arm, seed), given) as run:
        address = integrate_step(
            base, addition, fraction, seed, arm, output, kept_aside=kept_aside, validation_from=validation_from
        )
        experiment = open_experiment()
    click.echo(f"dataset: {address}")
    look = "the faces by split and what the two share are in the description under Overview"
    finish(run, look, training_next(address, experiment))


if __name__ == "__main__":
    main()

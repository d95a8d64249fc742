"""balance: a dataset -> artifacts ``made`` (packed generated faces) and ``dataset`` (rows, train split balanced)."""

from pathlib import Path
from typing import Any

import click

from entrypoints.command import EntryPoint
from entrypoints.ending import finish, training_next
from entrypoints.option_types import mapping, optional_path
from fer.progress import announce


@click.command(name="balance", cls=EntryPoint)
@click.option("--dataset", required=True, help="Dataset: a folder or runs:/<id>.")
@click.option("--method", default="augment", help="Method: augment, undersample or smote.")
@click.option("--target", default="equal", help="equal, 8240 (per class), total=57677, or '{disgust: 4000}'.")
@click.option("--seed", default=0, help="Seed of the sampling and of the generated faces.")
@click.option("--options", default="none", type=mapping, help="The method's options as YAML, '{k_neighbors: 3}'.")
@click.option("--output", default="none", type=optional_path, help="Folder to also write the rows to.")
def main(dataset: str, method: str, target: str, seed: int, options: dict[str, Any], output: Path | None) -> None:
    """Balance the training split of a dataset. Validation and test are left unchanged."""
    announce(f"balance: {method} {target} of {dataset}")
    from fer.steps.balancing import balance_step
    from fer.steps.run_names import balancing_name
    from fer.tracking.runs import open_experiment, open_run

    given = click.get_current_context().obj
    with open_run("balance", balancing_name(dataset, method, target, seed), given) as run:
        address = balance_step(dataset, method, target, seed, options, output)
        experiment = open_experiment()
    click.echo(f"dataset: {address}")
    finish(run, "the counts and a sheet of the made faces are under Artifacts", training_next(address, experiment))


if __name__ == "__main__":
    main()

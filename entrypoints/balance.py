"""balance: a dataset -> artifacts ``made`` (packed made faces) and ``dataset`` (rows only), training split balanced."""

from pathlib import Path
from typing import Any

import click

from entrypoints.command import EntryPoint, mapping, optional_path


@click.command(name="balance", cls=EntryPoint)
@click.option("--dataset", required=True, help="Dataset: a folder or runs:/<id>.")
@click.option("--method", default="augment", help="augment, undersample or smote.")
@click.option("--target", default="equal", help="equal, 8240 (a class), total=57677, or '{disgust: 4000}'.")
@click.option("--seed", default=0, help="Of the draws and the made faces.")
@click.option("--options", default="none", type=mapping, help="The method's options as YAML, '{k_neighbors: 3}'.")
@click.option("--output", default="none", type=optional_path, help="Folder to keep the rows in, besides the server.")
def main(dataset: str, method: str, target: str, seed: int, options: dict[str, Any], output: Path | None) -> None:
    """Balance the training split of a dataset. Validation and test stay as they are."""
    from fer.steps.balancing import balance_step
    from fer.tracking.runs import open_run

    given = click.get_current_context().obj
    with open_run("balance", f"balance {method} {target}", given):
        address = balance_step(dataset, method, target, seed, options, output)
        click.echo(f"dataset: {address}")


if __name__ == "__main__":
    main()

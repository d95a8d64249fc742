"""Send metrics that a training could not send: ``python -m fer.tracking.send <file>``. Deletes the file afterwards."""

import sys
from pathlib import Path

import click

from fer.errors import InputError
from fer.tracking.metric_queue import metric_queue, read_entries, run_of
from fer.tracking.server import connect


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def main(file: Path) -> None:
    """Send the metrics of FILE to the run that they belong to."""
    try:
        connect()
        run_id, count = run_of(file), len(read_entries(file))
        with metric_queue(run_id, file):
            pass
    except InputError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
    click.echo(f"metrics of {count} epochs are on run {run_id}.")


if __name__ == "__main__":
    main()

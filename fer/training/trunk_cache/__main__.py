"""List the trunk cache, or remove entries: ``python -m fer.training.trunk_cache [--remove DAYS]``."""

import time

import click
from tabulate import tabulate

from fer.training.trunk_cache.store import limit_bytes, listing, remove, shown, store_folder

_DAY = 24 * 3600


@click.command()
@click.option("--remove", "days", type=click.FloatRange(min=0), help="Remove entries not used for this many days.")
def main(days: float | None) -> None:
    """List the trunk cache; with --remove, remove entries that no process uses."""
    now = time.time()
    if days is not None:
        old = [entry.key for entry in listing() if now - entry.last_used >= days * _DAY]
        click.echo(f"{len(remove(old))} of {len(old)} entries removed; the others are in use.")
    entries = listing()
    rows = [
        [
            entry.key[:12],
            entry.facts["model"],
            entry.facts["source"],
            "x".join(map(str, entry.facts["shape"])),
            entry.facts["dtype"],
            f"{entry.rows_there:,} of {entry.facts['rows']:,}",
            shown(entry.disk_bytes),
            f"{(now - entry.last_used) / _DAY:.1f}",
            "yes" if entry.in_use else "",
        ]
        for entry in entries
    ]
    headers = ["entry", "model", "faces of", "tensor", "type", "faces", "on disk", "days unused", "in use"]
    click.echo(tabulate(rows, headers=headers))
    taken = shown(sum(entry.disk_bytes for entry in entries))
    click.echo(f"{store_folder()}: {taken} of {shown(limit_bytes())}")


if __name__ == "__main__":
    main()

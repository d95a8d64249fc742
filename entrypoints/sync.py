"""sync: runs that are kept on this machine, or in another store -> the tracking server, each once."""

from typing import TYPE_CHECKING

import click

from entrypoints.command import EntryPoint
from entrypoints.ending import Next, finish
from fer.progress import announce

if TYPE_CHECKING:
    from mlflow.entities import Run

_JOURNAL = "journal"


@click.command(name="sync", cls=EntryPoint)
@click.option(
    "--store",
    default=_JOURNAL,
    help="journal: what was kept for the server of MLFLOW_TRACKING_URI; or the address of a store, sqlite:///away.db.",
)
def main(store: str) -> None:
    """Send to the tracking server the runs that it could not be sent.

    They are those of commands given with --offline true, and those of commands that lost the server half-way. It may be
    stopped and given again: nothing is sent twice.
    """
    announce(f"sync: from {store}")
    from fer.evaluation.sentences import counted
    from fer.redaction import redacted
    from fer.tracking.faults import one_sentence
    from fer.tracking.journal import journals, servers_with_journals
    from fer.tracking.server import connect, server_name
    from fer.tracking.syncing import sync_journal, sync_store

    connect()
    server, sent = redacted(server_name()), []

    def on_run(run: "Run") -> None:
        sent.append(run)
        click.echo(f"run: {run.info.run_id} {run.info.run_name}")

    with one_sentence():
        if store == _JOURNAL:
            done = [sync_journal(journal, on_run) for journal in journals(server_name())]
        else:
            done = [sync_store(store, on_run)]
    known, running = sum(one.known for one in done), sum(one.running for one in done)
    also = [f"{known} were there already"] if known else []
    also += [f"{running} are still running: sync again when they have ended"] if running else []
    others = [name for name in servers_with_journals() if name != server_name()] if not done else []
    also += [f"there are runs for {', '.join(others)}: set MLFLOW_TRACKING_URI"] if others else []
    click.echo("; ".join([f"sent {counted(len(sent), 'run')} to {server}", *also]) + ".")
    if sent:
        look = "the runs are there as if the server had never been away; fer.synced_from is their id on this machine"
        finish(sent[-1], look, Next("report on their experiment"))


if __name__ == "__main__":
    main()

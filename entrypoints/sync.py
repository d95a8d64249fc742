"""sync: runs that are kept on this machine, or in another store -> the tracking server, each once."""

import click

from entrypoints.command import EntryPoint
from fer.progress import announce

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
    from fer.evaluation.sentences import counted
    from fer.redaction import redacted
    from fer.tracking.journal import journals, servers_with_journals
    from fer.tracking.server import connect, server_name
    from fer.tracking.syncing import sync_journal, sync_store

    announce(f"sync: from {redacted(store)}")
    connect()
    server = redacted(server_name())

    def on_run(name: str, run_id: str) -> None:
        click.echo(f"run: {run_id} {name}")

    if store != _JOURNAL:
        done = [sync_store(store, on_run)]
    else:
        done = [sync_journal(journal, on_run) for journal in journals(server_name())]
        if not done:
            others = ", ".join(name for name in servers_with_journals() if name != server_name())
            click.echo(f"nothing is kept for {server}" + (f"; there are runs for {others}" if others else "") + ".")
            return
    copied, running = sum(one.copied for one in done), sum(one.running for one in done)
    known = sum(one.known for one in done)
    also = [f"{known} were there already"] if known else []
    also += [f"{running} are still running"] if running else []
    click.echo(f"sent {counted(copied, 'run')} to {server}" + (f"; {', '.join(also)}" if also else "") + ".")


if __name__ == "__main__":
    main()

"""The console command ``fair-fer``: each entry point is a sub-command, imported only when it is called."""

from importlib import import_module

import click

import fer
from entrypoints.command import Answering
from fer.errors import InputError

# In the order of the pipeline.
NAMES = ("preprocess", "integrate", "balance", "train", "ensemble", "evaluate", "tune", "study", "status", "report",
         "compare", "plan", "card", "register", "promote", "export", "predict", "sync", "app")  # fmt: skip


class EntryPoints(Answering, click.Group):
    """The entry points by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names that `fair-fer --help` lists."""
        return list(NAMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """Return an entry point's command; raises InputError with the valid names for an unknown one."""
        if cmd_name not in NAMES:
            raise InputError(f"there is no entry point {cmd_name!r}; there are: {', '.join(NAMES)}.")
        command: click.Command = import_module(f"entrypoints.{cmd_name}").main
        return command


@click.command(name="fair-fer", cls=EntryPoints, invoke_without_command=True)
@click.version_option(fer.__version__, prog_name="fair-fer")
@click.pass_context
def main(context: click.Context) -> None:
    """Measure how fair a facial emotion recognition model is, step by step.

    Each step is an entry point of MLproject; `mlflow run . --env-manager local -e NAME -P option=value` does the same
    as `fair-fer NAME --option value`.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


if __name__ == "__main__":
    main()

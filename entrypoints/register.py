"""register: a model trained already -> a version in the registry, with an alias if wanted."""

import click

from entrypoints.command import EntryPoint
from entrypoints.ending import Next, finish
from entrypoints.option_types import optional
from fer.progress import announce


@click.command(name="register", cls=EntryPoint)
@click.option("--model", required=True, help="Id of a train or ensemble run, runs:/... or models:/...")
@click.option("--name", required=True, help="Name in the registry; a further version if it is there.")
@click.option("--alias", default="none", type=optional, help="Alias that then points to it, such as challenger.")
def main(model: str, name: str, alias: str | None) -> None:
    """Register a model that was trained already."""
    announce(f"register: {model} as {name}")
    from fer.steps.registering import register_step
    from fer.text.commands import run_command
    from fer.tracking.runs import open_experiment, open_run

    given = click.get_current_context().obj
    with open_run("register", f"register {name}", given) as run:
        registered = register_step(model, name, alias)
        experiment = open_experiment()
    address = f"models:/{registered.name}/{registered.version}"
    click.echo(f"registered: {address}" + ("" if alias is None else f", alias {alias}"))
    step = Next(
        "once it is evaluated, ask whether it may be the champion", run_command("promote", experiment, model=address)
    )
    finish(run, "the version is under Models", step)


if __name__ == "__main__":
    main()

"""card: a model, registered or known by predictions -> its card as Markdown and HTML, and as its description."""

import click

from entrypoints.command import EntryPoint
from entrypoints.ending import finish, reading_next, say_file
from entrypoints.option_types import listed_or_auto, optional
from fer.progress import announce


@click.command(name="card", cls=EntryPoint)
@click.option(
    "--model", required=True, help="models:/<name>/<version>, models:/<name>@<alias>, or a run of predictions."
)
@click.option(
    "--attributes",
    default="auto",
    type=listed_or_auto,
    help="Group columns or products, race,race*gender; auto: those of each evaluation; none: by emotion.",
)
@click.option("--use", default="none", type=optional, help="Your own sentences on the model's intended use.")
def main(model: str, attributes: list[str] | None, use: str | None) -> None:
    """Write the model card of a registered model."""
    announce(f"card: reading {model}, its training data and its evaluations")
    from entrypoints.reporting import log_card
    from fer.data.attributes import parse_attributes
    from fer.tracking.runs import open_run

    given = click.get_current_context().obj
    with open_run("card", f"{model.removeprefix('models:/')}: card", given) as run:
        card = log_card(model, None if attributes is None else parse_attributes(attributes), use)
    click.echo(card)
    say_file(run, "model_card.html")
    described = "the model's version" if model.startswith("models:/") else "this run"
    look = f"the card is in the description of {described}, and under Artifacts"
    finish(run, look, reading_next("model_card.html"))


if __name__ == "__main__":
    main()

"""promote: a registered model takes an alias if it is no worse than the one that holds it, overall and by group."""

import sys

import click

from entrypoints.command import EntryPoint
from entrypoints.ending import Next, finish
from fer.progress import announce


@click.command(name="promote", cls=EntryPoint)
@click.option("--model", required=True, help="The candidate: models:/<name>/<version> or models:/<name>@<alias>.")
@click.option("--alias", default="champion", help="The alias that it asks for.")
@click.option("--margin", default=2.0, help="Largest loss of accuracy that does not matter, in percentage points.")
@click.option("--attribute", default="auto", help="Group column or product; auto: that of the candidate's evaluation.")
@click.option(
    "--cluster", default="auto", help="Independent unit of intervals: auto, clip, person, sample or a column."
)
def main(model: str, alias: str, margin: float, attribute: str, cluster: str) -> None:
    """Promote a model that is no worse than the present one.

    That is: shown to be no worse by more than the margin, in accuracy and in the accuracy of its worst group.

    Both models must have been evaluated on the same faces. The exit code is 1 if the model is not promoted.
    """
    announce(f"promote: {model} to {alias}")
    from entrypoints.reporting import log_promotion
    from fer.tracking.runs import open_run

    given = click.get_current_context().obj
    with open_run("promote", f"{model.removeprefix('models:/')} to {alias}", given) as run:
        made = log_promotion(model, alias, attribute, margin, cluster)
    click.echo("\n".join(made.sentences))
    look = "the decision is in the description under Overview, and a tag of the version and of both evaluations"
    finish(run, look, Next("write the model's card (-e card)" if made.promoted else "the alias was not moved"))
    if not made.promoted:
        sys.exit(1)


if __name__ == "__main__":
    main()

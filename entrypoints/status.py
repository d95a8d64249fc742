"""status: which cells of a study are done, running, failed or missing, by what the server knows; nothing is logged."""

import click

from entrypoints.command import EntryPoint
from entrypoints.option_types import optional
from fer.progress import announce, say


@click.command(name="status", cls=EntryPoint)
@click.option("--experiment", required=True, help="Experiment that holds the study.")
@click.option("--study", default="none", type=optional, help="Name of the study; none: the newest of the experiment.")
@click.option("--format", "form", default="text", help="text, markdown, csv, latex or json.")
def main(experiment: str, study: str | None, form: str) -> None:
    """Say how a study stands, from any machine."""
    announce(f"status: reading the cells of {experiment}")
    from analysis.render import check_format
    from analysis.study_status import study_status
    from fer.tracking.reading import runs_page

    if form != "json":
        check_format(form)
    found = study_status(experiment, study)
    click.echo(found.as_json() if form == "json" else found.text(form))
    say(f"The runs are on {runs_page(experiment)}")


if __name__ == "__main__":
    main()

"""compare: two evaluated runs on the same faces -> their differences with intervals and tests, printed and logged."""

import re

import click

from entrypoints.command import EntryPoint
from entrypoints.ending import finish, reading_next, say_file
from fer.progress import announce
from fer.sentinels import AUTO


@click.command(name="compare", cls=EntryPoint)
@click.option("--first", required=True, help="Id of an evaluate run or a cell.")
@click.option("--second", required=True, help="Id of the run to compare with it.")
@click.option(
    "--attribute", default="auto", help="Group column or intersection, race*gender; auto: that of the evaluations."
)
@click.option("--samples", default="same", help="same: refuse runs on different faces; shared: use the faces in both.")
@click.option("--cluster", default="auto", help="Independent unit: a column, sample, or auto: clips linked by persons.")
@click.option("--replicates", default=10000, help="Replicates of every bootstrap and permutation test.")
@click.option("--margin", default=2.0, help="Difference in accuracy that does not matter, in percentage points.")
@click.option("--format", "form", default="text", help="text, markdown, csv or latex.")
def main(
    first: str, second: str, attribute: str, samples: str, cluster: str, replicates: int, margin: float, form: str
) -> None:
    """Compare two evaluated runs face by face."""
    announce(f"compare: {second} with {first}")
    from analysis.render import check_format
    from analysis.run_comparison import compare_runs
    from analysis.study_report import Options
    from entrypoints.reporting import log_comparison
    from fer.data.attributes import Attribute
    from fer.tracking.reading import experiment_of
    from fer.tracking.runs import open_run

    given = click.get_current_context().obj
    check_format(form)
    options = Options(form=form, unit=cluster, replicates=replicates, margin=margin)
    where = experiment_of(first)
    with open_run("compare", f"{_title(second)} against {_title(first)}", given, experiment=where) as run:
        by = None if attribute == AUTO else Attribute.parse(attribute)
        comparison = compare_runs(first, second, by, samples, options)
        announce("writing the report")
        log_comparison(comparison)
    click.echo(comparison.text)
    say_file(run, "report/report.html")
    look = "what changed is in the description under Overview, the report under Artifacts"
    finish(run, look, reading_next("report.html"))


def _title(run_id: str) -> str:
    """Return a run's title without its split, which would begin every comparison's name."""
    from fer.errors import InputError
    from fer.tracking.reading import run_title

    try:
        return re.sub("^(train|validation|test): ", "", run_title(run_id))
    except InputError:  # Refused in a run of this name.
        return run_id


if __name__ == "__main__":
    main()

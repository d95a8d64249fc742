"""report: the runs of an experiment -> tables on the terminal; tables, figures and report.html as artifacts."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from entrypoints.command import EntryPoint
from entrypoints.ending import finish, reading_next, say_file
from entrypoints.option_types import optional, optional_path
from fer.progress import announce
from fer.sentinels import AUTO

if TYPE_CHECKING:
    import pandas as pd

    from fer.data.attributes import Attribute


@click.command(name="report", cls=EntryPoint)
@click.option("--experiment", required=True, help="Experiment whose runs are read.")
@click.option("--study", default="none", type=optional, help="Only runs of this study.")
@click.option(
    "--attribute", default="auto", help="Group column or intersection, race*gender; auto: that of the evaluations."
)
@click.option("--baseline", default="none", type=optional, help="Experiment to compare with; none: each base alone.")
@click.option("--split", default="test", help="Runs tested on this split: test, validation or train.")
@click.option("--cluster", default="auto", help="Independent unit: a column, sample, or auto: clips linked by persons.")
@click.option("--replicates", default=10000, help="Replicates of every bootstrap and permutation test.")
@click.option("--margin", default=2.0, help="Difference in accuracy that does not matter, in percentage points.")
@click.option("--format", "form", default="text", help="text, markdown, csv or latex.")
@click.option(
    "--published", default="none", type=optional_path, help="File of published results to log and show as well."
)
def main(
    experiment: str,
    study: str | None,
    attribute: str,
    baseline: str | None,
    split: str,
    cluster: str,
    replicates: int,
    margin: float,
    form: str,
    published: Path | None,
) -> None:
    """Print the tables of an experiment. Log them with figures and report.html."""
    announce(f"report: reading the runs of {experiment}")
    from analysis.fetch.runs import load_cells
    from analysis.render import check_format
    from analysis.study_report import Options, summarise
    from entrypoints.reporting import log_summary
    from fer.evaluation.sentences import counted
    from fer.steps.published import log_published
    from fer.tracking.reading import existing_experiment
    from fer.tracking.runs import open_run

    given = click.get_current_context().obj
    check_format(form)
    options = Options(split, form, baseline, cluster, replicates, margin)
    where = existing_experiment(experiment)
    by = "" if attribute == AUTO else f" by {attribute}"
    with open_run("report", f"report{by}: {study or experiment}", given, experiment=where) as run:
        if published is not None:
            log_published(published, experiment)
        cells = load_cells(experiment, study)
        chosen = _attribute(cells, attribute, split)
        announce(f"computing intervals and tests of {counted(len(cells), 'run')} by {chosen}")
        summary = summarise(cells, [chosen], options)
        announce("drawing the figures and writing the report")
        log_summary(summary)
    click.echo(summary.text)
    say_file(run, "report/report.html")
    look = "the conclusions and tables are in the description under Overview, the report under Artifacts"
    finish(run, look, reading_next("report.html"))


def _attribute(runs: "pd.DataFrame", attribute: str, split: str) -> "Attribute":
    """Return the attribute of a report: the one given, or that of most evaluations, else by emotion.

    Others by which the runs were evaluated are announced.
    """
    from analysis.experiments.runs_by_experiment import attributes_of, runs_on_split
    from fer.data.attributes import EMOTION, Attribute

    if attribute != AUTO:
        return Attribute.parse(attribute)
    chosen, *others = attributes_of(runs_on_split(runs, split)) or [EMOTION]
    if others:
        announce(f"by {chosen}; the runs were also evaluated by {', '.join(map(str, others))}: give it as attribute=")
    return chosen


if __name__ == "__main__":
    main()

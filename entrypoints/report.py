"""report: the runs of an experiment -> tables on the terminal; tables, figures and report.html as artifacts."""

import click

from entrypoints.command import EntryPoint, optional, optional_path


@click.command(name="report", cls=EntryPoint)
@click.option("--experiment", required=True, help="Experiment whose runs are read.")
@click.option("--study", default="none", help="Only runs of this study.")
@click.option("--attribute", default="race", help="Group column or product.")
@click.option("--baseline", default="none", help="Experiment to compare all others to; none: each base alone.")
@click.option("--split", default="test", help="Whose metrics.")
@click.option("--cluster", default="auto", help="Independent unit: a column, sample, or auto: clips linked by persons.")
@click.option("--replicates", default=10000, help="Of every bootstrap and permutation.")
@click.option("--format", "form", default="text", help="text, markdown, csv or latex.")
@click.option("--published", default="none", help="File of published results to log and show beside.")
def main(experiment, study, attribute, baseline, split, cluster, replicates, form, published):
    """Print the tables of an experiment; log them, the figures and report.html."""
    from analysis.study_report import Options, report
    from fer.data.attributes import Attribute
    from fer.tracking.runs import existing_experiment, open_run

    given = {"format" if name == "form" else name: value for name, value in click.get_current_context().params.items()}
    options = Options(split, form, optional(baseline), cluster, replicates)
    with open_run("report", f"report {experiment}", given, experiment=existing_experiment(experiment)):
        by = Attribute.parse(attribute)
        click.echo(report(experiment, optional(study), by, options, optional_path(published)))


if __name__ == "__main__":
    main()

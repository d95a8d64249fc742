"""report: the runs of an experiment -> the paper's tables and figures, on the terminal and as artifacts."""

import click

from entrypoints.command import EntryPoint, optional, optional_path


@click.command(name="report", cls=EntryPoint)
@click.option("--experiment", required=True, help="Experiment whose runs are read.")
@click.option("--study", default="none", help="Only runs of this study.")
@click.option("--attribute", default="race", help="Group column or product.")
@click.option("--split", default="test", help="Whose metrics.")
@click.option("--format", "form", default="text", help="text, markdown, csv or latex.")
@click.option("--published", default="none", help="File of published results to log and show beside.")
def main(experiment, study, attribute, split, form, published):
    """Print and log the tables and figures of an experiment."""
    from analysis.summary import report
    from fer.tracking.runs import existing_experiment, open_run

    given = {"format" if name == "form" else name: value for name, value in click.get_current_context().params.items()}
    with open_run("report", f"report {experiment}", given, experiment=existing_experiment(experiment)):
        click.echo(report(experiment, optional(study), attribute, split, form, optional_path(published)))


if __name__ == "__main__":
    main()

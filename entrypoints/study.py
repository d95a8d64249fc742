"""study: a study file -> one child run a cell, then the tables and figures of all cells on the parent run."""

import click

from entrypoints.command import AUTO, EntryPoint, listed, optional, optional_path, training_options


@click.command(name="study", cls=EntryPoint)
@click.option("--config", default="studies/demo.yaml", help="Study file.")
@click.option("--data", default="none", help="Folder that takes the place of {data} in the study file.")
@training_options(backbone=AUTO)
@click.option("--limit", default="none", help="At most that many training faces: 4000, or fer2013=4000.")
@click.option("--seeds", default="auto", help="Seeds, 0,1,2; auto: the file's.")
def main(config, data, limit, seeds, **training):
    """Run an experiment matrix and print its trade-off table.

    What is given of a training takes the place of the file's; backbone and head may be several, a,b.
    """
    from pathlib import Path

    from analysis.study_report import summarise_study
    from fer.steps.study import failures_of, study_step
    from fer.study.reading import overrides, read_study
    from fer.tracking import names
    from fer.tracking.runs import open_run

    changes = overrides(training, optional(limit), listed(seeds))
    study = read_study(Path(config), changes)
    given = click.get_current_context().params
    with open_run("study", f"study {study.name}", given, {names.STUDY: study.name}, study.name) as run:
        outcomes = study_step(study, optional_path(data))
        click.echo(summarise_study(study, Path(config), outcomes, run.info.experiment_id))
        failures_of(outcomes)


if __name__ == "__main__":
    main()

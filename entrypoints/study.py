"""study: a study file -> one child run per cell, then the tables and figures of all cells on the parent run."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from entrypoints.command import EntryPoint
from entrypoints.ending import Next, finish, say_file
from entrypoints.option_types import listed, optional, optional_path
from entrypoints.shared_options import launching_options, training_options
from fer.progress import announce
from fer.sentinels import AUTO, NONE
from fer.text.commands import run_command

if TYPE_CHECKING:
    from fer.study.schema import StudyFile


@click.command(name="study", cls=EntryPoint)
@click.option("--config", default="studies/demo.yaml", help="Study file.")
@click.option("--data", default="none", type=optional_path, help="Folder that replaces {data} in the study file.")
@training_options(backbone=AUTO)
@click.option("--limit", default="none", type=optional, help="Maximum number of training faces: 4000, or fer2013=4000.")
@click.option("--seeds", default="auto", type=listed, help="Seeds, such as 0,1,2; auto: the file's.")
@launching_options
@click.option("--plan", default="false", type=bool, help="true: say what would run and what it takes, and run nothing.")
def main(
    config: str,
    data: Path | None,
    limit: str | None,
    seeds: list[str],
    launcher: str,
    launcher_options: dict[str, Any],
    workers: int | None,
    claims: str,
    plan: bool,
    **training: str,
) -> None:
    """Run an experiment matrix and print its trade-off table.

    Training options override those of the file; backbone and head may each be several, a,b.
    """
    announce(f"study: reading {config}")
    from analysis.study_report import report_attributes
    from entrypoints.reporting import log_study_summary, report_files
    from fer.launching import open_launcher
    from fer.steps.published import read_published
    from fer.steps.study import failures_of, study_step
    from fer.study.reading import overrides, read_study
    from fer.tracking import names
    from fer.tracking.runs import open_experiment, open_run

    changes = overrides(training, limit, seeds)
    study = read_study(Path(config), changes, with_data=data is not None)
    if study.published is not None:  # Now, not when all cells are trained.
        read_published(Path(config).parent / study.published)
    started = open_launcher(launcher, launcher_options, workers)
    if plan:
        _show_plan(study, data, workers)
        return
    given = click.get_current_context().obj
    with open_run("study", f"study {study.name}", given, {names.STUDY: study.name}, study.name) as run:
        outcomes = study_step(study, data, started, claims)
        click.echo(log_study_summary(study, Path(config), outcomes, run.info.experiment_id))
        name, attribute = open_experiment(), report_attributes(study)[0]
        steps, look = [], "what failed is at the top of the description of each failed cell"
        if any(outcome.failure is None for outcome in outcomes):
            say_file(run, *report_files(study))
            look = "the conclusions and tables are in the description under Overview, the report under Artifacts"
            again = run_command("report", name, experiment=name, study=study.name, attribute=attribute)
            steps.append(Next("the same tables again, or with another attribute, baseline or format", again))
        if any(outcome.failure is not None for outcome in outcomes):
            asked = {option: value for option, value in given.items() if value not in (AUTO, NONE)}
            steps.append(Next("run what failed again, once it is mended", run_command("study", name, **asked)))
        finish(run, look, *steps)
        failures_of(outcomes)


def _show_plan(study: "StudyFile", data: Path | None, workers: int | None) -> None:
    from analysis.render import render_table
    from fer.steps.study_preview import study_preview
    from fer.tracking.runs import experiment_asked

    found = study_preview(study, data, experiment_asked(study.name), workers or 1)
    click.echo("\n".join([*found.sentences(), "", render_table(found.frame())]))


if __name__ == "__main__":
    main()

"""study: a study file -> one child run a cell, then the tables and figures of all cells on the parent run."""

import click

from entrypoints.command import EntryPoint, listed, optional, optional_path


@click.command(name="study", cls=EntryPoint)
@click.option("--config", default="studies/demo.yaml", help="Study file.")
@click.option("--data", default="none", help="Folder that takes the place of {data} in the study file.")
@click.option("--backbone", default="auto", help="One or several, a,b, instead of the file's; so are those below.")
@click.option("--head", default="auto", help="One or several.")
@click.option("--weights", default="auto", help="imagenet, none or a Keras weights file.")
@click.option("--protocol", default="auto", help="eila, age, assistive, scratch, ... or a .yaml file.")
@click.option("--epochs", default="auto", help="One number for all phases, or one a phase.")
@click.option("--learning-rate", "learning_rate", default="auto", help="Of the first phase.")
@click.option("--batch-size", "batch_size", default="auto", help="Faces a step.")
@click.option("--augmentation", default="auto", help="none, affine, affine_noise, age or assistive.")
@click.option("--input-size", "input_size", default="auto", help="Pixels a side that the backbone sees.")
@click.option("--class-weights", "class_weights", default="auto", help="none or balanced.")
@click.option("--sampling", default="auto", help="shuffled or balanced.")
@click.option("--trunk-cache", "trunk_cache", default="auto", help="auto, float16 or off: see docs/trunk_cache.md.")
@click.option("--limit", default="none", help="At most that many training faces: 4000, or fer2013=4000.")
@click.option("--seeds", default="auto", help="Seeds, 0,1,2; auto: the file's.")
def main(config, data, limit, seeds, **training):
    """Run an experiment matrix and print its trade-off table."""
    from pathlib import Path

    from analysis.summary import summarise_study
    from fer.steps.study import failures_of, study_step
    from fer.studies import overrides, read_study
    from fer.tracking.runs import open_run

    changes = overrides(training, optional(limit), listed(seeds))
    study = read_study(Path(config), changes)
    given = click.get_current_context().params
    with open_run("study", f"study {study.name}", given, {"fer.study": study.name}, study.name) as run:
        outcomes = study_step(study, optional_path(data))
        click.echo(summarise_study(study, Path(config), outcomes, run.info.experiment_id))
        failures_of(outcomes)


if __name__ == "__main__":
    main()

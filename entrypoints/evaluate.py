"""evaluate: a model on a dataset's split -> predictions.parquet, overall and per-group metrics, figures, tables."""

import click

from entrypoints.command import EntryPoint, listed
from entrypoints.ending import comparison_next, finish
from fer.progress import announce


@click.command(name="evaluate", cls=EntryPoint)
@click.option("--model", required=True, help="Id of a train run, models:/<name>/<version>, or the file of a model.")
@click.option("--dataset", required=True, help="Dataset: a folder or runs:/<id>.")
@click.option("--split", default="test", help="train, validation or test.")
@click.option(
    "--attributes", default="race", type=listed, help="Group columns or intersections, race,race*gender; none."
)
@click.option("--groups", default="auto", type=listed, help="Groups of the first attribute; auto: all in the dataset.")
@click.option(
    "--cluster", default="auto", help="Independent unit of intervals: auto, clip, person, sample or a column."
)
@click.option("--robustness", default="none", type=listed, help="Corruptions: blur,noise,...; all (35 passes); none.")
@click.option("--trust", default="false", type=bool, help="true: run the code that the model brings (pickles, Lambda).")
def main(
    model: str,
    dataset: str,
    split: str,
    attributes: list[str],
    groups: list[str],
    cluster: str,
    robustness: list[str],
    trust: bool,
) -> None:
    """Evaluate a model, overall and by group."""
    announce(f"evaluate: {model} on the {split} faces of {dataset}")
    from fer.data.attributes import parse_attributes
    from fer.evaluation.terminal import evaluation_text
    from fer.steps.evaluation import evaluate_step
    from fer.steps.run_names import evaluation_name
    from fer.tracking.runs import open_experiment, open_run

    given = click.get_current_context().obj
    with open_run("evaluate", evaluation_name(model, dataset, split), given) as run:
        by = parse_attributes(attributes)
        done = evaluate_step(model, dataset, split, by, groups or None, cluster, robustness, trust=trust)
        experiment = open_experiment()
    click.echo(evaluation_text(done))
    look = "the groups and the warnings are in the description under Overview, figures and predictions under Artifacts"
    finish(run, look, comparison_next(run, experiment))


if __name__ == "__main__":
    main()

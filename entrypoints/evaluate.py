"""evaluate: a model on a dataset's split -> predictions.parquet, overall and per-group metrics, figures, tables."""

import click

from entrypoints.command import EntryPoint, listed


@click.command(name="evaluate", cls=EntryPoint)
@click.option("--model", required=True, help="Id of a train run, or models:/<name>/<version>.")
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
def main(
    model: str,
    dataset: str,
    split: str,
    attributes: list[str],
    groups: list[str],
    cluster: str,
    robustness: list[str],
) -> None:
    """Evaluate a model, overall and by group."""
    from fer.data.attributes import parse_attributes
    from fer.steps.evaluation import evaluate_step
    from fer.tracking.runs import open_run

    given = click.get_current_context().obj
    with open_run("evaluate", f"evaluate {split}", given):
        by = parse_attributes(attributes)
        metrics = evaluate_step(model, dataset, split, by, groups or None, cluster, robustness)
    for name in sorted(name for name in metrics if name.count("/") < 3):
        click.echo(f"{name:<48} {metrics[name]:.4f}")


if __name__ == "__main__":
    main()

"""evaluate: a model on a split, or a table of predictions -> predictions.parquet, metrics, figures and tables."""

from collections.abc import Mapping
from pathlib import Path

import click

from entrypoints.command import EntryPoint
from entrypoints.ending import comparison_next, finish, report_next
from entrypoints.option_types import listed, listed_or_auto, mapping, optional, optional_path
from fer.errors import InputError
from fer.progress import announce
from fer.sentinels import NONE


@click.command(name="evaluate", cls=EntryPoint)
@click.option(
    "--model",
    default="none",
    type=optional,
    help="Id of a train run, models:/<name>/<version>, or the file of a model.",
)
@click.option(
    "--predictions", default="none", type=optional_path, help="Instead of a model: its predictions, CSV or Parquet."
)
@click.option(
    "--dataset", default="none", type=optional, help="Dataset: a folder or runs:/<id>; predictions may need none."
)
@click.option("--split", default="test", help="train, validation or test.")
@click.option(
    "--attributes",
    default="auto",
    type=listed_or_auto,
    help="Group columns or intersections, race,race*gender; auto: race, else the data's own columns; none.",
)
@click.option("--groups", default="auto", type=listed, help="Groups of the first attribute; auto: all in the dataset.")
@click.option(
    "--cluster", default="auto", help="Independent unit of intervals: auto, clip, person, sample or a column."
)
@click.option("--robustness", default="none", type=listed, help="Corruptions: blur,noise,...; all (35 passes); none.")
@click.option(
    "--columns", default="none", type=mapping, help="Columns of the predictions, '{label: truth, happy: p_joy}'."
)
@click.option("--labels", default="none", type=mapping, help="The predictions' words for emotions, '{joy: happy}'.")
@click.option("--name", default="none", type=optional, help="The model's name in tables; none: its own or the file's.")
@click.option("--trust", default="false", type=bool, help="true: run the code that the model brings (pickles, Lambda).")
@click.option(
    "--test-time-augmentation", default="none", help="Average over views of each face: flip, ten_crop; none: as it is."
)
def main(
    model: str | None,
    predictions: Path | None,
    dataset: str | None,
    split: str,
    attributes: list[str] | None,
    groups: list[str],
    cluster: str,
    robustness: list[str],
    columns: dict[str, str],
    labels: dict[str, str],
    name: str | None,
    trust: bool,
    test_time_augmentation: str,
) -> None:
    """Evaluate a model or predictions, by group."""
    announce(f"evaluate: {model or predictions} on the {split} faces{'' if dataset is None else f' of {dataset}'}")
    subject = _subject(model, predictions, dataset)
    views = test_time_augmentation
    asked = {"robustness": robustness, "test_time_augmentation": views != NONE}
    _refuse_needless(subject, {"columns": columns, "labels": labels, **asked})
    from fer.data.attributes import parse_attributes
    from fer.evaluation.terminal import evaluation_text
    from fer.steps.evaluation import evaluate_step
    from fer.steps.given_evaluation import evaluate_predictions_step
    from fer.steps.run_names import evaluation_name, given_name
    from fer.tracking.runs import open_experiment, open_run

    given = click.get_current_context().obj
    if isinstance(subject, Path) or name is not None:
        title = given_name(name or Path(str(predictions)).stem, dataset, split)
    else:
        title = evaluation_name(*subject, split, views)
    with open_run("evaluate", title, given) as run:
        by = None if attributes is None else parse_attributes(attributes)
        some = groups or None
        if isinstance(subject, Path):
            done = evaluate_predictions_step(subject, dataset, split, by, some, cluster, columns, labels, name)
        else:
            done = evaluate_step(*subject, split, by, some, cluster, robustness, trust=trust, views=views)
        experiment = open_experiment()
    click.echo(evaluation_text(done))
    look = "the groups and the warnings are in the description under Overview, figures and predictions under Artifacts"
    finish(run, look, report_next(experiment), comparison_next(run, experiment))


def _subject(model: str | None, predictions: Path | None, dataset: str | None) -> Path | tuple[str, str]:
    """Return the table of predictions, or a model and the dataset that it is to predict."""
    if predictions is not None and model is None:
        return predictions
    if predictions is None and model is not None:
        if dataset is None:
            raise InputError("evaluate needs dataset=, the faces that the model is to predict: a folder or runs:/<id>.")
        return model, dataset
    raise InputError(
        "evaluate needs either model= (with dataset=), a trained model, or predictions=, a table of what a model "
        "answered; give one of them."
    )


def _refuse_needless(subject: Path | tuple[str, str], given: Mapping[str, object]) -> None:
    """Raise InputError for an option that is of the other kind of subject."""
    for name in ("robustness", "test_time_augmentation"):
        if given[name] and isinstance(subject, Path):
            raise InputError(f"{name}= needs the model itself, which would have to answer again; leave it out.")
    for name in ("columns", "labels"):
        if given[name] and not isinstance(subject, Path):
            raise InputError(f"{name}= is of a table of predictions; leave it out for a model.")


if __name__ == "__main__":
    main()

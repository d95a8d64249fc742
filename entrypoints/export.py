"""export: a logged model -> ONNX and LiteRT files that run without TensorFlow, checked against it."""

import click

from entrypoints.command import EntryPoint
from entrypoints.ending import Next, finish, say_file
from entrypoints.option_types import listed, optional
from fer.progress import announce
from fer.sentinels import AUTO


@click.command(name="export", cls=EntryPoint)
@click.option("--model", required=True, help="Id of a train or ensemble run, or models:/<name>/<version>.")
@click.option(
    "--dataset",
    default="auto",
    help="Dataset whose validation faces check the files; auto: the one that the model was trained on.",
)
@click.option("--format", "formats", default="onnx,litert", type=listed, help="Formats: onnx, litert.")
@click.option("--precision", "precisions", default="float32", type=listed, help="Precisions: float32, float16, int8.")
@click.option(
    "--attributes", default="auto", type=listed, help="Group columns or intersections, race,race*gender; auto; none."
)
@click.option(
    "--cluster", default="auto", help="Independent unit of intervals: auto, clip, person, sample or a column."
)
@click.option("--license", default="none", type=optional, help="Licence of the model, kept beside each file.")
def main(
    model: str,
    dataset: str,
    formats: list[str],
    precisions: list[str],
    attributes: list[str],
    cluster: str,
    license: str | None,
) -> None:
    """Export a model as ONNX and LiteRT."""
    announce(f"export: {model} as {', '.join(formats)}")
    from fer.data.attributes import parse_attributes
    from fer.steps.exporting import export_step
    from fer.steps.run_names import export_name
    from fer.text.commands import serve_command
    from fer.tracking import names
    from fer.tracking.runs import open_run

    given = click.get_current_context().obj
    with open_run(names.EXPORT_STAGE, export_name(model, formats), given) as run:
        by = None if given["attributes"] == AUTO else parse_attributes(attributes)
        served, shown = export_step(model, dataset, formats, precisions, by, cluster, license)
    click.echo(shown)
    click.echo(f"served: {served}")
    say_file(run, names.EXPORT_ARTIFACT)
    look = "what each file changes is in the description under Overview, the files are under Artifacts"
    further = Next("use a file from Python without TensorFlow (docs/export.md shows how)")
    finish(
        run,
        look,
        further,
        Next("or serve it: pictures and faces in, emotions out (docs/predict.md)", serve_command(served)),
    )


if __name__ == "__main__":
    main()

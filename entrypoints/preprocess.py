"""preprocess: raw faces -> artifact ``dataset`` (samples.parquet, faces.npy, dataset.json), counts, faces.png."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from entrypoints.command import EntryPoint
from entrypoints.ending import finish, training_next
from entrypoints.option_types import listed, mapping, optional, optional_number, optional_path, ratios
from fer.errors import InputError
from fer.progress import announce
from fer.sentinels import AUTO

if TYPE_CHECKING:
    from fer.launching import Launcher
    from fer.preprocessing.pipeline import Recipe


@click.command(name="preprocess", cls=EntryPoint)
@click.option("--source", default="synthetic", help="See docs/datasets.md; synthetic needs no data.")
@click.option("--raw", default="none", type=optional_path, help="Folder (or CSV) of the raw data; none for synthetic.")
@click.option("--name", default="none", type=optional, help="Name of the dataset; none: the source's.")
@click.option("--options", default="none", type=mapping, help="The source's options as YAML, '{splits: field}'.")
@click.option("--labels", default="none", type=mapping, help="Labels to emotions or drop, '{contempt: drop}'.")
@click.option("--emotions", default="all", type=listed, help="Emotions to keep; all: seven; all,contempt: eight.")
@click.option("--split-rule", default="auto", help="given, stratified, person, ...; see docs.")
@click.option(
    "--split-ratios", default="0.6,0.2,0.2", type=ratios, help="Shares of train, validation, test if splits are drawn."
)
@click.option("--detector", default="auto", help="yolo, yunet, mtcnn, haar, cascade or none; auto: the source's own.")
@click.option(
    "--detector-options", default="none", type=mapping, help="The detector's options as YAML, '{weights: <file>}'."
)
@click.option("--confidence", default=0.6, help="Minimum confidence of a face, 0..1.")
@click.option(
    "--align", default="false", type=bool, help="true: rotate faces so that the eyes are level (yunet, mtcnn)."
)
@click.option("--size", default=48, help="Height and width of a face in pixels.")
@click.option("--channels", default=1, help="1 (gray) or 3 (RGB).")
@click.option("--interpolation", default="bilinear", help="nearest, bilinear, bicubic or area.")
@click.option(
    "--limit", default="none", type=optional_number, help="Maximum number of training faces, stratified by emotion."
)
@click.option("--max-rejected", default=0.01, help="Maximum share of unreadable files, 0..1.")
@click.option("--seed", default=0, help="Seed of splits, limit and synthetic faces.")
@click.option(
    "--workers",
    default="none",
    type=optional_number,
    help="Processes that detect faces, or a launcher's videos at a time; none: all cores, or as many as fit.",
)
@click.option(
    "--launcher",
    default=AUTO,
    help="Where videos are searched: inline, processes, ray or slurm; auto: in processes of this machine.",
)
@click.option("--launcher-options", default="none", type=mapping, help="The launcher's options, '{gpus: 1}'; see docs.")
@click.option("--output", default="none", type=optional_path, help="Folder to also write the dataset to.")
def main(
    output: Path | None, emotions: list[str], launcher: str, launcher_options: dict[str, Any], **read: Any
) -> None:
    """Create a face dataset from raw data."""
    announce(f"preprocess: reading {read['source']}" + ("" if read["raw"] is None else f" from {read['raw']}"))
    from fer.preprocessing.pipeline import Recipe
    from fer.steps.datasets import preprocess_step
    from fer.tracking.runs import open_experiment, open_run

    recipe = Recipe(emotions=None if emotions == ["all"] else tuple(emotions), **read)
    if launcher == AUTO and launcher_options:
        raise InputError(
            "launcher_options are for a launcher; give launcher=inline, processes, ray or slurm with them."
        )
    started = None if launcher == AUTO else _launcher(recipe, launcher, launcher_options)
    with open_run("preprocess", f"{recipe.title}: dataset", click.get_current_context().obj) as run:
        address = preprocess_step(recipe, output, launcher=started)
        experiment = open_experiment()
    click.echo(f"dataset: {address}")
    look = "the faces by split and the warnings are in the description under Overview, a sheet of faces under Artifacts"
    finish(run, look, training_next(address, experiment))


def _launcher(recipe: "Recipe", name: str, options: dict[str, Any]) -> "Launcher":
    from fer.launching import open_launcher
    from fer.sources import source_named

    if not source_named(recipe.source).videos:
        raise InputError(f"source {recipe.source} has no videos, which alone are searched by a launcher; leave it out.")
    return open_launcher(name, options, recipe.workers)


if __name__ == "__main__":
    main()

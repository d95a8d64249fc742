"""preprocess: raw faces -> artifact ``dataset`` (samples.parquet, faces.npy, dataset.json), counts, faces.png."""

import click

from entrypoints.command import EntryPoint, mapping, optional, optional_number, optional_path


@click.command(name="preprocess", cls=EntryPoint)
@click.option("--source", default="synthetic", help="fer2013, sfew, eila or synthetic.")
@click.option("--raw", default="none", help="Folder (or CSV) of the raw data; none for synthetic.")
@click.option("--name", default="none", help="Name of the dataset; none: the source's.")
@click.option("--options", default="none", help="The source's options as a YAML mapping, '{splits: field}'.")
@click.option("--size", default=48, help="Height and width of a face in pixels.")
@click.option("--channels", default=1, help="1 (gray) or 3 (RGB).")
@click.option("--interpolation", default="bilinear", help="nearest, bilinear, bicubic or area.")
@click.option("--limit", default="none", help="At most that many training faces, stratified by emotion.")
@click.option("--max-rejected", "max_rejected", default=0.01, help="Share of files that may be unreadable.")
@click.option("--seed", default=0, help="Of the draw of limit, and of synthetic faces.")
@click.option("--output", default="none", help="Folder to keep the dataset in, besides the server.")
def main(source, raw, name, options, size, channels, interpolation, limit, max_rejected, seed, output):
    """Make a face dataset from raw data."""
    from fer.preprocessing import Recipe
    from fer.steps.data import preprocess_step
    from fer.tracking.runs import open_run

    recipe = Recipe(
        source=source, raw=optional_path(raw), name=optional(name), options=mapping("options", options), size=size,
        channels=channels, interpolation=interpolation, limit=optional_number("limit", limit), seed=seed,
        max_rejected=max_rejected,
    )  # fmt: skip
    given = click.get_current_context().params
    with open_run("preprocess", f"preprocess {recipe.title}", given):
        click.echo(f"dataset: {preprocess_step(recipe, optional_path(output))}")


if __name__ == "__main__":
    main()

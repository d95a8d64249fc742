"""predict: the emotions of all faces in pictures, folders, videos and at a camera, as a table, copies and timelines."""

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from entrypoints.command import EntryPoint
from entrypoints.ending import Next, finish
from entrypoints.option_types import listed, mapping, optional_path
from fer.errors import InputError
from fer.progress import announce, say
from fer.sentinels import AUTO
from fer.text.limits import LIMITS

if TYPE_CHECKING:
    from fer.pictures.faces import FaceReader
    from fer.pictures.prediction import Predictions, Seen

_TEXT = "text"
# Inputs whose result is shown by itself; of more, the table has them.
_MOST_SHOWN = 20


@click.command(name="predict", cls=EntryPoint, epilog=" ".join(LIMITS))
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--pictures", default="none", type=listed, help="Files, folders, patterns, camera:0, joined by commas.")
@click.option(
    "--model",
    default=AUTO,
    help="A train run, models:/... or a file; shipped; auto: the registered champion, else shipped.",
)
@click.option("--trust", default="false", type=bool, help="true: run code that the model brings.")
@click.option("--detector", default="yunet", help="yunet, mtcnn, haar, cascade or yolo.")
@click.option("--detector-options", default="none", type=mapping, help="Of the detector, such as {longest_side: 640}.")
@click.option("--device", default="auto", help="auto, cpu, cuda or cuda:<number>, of the model and a YOLO checkpoint.")
@click.option("--confidence", default=0.6, help="Least confidence of a face, 0..1.")
@click.option("--every", default=1, help="Of a video or camera, which frames: 1 all, 5 each fifth.")
@click.option("--seconds", default=10.0, help="How long a camera is read; Ctrl-C ends it earlier.")
@click.option("--output", default="none", type=optional_path, help="New folder for tables, timelines and copies.")
@click.option("--format", "form", default="text", help="text (CSV in a folder), csv, parquet or jsonl.")
@click.option("--annotate", default="false", type=bool, help="true: copies with the faces boxed, in output.")
def main(
    paths: tuple[str, ...],
    pictures: list[str],
    model: str,
    trust: bool,
    detector: str,
    detector_options: dict[str, Any],
    device: str,
    confidence: float,
    every: int,
    seconds: float,
    output: Path | None,
    form: str,
    annotate: bool,
) -> None:
    """Predict the emotions of all faces in pictures and videos.

    PATH is a picture, a video, a folder, a pattern such as 'photos/*.jpg', or camera:0. What cannot be read is named,
    the rest goes on, and the exit code is then 1.
    """
    announce(f"predict: {model} on {', '.join([*paths, *pictures][:3]) or 'nothing'}")
    from fer.pictures.inputs import inputs_of
    from fer.pictures.prediction import check_numbers
    from fer.pictures.table import check_format
    from fer.storage.folders import atomic_folder, check_new_folder

    # What costs nothing is checked before a model is opened.
    check_numbers(every, seconds)
    if form != _TEXT:
        check_format(form)
    if output is None and (annotate or form == "parquet"):
        raise InputError("annotated copies and Parquet files need a folder; give output= a new one.")
    if output is not None:
        check_new_folder(output)
    inputs = inputs_of([*paths, *pictures])
    if model == AUTO:
        from fer.classifiers.default_address import default_address

        model = default_address()
        announce(f"asking the model {model}")
    given = click.get_current_context().obj
    with ExitStack() as held:
        if "MLFLOW_RUN_ID" in os.environ:  # Started by `mlflow run`: the results are logged to its run.
            from fer.tracking.runs import open_run

            run = held.enter_context(open_run("predict", f"{Path(model).name} on {inputs[0].name}", given))
        else:
            run = None
        reader = _opened(model, trust, detector, detector_options, device, confidence)
        from fer.pictures.prediction import predict_on
        from fer.steps.predicting import prediction_record, write_predictions

        folder = None if output is None else held.enter_context(atomic_folder(output))
        copies = folder / "annotated" if folder is not None and annotate else None
        done = predict_on(inputs, reader, every, seconds, copies, _Shown())
        if folder is not None:
            write_predictions(done, folder, "csv" if form == _TEXT else form)
        if run is not None:
            from fer.tracking.run_contents import log_record

            log_record(prediction_record(done, model))
    _print(done, form if output is None else _TEXT)
    if output is not None:
        say(f"The results are in {output}.")
    if run is not None:
        look = "the counts are in the description under Overview, faces and timelines under Artifacts"
        finish(run, look, Next("read the faces in faces.parquet"))
    if done.faults:
        sys.exit(1)


def _opened(
    model: str, trust: bool, detector: str, options: dict[str, Any], device: str, confidence: float
) -> "FaceReader":
    from fer.classifiers import open_classifier
    from fer.classifiers.devices import CUDA, parse_device
    from fer.detectors import detector_named, open_detector, parse_detector
    from fer.pictures.faces import LONGEST_SIDE_OF_DETECTOR, FaceReader

    if not 0 <= confidence <= 1:
        raise InputError(f"confidence {confidence} is outside 0..1; give one such as 0.6.")
    known = detector_named(detector).probability
    if hasattr(parse_detector(detector, options), "longest_side"):
        options = {"longest_side": LONGEST_SIDE_OF_DETECTOR, **options}
    chosen = parse_device(device)
    if chosen.kind == CUDA and getattr(parse_detector(detector, options), "suffix", None) == ".pt":
        options = {"device": str(chosen), **options}
    own = getattr(parse_detector(detector, options), "confidence", None)
    lower = {} if own is None or "confidence" in options else {"confidence": min(own, confidence)}
    finder = open_detector(detector, {**options, **lower})
    return FaceReader(finder, open_classifier(model, trust, device=device), confidence if known else 0.0)


class _Shown:
    """Says the result of each of the first inputs as soon as it is there, and what could not be read."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, seen: "Seen", rows: list[dict[str, object]]) -> None:
        self._count += 1
        if seen.fault:
            say(f"warning: {seen.fault}")
        if self._count > _MOST_SHOWN or (seen.fault and not seen.pictures):
            return
        if not rows:
            say(f"{seen.input.name}: no face")
        elif seen.pictures == 1:
            say(f"{seen.input.name}: " + ", ".join(f"{row['emotion']} {row['probability']:.0%}" for row in rows))
        else:
            people = len({row["face"] for row in rows})
            say(f"{seen.input.name}: {seen.pictures:,} frames, {len(rows):,} faces of {people:,} people")


def _print(done: "Predictions", form: str) -> None:
    """Print the table in a format, or the summary."""
    from tabulate import tabulate

    from fer.pictures.table import json_lines, summary_table
    from fer.text.spreadsheets import marked

    table = done.table
    if form == "csv":
        click.echo(marked(table).to_csv(index=False, float_format="%.6g"), nl=False)
    elif form == "jsonl":
        click.echo(json_lines(table), nl=False)
    summary = summary_table(table, done.emotions).rename(columns={"probability": "mean probability"}).astype(object)
    summary = summary.where(summary.notna(), None)
    shown = tabulate(summary, headers="keys", showindex=False, floatfmt=("", ".0f", ".1f", ".2f"))
    pictures = sum(one.pictures for one in done.seen)
    without = sum(one.pictures > 0 and one.faces == 0 for one in done.seen)
    read = sum(one.pictures > 0 for one in done.seen)
    counts = (
        f"{read:,} of {len(done.seen):,} inputs read ({pictures:,} pictures and frames), {without:,} without a face."
    )
    click.echo(f"{shown}\n\n{counts}", err=form != _TEXT)


if __name__ == "__main__":
    main()

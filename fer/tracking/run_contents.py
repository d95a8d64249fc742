"""Write a step's record to the open run."""

import math
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import mlflow
import pandas as pd
from mlflow.data.pandas_dataset import from_pandas
from mlflow.entities import Metric, Param, RunTag
from PIL import Image

from fer.record import DESCRIPTION_LENGTH, DatasetInput, Record, warn_of
from fer.redaction import redacted
from fer.storage.file_names import image_key
from fer.storage.record_folder import draw, write_files, write_record
from fer.tracking import names
from fer.tracking.active import active_run
from fer.tracking.dataset_source import FaceDatasetSource
from fer.tracking.faults import repeated
from fer.tracking.journal import hold_tags, journaled
from fer.tracking.uploading import uploading

VALUE_LENGTH = 5000
_DIGEST_LENGTH = 36  # MLflow refuses longer ones.
_TAG_LENGTH = 500  # Of a dataset input.
# The server accepts up to 1,000 values per call.
_MOST_A_CALL = {"metrics": 800, "params": 100, "tags": 100}


def log_record(record: Record, folder: Path | None = None) -> None:
    """Write a record to the open run and issue its warnings; with ``folder``, write it there first.

    A parameter that the run already has is left unchanged. Warnings are written to the tag ``fer.warning`` and to
    ``warnings.csv``. Raises InputError if ``folder`` exists, and if artifacts cannot be written or the server does not
    accept them (:func:`fer.tracking.uploading.uploading`).
    """
    if folder is not None:
        write_record(record, folder, aloud=False)
    for read in record.inputs:
        _log_input(read)
    _log_values(record)
    _log_files(record)
    warn_of(record)


def tag_runs(run_ids: Iterable[str], name: str, value: object) -> None:
    """Set a tag of runs that may be finished."""
    for run_id in run_ids:
        _set_tag(run_id, name, str(value))


def _set_tag(run_id: str, name: str, value: str) -> None:
    def request() -> None:
        hold_tags(run_id)
        mlflow.MlflowClient().set_tag(run_id, name, value)

    journaled(request)


def _log_input(read: DatasetInput) -> None:
    table = read.dataset.samples
    shown = [name for name in ("label", "split", "source", "race", "gender", "person", "clip") if name in table]
    entry = from_pandas(
        pd.DataFrame(table[shown].astype("object")),
        source=FaceDatasetSource(redacted(read.address)),
        name=read.dataset.name,
        digest=read.dataset.digest[:_DIGEST_LENGTH],
        targets="label",
    )
    address = redacted(read.address)
    where = {names.ADDRESS: address} if len(address) <= _TAG_LENGTH else None
    journaled(lambda: repeated(lambda: mlflow.log_input(entry, context=read.context, tags=where)))


def _log_values(record: Record) -> None:
    """Log metrics, parameters and tags (including the warnings and the description) in as few calls as possible."""
    run_id, now = active_run().info.run_id, int(time.time() * 1000)
    history = {name: {0: value} for name, value in record.metrics.items()} | dict(record.history)
    known = journaled(lambda: mlflow.get_run(run_id).data.params) if record.parameters else {}
    tags = {name: redacted(str(value))[:VALUE_LENGTH] for name, value in record.tags.items()}
    if record.warnings:
        tags[names.WARNING] = redacted("\n".join(record.shown_warnings()))[:VALUE_LENGTH]
    if record.description:
        tags[names.NOTE] = redacted(record.description)[:DESCRIPTION_LENGTH]
    entries: dict[str, list] = {
        "metrics": [Metric(name, value, now, step) for name, steps in history.items() for step, value in steps.items()],
        "params": [
            Param(name, redacted(str(value))[:VALUE_LENGTH])
            for name, value in record.parameters.items()
            if name not in known
        ],
        "tags": [RunTag(name, value) for name, value in tags.items()],
    }
    calls = max(math.ceil(len(entries[kind]) / most) for kind, most in _MOST_A_CALL.items())
    for call in range(calls):
        part = {kind: entries[kind][call * most : (call + 1) * most] for kind, most in _MOST_A_CALL.items()}
        _log_part(run_id, part)


def _log_part(run_id: str, part: dict[str, list]) -> None:
    journaled(lambda: mlflow.MlflowClient().log_batch(run_id, part["metrics"], part["params"], part["tags"]))


def _log_files(record: Record) -> None:
    """Upload tables, figures, texts, files and warnings in one call, and images one by one, as MLflow requires."""
    with uploading(), tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as further:
        drawn = write_files(record, Path(folder))
        if any(Path(folder).iterdir()):
            journaled(lambda: mlflow.log_artifacts(folder))
        for place, (key, figure) in enumerate(record.images.items()):
            if id(figure) not in drawn:
                drawn[id(figure)] = Path(further) / f"{place}.png"
                draw(figure, drawn[id(figure)])
            # Not in the background, the default: there MLflow does not report an image that failed to upload.
            with Image.open(drawn[id(figure)]) as image:
                _log_image(image.convert("RGB"), image_key(key))


def _log_image(image: Image.Image, key: str) -> None:
    journaled(lambda: mlflow.log_image(image, key=key, step=0, synchronous=True))

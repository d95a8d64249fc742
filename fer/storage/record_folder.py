"""Write records as files: to a folder of their own, or for upload to a run."""

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from fer.record import WARNINGS_FILE, Record, warn_of
from fer.storage.file_names import short_name
from fer.storage.folders import atomic_folder
from fer.text.spreadsheets import marked

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DOTS_PER_INCH = 150


def write_record(record: Record, folder: Path | str, aloud: bool = True) -> None:
    """Write a record to a new ``folder``, completely or not at all; with ``aloud``, also issue its warnings.

    Files: ``metrics.json`` (each metric at its last step) and, unless empty, ``history.json``
    (by name and step), ``parameters.json``, ``tags.json``, ``inputs.json``, ``description.md``, ``warnings.csv``;
    tables, figures, texts and copied files at their paths; an image that is not also a figure as ``images/<key>.png``.
    Raises InputError if the folder exists.
    """
    inputs = [
        {"name": read.dataset.name, "digest": read.dataset.digest, "address": read.address, "context": read.context}
        for read in record.inputs
    ]
    listed = {"history": record.history, "parameters": record.parameters, "tags": record.tags, "inputs": inputs}
    values = {"metrics": record.latest()} | {name: value for name, value in listed.items() if value}
    with atomic_folder(Path(folder)) as partial:
        drawn = write_files(record, partial)
        for name, value in values.items():
            _new(partial, f"{name}.json").write_text(json.dumps(value, indent=2, default=str) + "\n", encoding="utf-8")
        if record.description:
            _new(partial, "description.md").write_text(record.description + "\n", encoding="utf-8")
        for key, figure in record.images.items():
            if id(figure) not in drawn:
                draw(figure, _new(partial, f"images/{key}.png"))
    if aloud:
        warn_of(record)


def write_files(record: Record, folder: Path) -> dict[int, Path]:
    """Write what of a record are files, and its warnings, below a folder; return the file of each figure by its id.

    The ids are for images that are also figures: a figure takes half a second to draw. CSV tables are written for
    spreadsheets: :func:`fer.text.spreadsheets.marked`.
    """
    files = {}
    for path, table in record.tables.items():
        if path.endswith(".parquet"):
            table.to_parquet(_new(folder, path), index=False)
        else:
            marked(table).to_csv(_new(folder, path), index=table.index.name is not None)
    for path, figure in record.figures.items():
        files[id(figure)] = _new(folder, path)
        draw(figure, files[id(figure)])
    for path, text in record.texts.items():
        _new(folder, path).write_text(text, encoding="utf-8")
    for path, file in record.files.items():
        shutil.copyfile(file, _new(folder, path))
    if record.warnings:
        marked(record.warnings_table()).to_csv(_new(folder, WARNINGS_FILE), index=False)
    return files


def draw(figure: "Figure", place: Path) -> None:
    """Write a figure as PNG."""
    figure.savefig(place, dpi=_DOTS_PER_INCH)


def _new(folder: Path, path: str) -> Path:
    place = folder.joinpath(*map(short_name, path.split("/")))
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        raise ValueError(f"two files of a record are to stand at {path}")
    return place

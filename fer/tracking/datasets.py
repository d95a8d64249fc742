"""Datasets by address: a local folder, or ``runs:/<run id>[/<artifact path>]`` on the tracking server."""

import json
import re
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.exceptions import MlflowException

from fer.data.attributes import suggested_attributes
from fer.data.dataset import FaceDataset, load_dataset
from fer.data.mixing import added_first, parse_fraction, percent
from fer.errors import InputError
from fer.storage.folders import cache_folder, is_journal, locked, writable
from fer.storage.working_folders import working_folder, working_name
from fer.tracking import names
from fer.tracking.artifacts import artifact_here
from fer.tracking.faults import fault_of, first_line

_RUN = re.compile(r"runs:/(?P<run>[^/]+)(?:/(?P<path>.+))?$")


def open_dataset(address: str | Path) -> FaceDataset:
    """Open and check a dataset at a local folder or a ``runs:/`` address, including the datasets it is mixed from.

    A ``runs:/`` address without a path means the run's artifact ``dataset``. Downloads are kept in
    ``$FER_CACHE`` (default ``~/.cache/fer``), by run id. Raises InputError if there is no dataset at the address.
    """
    text = str(address)
    return load_dataset(local_folder(text), local_folder, text if text.startswith("runs:/") else None)


def recorded_digest(address: str) -> str | None:
    """Return the digest recorded in a dataset, without checking it; None if there is no readable dataset here."""
    return _recorded(address, "digest")


def recorded_title(address: str) -> str | None:
    """Return a dataset's name as the names of runs have it, without checking it; None without a readable dataset here.

    That of a mixture begins with the share, "10% everyone + majority": MLflow's UI shows some twenty characters.
    """
    name, made = _recorded(address, "name"), _recorded(address, "provenance")
    if isinstance(made, dict) and made.get("made_by") == "integrate":
        try:
            share = parse_fraction(made["fraction"])
            if share:
                return added_first(f"{percent(share)} {made['addition']}", made["arm"], made["base"])
        except (KeyError, InputError):
            pass
    return name if isinstance(name, str) else None


def attributes_by_split(address: str) -> dict[str, list[str]]:
    """Return the splits of a dataset, and for each the attributes by which to evaluate on it, without checking it.

    Raises InputError if there is no dataset at the address.
    """
    samples = pd.read_parquet(local_folder(address) / "samples.parquet")
    return {str(split): suggested_attributes(part) for split, part in samples.groupby("split")}


def _recorded(address: str, field: str) -> Any:
    try:
        return json.loads((local_folder(address) / "dataset.json").read_text(encoding="utf-8"))[field]
    except (InputError, OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def local_folder(address: str) -> Path:
    """Return the local folder of an address; an artifact on a server is downloaded once.

    Raises InputError if there is no dataset at the address.
    """
    known = _RUN.match(address)
    if known is None:
        if not _is_folder(Path(address)):
            raise InputError(
                f"there is no dataset {address}; give a folder made by preprocess or integrate, or "
                "runs:/<id of such a run>."
            )
        return Path(address)
    path = known["path"] or names.DATASET_ARTIFACT
    if is_journal(mlflow.get_tracking_uri()) and _place(known["run"], path).exists():
        return _place(known["run"], path)  # The server, which has the run, is not there to be asked.
    try:
        run = mlflow.get_run(known["run"])
    except MlflowException as error:
        raise fault_of(error) or InputError(
            f"the tracking server {mlflow.get_tracking_uri()} has no run {known['run']} ({first_line(error)}); check "
            "the run id."
        ) from error
    try:
        return artifact_here(known["run"], path) or _cached(known["run"], path)
    except (MlflowException, OSError) as error:
        raise fault_of(error) or InputError(
            f"run {known['run']} has no dataset {path!r} any more, or never had: there is none at "
            f"{run.info.artifact_uri} ({first_line(error)}); put it back, or give the run that makes it again."
        ) from error


def _place(run_id: str, path: str) -> Path:
    return cache_folder() / "artifacts" / run_id / path


def _cached(run_id: str, path: str) -> Path:
    target = _place(run_id, path)
    if target.exists():
        return target
    # Processes of one machine that need the same dataset at the same time fetch it once.
    with locked(cache_folder() / "artifacts" / f"{run_id}.lock", lambda: None):
        return _downloaded(run_id, path, target)


def _downloaded(run_id: str, path: str, target: Path) -> Path:
    if not target.exists():
        # Downloaded beside its final place and renamed, so that a partial download is never used.
        with working_folder(writable(target.parent), working_name(target, "partial")) as scratch:
            place = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path=path, dst_path=str(scratch))
            try:
                Path(place).rename(target)
            except OSError:
                if not target.exists():  # Another process may have downloaded the same artifact first.
                    raise
    return target


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # A name that is too long, for instance.
        return False

"""Names of runs in the UI, which cuts them after some thirty characters: what differs between runs comes first."""

from collections.abc import Sequence
from pathlib import Path

from fer.classifiers.addresses import on_server
from fer.data.mixing import added_first, parse_fraction, percent
from fer.errors import InputError
from fer.sentinels import NONE
from fer.tracking.datasets import recorded_title
from fer.tracking.server import connect
from fer.tracking.training_data import model_title


def training_name(dataset: str, backbone: str, seed: int) -> str:
    """Return "cnn on faces, seed 0"; ``dataset`` is an address."""
    return f"{backbone} on {_dataset(dataset)}, seed {seed}"


def evaluation_name(model: str, dataset: str, split: str, views: str = NONE) -> str:
    """Return "test: cnn (faces, seed 0) on others", "test: emotion.onnx on others, flip"; both are addresses."""
    connect()
    title = model_title(model) if on_server(model) else Path(model).name
    averaged = "" if views == NONE else f", {views}"
    return f"{split}: {title} on {_dataset(dataset)}{averaged}"


def given_name(predictions: str, dataset: str | None, split: str) -> str:
    """Return "test: predictions on faces", or "test: predictions" of a table alone; ``dataset`` is an address."""
    return f"{split}: {predictions}" + ("" if dataset is None else f" on {_dataset(dataset)}")


def tuning_name(dataset: str, backbone: str, study_name: str) -> str:
    """Return "cnn on faces, search tune"; ``dataset`` is an address."""
    return f"{backbone} on {_dataset(dataset)}, search {study_name}"


def ensemble_name(members: int, weighting: str, dataset: str) -> str:
    """Return "3 models on faces, weighting average"; ``dataset`` is an address."""
    return f"{members} models on {_dataset(dataset)}, weighting {weighting}"


def export_name(model: str, formats: Sequence[str]) -> str:
    """Return "onnx, litert: cnn (faces, seed 0)"; ``model`` is an address."""
    connect()
    return f"{', '.join(formats)}: {model_title(model)}"


def mixing_name(base: str, addition: str, fraction: str, arm: str, seed: int) -> str:
    """Return "30% others + faces, seed 0", "own as 30% others + faces, seed 0" (``same``), or "faces only".

    ``base`` and ``addition`` are addresses.
    """
    if addition == NONE or _share(fraction) == "0%":
        return f"{_dataset(base)} only"
    share = f"{_share(fraction)} {_dataset(addition)}"
    return f"{added_first(share, arm, _dataset(base))}, seed {seed}"


def balancing_name(dataset: str, method: str, target: str, seed: int) -> str:
    """Return "augment equal: faces, seed 0"; ``dataset`` is an address."""
    return f"{method} {target}: {_dataset(dataset)}, seed {seed}"


def _dataset(address: str) -> str:
    connect()
    return recorded_title(address) or address


def _share(fraction: str) -> str:
    try:
        return percent(parse_fraction(fraction))
    except InputError:  # The step refuses it, in a run of this name.
        return fraction

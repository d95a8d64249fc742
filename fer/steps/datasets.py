"""Steps that make datasets: preprocess raw faces, integrate two datasets."""

import shutil
import tempfile
from pathlib import Path

from fer.data.dataset import write_mixture
from fer.data.mixing import ARMS, integrate, parse_fraction
from fer.errors import InputError
from fer.numbers import check_seed
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.progress import announce
from fer.record import DatasetInput, Record
from fer.sentinels import NONE
from fer.steps.dataset_summary import mixture_record, preprocessing_record
from fer.storage.folders import atomic_folder
from fer.tracking.dataset_logging import log_dataset
from fer.tracking.datasets import open_dataset
from fer.tracking.run_contents import log_record


def preprocess_step(recipe: Recipe, output: Path | None = None, record_folder: Path | None = None) -> str:
    """Preprocess raw data, log the dataset (artifact ``dataset``) and its record; return the dataset's address.

    The dataset is also written to ``output`` and the record to ``record_folder``, if given; neither may exist. Detected
    faces are cached until the server has the dataset, so a run that fails while logging does not detect them again.
    The record is that of :func:`preprocessing_record`. Raises InputError if a folder exists or cannot be written.
    """
    refuse_existing(output, record_folder)
    with tempfile.TemporaryDirectory() as scratch:
        folder = output or Path(scratch) / "dataset"
        made = preprocess(recipe, folder, keep=True)
        announce("checking the faces and logging the dataset")
        found = preprocessing_record(made)
        address = log_dataset(folder)
        log_record(found, record_folder)
        made.forget()
    return address


def integrate_step(
    base: str,
    addition: str,
    fraction: str,
    seed: int,
    arm: str = "add",
    output: Path | None = None,
    record_folder: Path | None = None,
) -> str:
    """Mix two datasets given by address, log the mixture (rows without faces) and its record; return its address.

    ``addition`` may be ``none`` if ``fraction`` (0..1, as text) is 0: the mixture is then the base alone. ``output``
    and ``record_folder`` are as in :func:`preprocess_step`; the record is that of :func:`mixture_record`.
    """
    refuse_existing(output, record_folder)
    share = parse_fraction(fraction)
    if arm not in ARMS:
        raise InputError(f"unknown arm {arm!r}; use one of {', '.join(ARMS)}.")
    check_seed(seed)
    if addition == NONE and share:
        raise InputError(f"fraction {fraction} of nothing; name the addition, or take fraction=0.")
    if addition == base:
        raise InputError(f"{base} cannot be mixed with itself; name another addition.")
    mixed = first = open_dataset(base)
    inputs = [DatasetInput(first, base, "base")]
    if addition != NONE:
        second = open_dataset(addition)
        inputs.append(DatasetInput(second, addition, "addition"))
        mixed = integrate(first, second, share, seed, arm)
    announce("comparing the splits and the two datasets")
    found = mixture_record(mixed) | Record(inputs=inputs)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "dataset"
        write_mixture(folder, mixed)
        address = log_dataset(folder)
        log_record(found, record_folder)
        keep_folder(folder, output)
    return address


def refuse_existing(*outputs: Path | None) -> None:
    """Raise InputError for outputs that exist or cannot be created, before any work is done."""
    for output in outputs:
        if output is None:
            continue
        if output.exists():
            raise InputError(f"{output} already exists; remove it or choose another output folder.")
        try:
            output.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{output} cannot be written ({error.strerror}); choose another output folder.") from error


def keep_folder(folder: Path, output: Path | None) -> None:
    if output is not None:
        with atomic_folder(output) as partial:
            shutil.copytree(folder, partial, dirs_exist_ok=True)

"""Steps that make datasets: preprocess raw faces, integrate two datasets."""

import shutil
import tempfile
from pathlib import Path

from fer.data.dataset import write_mixture
from fer.data.mixing import integrate, parse_fraction
from fer.errors import InputError
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.steps.dataset_summary import (
    describe_dataset,
    log_counts,
    log_lost,
    log_mixture_audit,
    loss_warnings,
    quality_warnings,
    sample_sheet,
    shared_face_warnings,
)
from fer.steps.warnings import log_warnings
from fer.storage.folders import atomic_folder
from fer.tracking.dataset_logging import log_dataset, log_dataset_input
from fer.tracking.datasets import open_dataset
from fer.tracking.run_contents import log_files, log_metrics, set_tags


def preprocess_step(recipe: Recipe, output: Path | None = None) -> str:
    """Make a dataset, log it (artifact ``dataset``), its counts, figures and rejected files; return its address.

    With ``output`` the folder stays there too (it must not exist); without, only the server has it. What was found
    is kept until the server has it: a run that fails while it logs does not look for faces again.
    """
    refuse_existing(output)
    with tempfile.TemporaryDirectory() as scratch:
        folder = output or Path(scratch) / "dataset"
        made = preprocess(recipe, folder, keep=True)
        dataset = made.dataset
        address = log_dataset(folder)
        log_counts(dataset)
        log_lost(dataset)
        log_metrics({"data/rejected": len(made.rejected)})
        log_files(tables={"rejected.csv": made.rejected}, figures={"faces.png": sample_sheet(dataset)})
        set_tags({"fer.digest": dataset.digest, "fer.dataset": dataset.name})
        sentences = [
            *made.remarks,
            *loss_warnings(dataset),
            *quality_warnings(dataset),
            *shared_face_warnings(made.shared),
        ]
        log_warnings(sentences)
        describe_dataset(dataset, sentences)
        made.forget()
    return address


def integrate_step(
    base: str, addition: str, fraction: str, seed: int, arm: str = "add", output: Path | None = None
) -> str:
    """Mix two datasets given by address, log the mixture (rows, no face), its counts and audit; return its address.

    ``addition`` may be ``none`` if ``fraction`` is 0: the mixture is then the base alone.
    """
    refuse_existing(output)
    share = parse_fraction(fraction)
    first = open_dataset(base)
    log_dataset_input(first, base, "base")
    if addition == "none":
        if share:
            raise InputError(f"fraction {fraction} of nothing; name the addition, or take fraction=0.")
        mixed = first
    else:
        second = open_dataset(addition)
        log_dataset_input(second, addition, "addition")
        mixed = integrate(first, second, share, seed, arm)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "dataset"
        write_mixture(folder, mixed)
        address = log_dataset(folder)
        log_counts(mixed)
        set_tags({"fer.digest": mixed.digest, "fer.dataset": mixed.name})
        sentences = log_mixture_audit(mixed)
        log_warnings(sentences)
        describe_dataset(mixed, sentences)
        keep_folder(folder, output)
    return address


def refuse_existing(output: Path | None) -> None:
    """Refuse an output that exists or cannot be made, before the work is done."""
    if output is None:
        return
    if output.exists():
        raise InputError(f"{output} exists already; remove it or name another output folder.")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{output} cannot be written ({error.strerror}); name another output folder.") from error


def keep_folder(folder: Path, output: Path | None) -> None:
    if output is not None:
        with atomic_folder(output) as partial:
            shutil.copytree(folder, partial, dirs_exist_ok=True)

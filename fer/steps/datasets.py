"""Steps that make datasets: preprocess raw faces, integrate two datasets."""

import shutil
import tempfile
from pathlib import Path

from fer.data.dataset import FaceDataset, write_mixture
from fer.data.dataset_files import read_description
from fer.data.kept_aside import divided, parse_kept_aside
from fer.data.mixing import MIXTURE, check_arm, integrate, parse_fraction
from fer.errors import InputError
from fer.launching import Launcher
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.progress import announce, say
from fer.record import DatasetInput, Record
from fer.sentinels import NONE
from fer.steps.dataset_summary import mixture_record, preprocessing_record
from fer.storage.folders import atomic_folder, check_new_folder
from fer.text.numbers import check_seed
from fer.tracking.dataset_logging import log_dataset
from fer.tracking.datasets import open_dataset
from fer.tracking.run_contents import log_record


def preprocess_step(
    recipe: Recipe,
    output: Path | None = None,
    record_folder: Path | None = None,
    launcher: Launcher | None = None,
) -> str:
    """Preprocess raw data, log the dataset (artifact ``dataset``) and its record; return the dataset's address.

    The dataset is also written to ``output`` and the record to ``record_folder``, if given; neither may exist, except
    that an ``output`` with the dataset of this recipe is taken over. Detected faces are cached until the server has the
    dataset, so a run that fails while logging does not detect them again. The record is that of
    :func:`preprocessing_record`, and ``launcher`` that of :func:`fer.preprocessing.pipeline.preprocess`. Raises
    InputError if a folder exists or cannot be written.
    """
    if output is not None and not exists(output):
        refuse_existing(output)
    refuse_existing(record_folder)
    with tempfile.TemporaryDirectory() as scratch:
        folder = output or Path(scratch) / "dataset"
        made = preprocess(recipe, folder, keep=True, launcher=launcher)
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
    kept_aside: str = "0",
    validation_from: str = MIXTURE,
) -> str:
    """Mix two datasets given by address, log the mixture (rows without faces) and its record; return its address.

    ``addition`` may be ``none`` if ``fraction`` (0..1, as text) is 0: the mixture is then the base alone, without the
    faces kept aside. ``output`` and ``record_folder`` are as in :func:`preprocess_step`; the other arguments are those
    of :func:`fer.data.mixing.integrate`, as text. The record is that of :func:`mixture_record`.
    """
    earlier = output_of_earlier_start(output)
    refuse_existing(record_folder)
    share, aside = parse_fraction(fraction), parse_kept_aside(kept_aside)
    check_arm(arm, share, aside, validation_from)
    check_seed(seed)
    if addition == NONE and share:
        raise InputError(f"fraction {fraction} of nothing; name the addition, or take fraction=0.")
    if addition == base:
        raise InputError(f"{base} cannot be mixed with itself; name another addition.")
    first = open_dataset(base)
    inputs = [DatasetInput(first, base, "base")]
    if addition != NONE:
        second = open_dataset(addition)
        inputs.append(DatasetInput(second, addition, "addition"))
        mixed = integrate(first, second, share, seed, arm, aside, validation_from)
    else:
        mixed = divided(first, aside, seed).base
    refuse_other_output(output, earlier, mixed)
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
        if output is not None:
            check_new_folder(output)


def output_of_earlier_start(output: Path | None) -> str | None:
    """Return the digest of the dataset that is in ``output`` already, or None if nothing is there.

    Raises InputError, before any work is done, if something else is there or if ``output`` cannot be written.
    """
    if output is None:
        return None
    if not exists(output):
        check_new_folder(output)
        return None
    try:
        digest: str = read_description(output)["digest"]
    except InputError:
        raise _other(output) from None
    return digest


def refuse_other_output(output: Path | None, earlier: str | None, made: FaceDataset) -> None:
    """Raise InputError if ``output`` held another dataset (``earlier`` is its digest) than the one that was made."""
    if output is None or earlier is None:
        return
    if earlier != made.digest:
        raise _other(output)
    say(f"{output} holds this dataset already (digest {earlier[:12]}): it is taken over.")


def keep_folder(folder: Path, output: Path | None) -> None:
    """Copy a dataset's folder to ``output``, if given, unless an earlier start has written it there."""
    if output is not None and not exists(output):
        with atomic_folder(output) as partial:
            shutil.copytree(folder, partial, dirs_exist_ok=True)


def exists(output: Path) -> bool:
    """Return whether there is anything at a path; no path that cannot be looked at has anything."""
    try:
        return output.exists()
    except OSError:
        return False


def _other(output: Path) -> InputError:
    return InputError(
        f"{output} already exists and is not what this command makes; remove it or choose another output folder."
    )

"""Steps that make datasets: preprocess raw faces, integrate two datasets."""

import shutil
import tempfile
import warnings
from pathlib import Path

import pandas as pd

from fer import figures
from fer.dataset import FaceDataset, write_mixture
from fer.errors import InputError
from fer.mixing import integrate, parse_fraction
from fer.preprocessing import Recipe, preprocess
from fer.quality import sharpness_by_split, sharpness_warning
from fer.samples import GROUP_COLUMNS, SPLITS, count_table
from fer.storage import atomic_folder
from fer.tracking import names
from fer.tracking.dataset_logging import log_dataset, log_dataset_input
from fer.tracking.datasets import open_dataset
from fer.tracking.runs import log_files, log_metrics, set_tags

_SHEET = 40


def preprocess_step(recipe: Recipe, output: Path | None = None) -> str:
    """Make a dataset, log it (artifact ``dataset``), its counts, figures and rejected files; return its address.

    With ``output`` the folder stays there too (it must not exist); without, only the server has it.
    """
    _refuse_existing(output)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "dataset"
        dataset, rejected = preprocess(recipe, folder)
        address = log_dataset(folder)
        _log_counts(dataset)
        log_metrics({"data/rejected": len(rejected)})
        log_files(tables={"rejected.csv": rejected}, figures={"faces.png": sample_sheet(dataset)})
        set_tags({"fer.digest": dataset.digest, "fer.dataset": dataset.name})
        _log_quality(dataset)
        _keep(folder, output)
    return address


def integrate_step(
    base: str, addition: str, fraction: str, seed: int, arm: str = "add", output: Path | None = None
) -> str:
    """Mix two datasets given by address, log the mixture (rows only, no face) and its counts; return its address.

    ``addition`` may be ``none`` if ``fraction`` is 0: the mixture is then the base alone.
    """
    _refuse_existing(output)
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
        _log_counts(mixed)
        set_tags({"fer.digest": mixed.digest, "fer.dataset": mixed.name})
        _keep(folder, output)
    return address


def sample_sheet(dataset: FaceDataset) -> figures.Figure:
    """Return a sheet of faces: five of each emotion, evenly spread over the dataset, with their emotion."""
    rows: list[int] = []
    for emotion in sorted(dataset.samples["label"].unique()):
        here = dataset.samples.index[dataset.samples["label"] == emotion].to_numpy()
        rows += here[:: max(1, len(here) // 5)][:5].tolist()
    rows = rows[:_SHEET]
    captions = [str(label) for label in dataset.samples["label"].iloc[rows]]
    return figures.face_sheet(dataset.faces(rows), captions, columns=5, title=dataset.name)


def _log_counts(dataset: FaceDataset) -> None:
    """Log faces by split and emotion, and by split and group, as metrics, tables and a figure."""
    counts = count_table(dataset.samples)
    tables: dict[str, pd.DataFrame] = {"counts/split.csv": counts}
    metrics = {f"data/faces/{split}": float(total) for split, total in counts["total"].items()}
    for attribute in GROUP_COLUMNS:
        if attribute in dataset.samples and dataset.samples[attribute].notna().any():
            tables[f"counts/{attribute}.csv"] = pd.concat(
                {split: count_table(part, attribute) for split, part in _by_split(dataset)}, names=["split"]
            ).reset_index()
            known = dataset.samples[attribute].value_counts()
            metrics |= {
                f"data/{attribute}/{names.metric_part(str(group))}": float(count) for group, count in known.items()
            }
    log_metrics(metrics)
    log_files(tables=tables, figures={"counts/split.png": figures.distribution(counts, dataset.name)})


def _log_quality(dataset: FaceDataset) -> None:
    """Log each split's sharpness, and warn (on the run and aloud) if they are of two kinds."""
    log_metrics({f"data/sharpness/{split}": value for split, value in sharpness_by_split(dataset).dropna().items()})
    warning = sharpness_warning(dataset)
    if warning is not None:
        set_tags({names.WARNING: warning})
        warnings.warn(warning, UserWarning, stacklevel=2)


def _by_split(dataset: FaceDataset) -> list[tuple[str, pd.DataFrame]]:
    parts = [(split, dataset.samples[dataset.samples["split"] == split]) for split in SPLITS]
    return [(split, part) for split, part in parts if len(part)]


def _refuse_existing(output: Path | None) -> None:
    """Refuse an output that exists or cannot be made, before the work is done."""
    if output is None:
        return
    if output.exists():
        raise InputError(f"{output} exists already; remove it or name another output folder.")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{output} cannot be written ({error.strerror}); name another output folder.") from error


def _keep(folder: Path, output: Path | None) -> None:
    if output is not None:
        with atomic_folder(output) as partial:
            shutil.copytree(folder, partial, dirs_exist_ok=True)

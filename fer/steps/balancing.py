"""The step that balances a dataset's training split."""

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from fer import figures
from fer.data.balancing import make_balanced
from fer.data.dataset import FaceDataset, write_mixture
from fer.data.synthesis import MADE_FROM, MIXED_FROM, MIXED_WITH
from fer.steps.dataset_summary import log_counts
from fer.steps.datasets import keep_folder, refuse_existing
from fer.tracking.dataset_logging import log_dataset, log_dataset_input
from fer.tracking.datasets import open_dataset
from fer.tracking.run_contents import log_files, log_metrics, set_tags

MADE_ARTIFACT = "made"
_SHOWN_AN_EMOTION = 3
_FAMILIES_A_ROW = 3


def balance_step(
    address: str, method: str, target: str, seed: int, options: Mapping[str, Any], output: Path | None = None
) -> str:
    """Balance the dataset at ``address`` and log what was made; return the balanced dataset's address.

    Artifacts: ``made``, a packed dataset of the made faces, if any; ``dataset``, the rows, which point into it and
    into the parts of the dataset that was balanced; counts; ``made.png``, made faces beside their parents. With
    ``output`` the rows stay there too. Arguments as in :func:`fer.data.balancing.make_balanced`.
    """
    refuse_existing(output)
    base = open_dataset(address)
    log_dataset_input(base, address, "base")
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / MADE_ARTIFACT
        balanced = make_balanced(base, made, method, target, seed, options)
        if made.exists():
            log_files(figures={"made.png": family_sheet(base, balanced)})
            balanced = _log_made(balanced, made)
        folder = Path(scratch) / "dataset"
        write_mixture(folder, balanced)
        logged = log_dataset(folder)
        log_counts(balanced)
        counts = balanced.provenance
        log_metrics({f"data/made/{emotion}": counts["made"].get(emotion, 0) for emotion in counts["after"]})
        set_tags({"fer.digest": balanced.digest, "fer.dataset": balanced.name})
        keep_folder(folder, output)
    return logged


def family_sheet(base: FaceDataset, balanced: FaceDataset) -> figures.Figure:
    """Return a sheet of made faces of each emotion, each after the one or two real faces that it was made from.

    The parents are looked up in ``base``: a draw may have left them out of ``balanced``.
    """
    samples = balanced.samples
    columns = [name for name in (MADE_FROM, MIXED_FROM, MIXED_WITH) if name in samples and samples[name].notna().any()]
    made = samples[samples["origin"].notna()]
    shown = [row for _, same in made.groupby("label") for row in same.index[:: -(-len(same) // _SHOWN_AN_EMOTION)]]
    parents = {name: row for row, name in enumerate(base.samples["sample_id"])}
    drawn, captions = [], []
    for row in shown:
        drawn += [*base.faces(np.array([parents[samples.at[row, name]] for name in columns])), *balanced.faces([row])]
        captions += ["real"] * len(columns) + [f"{samples.at[row, 'label']}, made"]
    width = _FAMILIES_A_ROW * (len(columns) + 1)
    return figures.face_sheet(np.stack(drawn), captions, columns=width, title=balanced.name)


def _log_made(balanced: FaceDataset, folder: Path) -> FaceDataset:
    """Log the made faces and return the dataset with their address on the server instead of the scratch folder's."""
    address = log_dataset(folder, MADE_ARTIFACT)
    here = str(folder.resolve())
    parts = {
        source: replace(part, address=address) if part.address == here else part
        for source, part in balanced.parts.items()
    }
    return replace(balanced, parts=parts)

"""The step that balances a dataset's training split."""

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from fer.data.balancing import check_balance, make_balanced
from fer.data.dataset import FaceDataset, write_mixture
from fer.record import DatasetInput, Record
from fer.steps.balancing_record import balancing_record
from fer.steps.datasets import keep_folder, output_of_earlier_start, refuse_existing, refuse_other_output
from fer.text.numbers import check_seed
from fer.tracking.dataset_logging import log_dataset
from fer.tracking.datasets import open_dataset
from fer.tracking.run_contents import log_record

MADE_ARTIFACT = "made"


def balance_step(
    address: str,
    method: str,
    target: str,
    seed: int,
    options: Mapping[str, Any],
    output: Path | None = None,
    record_folder: Path | None = None,
) -> str:
    """Balance the training split of the dataset at ``address`` and log it; return the balanced dataset's address.

    Artifacts: ``made``, a packed dataset of the generated faces, if any; ``dataset``, the rows, which refer to it and
    to the parts of the original dataset; the files of :func:`balancing_record`. The rows are also written to
    ``output`` and the record to ``record_folder``, if given. The other arguments are those of
    :func:`fer.data.balancing.make_balanced`.
    """
    earlier = output_of_earlier_start(output)
    refuse_existing(record_folder)
    check_seed(seed)
    check_balance(method, target, options)
    base = open_dataset(address)
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / MADE_ARTIFACT
        balanced = make_balanced(base, made, method, target, seed, options)
        base.check_unchanged()
        refuse_other_output(output, earlier, balanced)
        found = balancing_record(base, balanced) | Record(inputs=[DatasetInput(base, address, "base")])
        if made.exists():
            balanced = _log_made(balanced, made)
        folder = Path(scratch) / "dataset"
        write_mixture(folder, balanced)
        logged = log_dataset(folder)
        log_record(found, record_folder)
        keep_folder(folder, output)
    return logged


def _log_made(balanced: FaceDataset, folder: Path) -> FaceDataset:
    """Log the generated faces; return the dataset with their address on the server instead of the scratch folder."""
    address = log_dataset(folder, MADE_ARTIFACT)
    here = str(folder.resolve())
    parts = {
        source: replace(part, address=address) if part.address == here else part
        for source, part in balanced.parts.items()
    }
    return replace(balanced, parts=parts)

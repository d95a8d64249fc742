"""Raw faces to a FaceDataset: list, harmonise labels, split, cap, find the faces, pack; every row is accounted for.

What gave no face stands in ``lost.parquet`` with its reason; of it, what is damaged (not merely dropped, or
without a face that a detector finds) also stands in ``rejected.csv``, named, with the reason in a sentence.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from fer import extraction
from fer.accounting import Account, account, refuse_damage
from fer.dataset import FaceDataset, write_packed
from fer.errors import InputError
from fer.identity import code_version, file_digest, files_fingerprint
from fer.labels import harmonise
from fer.mixing import limit as cap
from fer.recipe import Recipe
from fer.sources import Source
from fer.sources.listing import Listing, SourceOptions
from fer.splitting import AUTO, assign_splits, auto_rule
from fer.storage import cache_folder, exclusive

REJECTED_FILE = "rejected.csv"
__all__ = ["REJECTED_FILE", "Preprocessed", "Recipe", "preprocess"]


@dataclass(frozen=True)
class Preprocessed:
    """What :func:`preprocess` made.

    Attributes:
        dataset: opened; its ``lost`` has a row for each row of the raw data that gave no face.
        rejected: of those, the damaged ones: ``file``, ``kind``, ``reason``.
        remarks: sentences about what was left out without costing a row.

    """

    dataset: FaceDataset
    rejected: pd.DataFrame
    remarks: tuple[str, ...]


def preprocess(recipe: Recipe, folder: Path) -> Preprocessed:
    """Make the dataset in ``folder``, which must not exist; ``rejected.csv`` stands beside the faces.

    A run that was killed while it looked for faces goes on where it stopped when it is started again: what is
    finished waits in :func:`fer.storage.cache_folder`. Raises InputError for a recipe that names what does
    not exist, if no face is found, and if more than ``max_rejected`` of the rows are damaged; then nothing
    is written.
    """
    source, options = recipe.check()
    listing = source.read(recipe.raw or Path(), options)
    listed = len(listing.samples) + len(listing.rejected)
    if listed == 0:
        raise InputError(f"{recipe.source}: no faces found in {recipe.raw}; check the layout it expects.")
    refuse_damage(listing.rejected, listed, recipe.max_rejected, recipe.title)
    listing, dropped = _prepared(listing, source, recipe)
    work = extraction.work_folder(cache_folder(), _facts(recipe, options))
    with exclusive(work):
        found = _find(listing, recipe, work)
        try:
            accounted = account(listing.samples, found.records, listing.rejected, dropped, recipe.title)
            _refuse(accounted, listing, recipe)
            dataset = _pack(folder, recipe, options, accounted, found)
        finally:  # All was looked at: what is refused now is refused again. Only a killed search is worth keeping.
            extraction.remove(work)
    return Preprocessed(dataset, accounted.rejected, listing.remarks)


def _prepared(listing: Listing, source: Source, recipe: Recipe) -> tuple[Listing, pd.DataFrame]:
    """Harmonise the labels, draw the splits, cap; return what stays and the rows dropped for their label."""
    kept = harmonise(listing.samples, source.words, recipe.labels, recipe.emotions)
    listing = listing.take(kept.positions)
    samples = listing.samples.assign(label=kept.labels)
    rule = auto_rule(samples, source.splits) if recipe.split_rule == AUTO else recipe.split_rule
    samples["split"] = assign_splits(samples, rule, recipe.split_ratios, recipe.seed)
    listing = listing.with_samples(samples)
    if recipe.limit is not None:
        chosen = cap(samples.assign(_at=np.arange(len(samples))), recipe.limit, recipe.seed)
        listing = listing.take(chosen["_at"].to_numpy())
    return listing, kept.dropped


def _find(listing: Listing, recipe: Recipe, work: Path) -> extraction.Extraction:
    if recipe.finder.detector == "none" and listing.regions is None:
        return extraction.read_images(listing, recipe.finder, work, recipe.title)
    return extraction.extract(listing, recipe.finder, work, recipe.workers, recipe.title)


def _refuse(accounted: Account, listing: Listing, recipe: Recipe) -> None:
    # Against what was drawn, so that a limit does not make a rare bad file look like damage.
    damaged = accounted.rejected.iloc[len(listing.rejected) :]
    refuse_damage(damaged, len(listing.samples), recipe.max_rejected, recipe.title)
    if not len(accounted.positions):
        raise InputError(
            f"{recipe.title}: {recipe.finder.detector} found no face in {len(listing.samples)} rows; try another "
            "detector or a lower confidence."
        )


def _pack(
    folder: Path, recipe: Recipe, options: SourceOptions, accounted: Account, found: extraction.Extraction
) -> FaceDataset:
    provenance = {
        "made_by": "preprocess",
        **json.loads(json.dumps(recipe.described(), default=str)),
        "options": options.model_dump(mode="json"),
        "rejected": len(accounted.rejected),
        "lost": len(accounted.lost),
        "code_version": code_version(),
    }
    notes = {REJECTED_FILE: accounted.rejected.to_csv(index=False)}
    faces, shape = found.faces(accounted.positions), recipe.finder.face_shape
    return write_packed(folder, recipe.title, accounted.samples, faces, shape, provenance, accounted.lost, notes)


def _facts(recipe: Recipe, options: SourceOptions) -> dict[str, object]:
    """Return all that decides what is found, for the folder where unfinished work waits."""
    weights = recipe.detector_options.get("weights")
    return {
        "recipe": recipe.described(),
        "options": options.model_dump(mode="json"),
        "raw": files_fingerprint(recipe.raw),
        "weights": file_digest(Path(weights)) if weights and Path(weights).is_file() else weights,
        "code": code_version(),
    }

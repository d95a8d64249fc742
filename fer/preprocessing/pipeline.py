"""Preprocess raw data to a FaceDataset: list, harmonise labels, split, limit, detect faces, pack.

Every row is accounted for: rows without a face are in ``lost.parquet`` with a reason; of these, damaged ones (not
those dropped, or without a detected face) are also in ``rejected.csv``, with the reason in a sentence.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fer.data.dataset import FaceDataset, load_dataset, write_packed
from fer.data.dataset_files import read_description
from fer.data.labels import harmonise
from fer.data.lost import LIMITED
from fer.data.mixing import limit as cap
from fer.data.splitting import assign_splits, auto_rule
from fer.errors import InputError
from fer.identity import code_version
from fer.launching import Launcher
from fer.preprocessing import extraction
from fer.preprocessing.recipe import Recipe
from fer.preprocessing.row_outcomes import Account, account, refuse_damage, shared_faces
from fer.progress import say
from fer.redaction import redacted_within
from fer.sentinels import AUTO, NONE
from fer.sources import Source
from fer.sources.listing import Listing
from fer.storage.folders import cache_folder, exclusive
from fer.storage.working_folders import remove_abandoned, working_folder, working_name
from fer.text.spreadsheets import marked, unmarked

REJECTED_FILE = "rejected.csv"
# In the provenance: what was chosen for ``auto``, by the recipe's field.
RESOLVED = "resolved"
__all__ = ["LIMITED", "REJECTED_FILE", "RESOLVED", "Preprocessed", "Recipe", "preprocess"]


# Unfinished work is removed after so many days without use.
_KEPT_DAYS = 30


@dataclass(frozen=True)
class Preprocessed:
    """The result of :func:`preprocess`.

    Attributes:
        dataset: opened; its ``lost`` has a row for each row of the raw data that gave no face.
        rejected: of those, the damaged ones: ``file``, ``kind``, ``reason``.
        remarks: sentences about files that were left out without being rows.
        shared: samples whose face is another sample's too, see :func:`fer.preprocessing.row_outcomes.shared_faces`.
        work: the folder of detected faces, if it was kept.

    """

    dataset: FaceDataset
    rejected: pd.DataFrame
    remarks: tuple[str, ...]
    shared: pd.DataFrame
    work: Path | None = None

    def forget(self) -> None:
        """Remove the kept work, once the dataset is stored."""
        if self.work is not None:
            extraction.remove(self.work)


def preprocess(recipe: Recipe, folder: Path, keep: bool = False, launcher: Launcher | None = None) -> Preprocessed:
    """Make the dataset in ``folder``; ``rejected.csv`` is written beside the faces.

    A folder that holds the dataset of the same recipe and raw data already, from an earlier start that was killed
    afterwards or has ended, is taken over with a note; InputError if it holds anything else.

    A run that was interrupted during or after detection resumes when it is started again: finished
    work is kept in :func:`fer.storage.folders.cache_folder` until the dataset is packed, or with ``keep`` until
    :meth:`Preprocessed.forget`. With a ``launcher``, each video is a job of it, and the recipe's ``workers`` are
    for images only: the dataset is the same. Raises InputError for a recipe with unknown names, if no face is
    found, and if more than ``max_rejected`` of the rows are damaged; then nothing is written.
    """
    source, options = recipe.check()
    facts = recipe.facts()
    if folder.exists():
        refuse_other(folder, facts)
    listing = source.read(recipe.raw or Path(), options)
    listed = len(listing.samples) + len(listing.rejected)
    if listed == 0:
        raise InputError(f"{recipe.source}: no faces found in {recipe.raw}; check the layout it expects.")
    refuse_damage(listing.rejected, listed, recipe.max_rejected, recipe.title)
    listing, dropped, rule = _prepared(listing, source, recipe)
    work = extraction.work_folder(cache_folder(), {"recipe": facts, "rows": _digest(listing)})
    if folder.exists():
        return replace(_taken_over(folder, listing), work=work)
    if recipe.finder.detector == NONE and listing.regions is None:
        # Nothing to resume: reading again is as fast as checking what was read.
        folder.parent.mkdir(parents=True, exist_ok=True)
        with working_folder(folder.parent, working_name(folder, "reading")) as scratch:
            found = extraction.read_images(listing, recipe.finder, scratch, recipe.workers, recipe.title)
            return _made(folder, recipe, facts, rule, listing, dropped, found)
    extraction.prune(cache_folder(), _KEPT_DAYS)
    with exclusive(work):
        found = extraction.extract(listing, recipe.finder, work, recipe.workers, recipe.title, launcher)
        made = replace(_made(folder, recipe, facts, rule, listing, dropped, found), work=work)
        if not keep:
            made.forget()
    return made


def refuse_other(folder: Path, facts: Mapping[str, Any]) -> None:
    """Raise InputError unless ``folder`` holds the dataset of these facts (:meth:`Recipe.facts`)."""
    try:
        known = read_description(folder)["provenance"].get("facts")
    except InputError:
        known = None
    if known is None or known != redacted_within(_plain(facts)):
        raise InputError(
            f"{folder} already exists and is not what this command makes; remove it or choose another output folder."
        )


def _taken_over(folder: Path, listing: Listing) -> Preprocessed:
    """Return what an earlier start with the same recipe has made in ``folder``."""
    dataset = load_dataset(folder)
    for kind in ("reading", "partial"):
        remove_abandoned(folder.parent, working_name(folder, kind))
    say(f"{folder} holds this dataset already (digest {dataset.digest[:12]}): it is taken over.")
    try:
        rejected = unmarked(pd.read_csv(folder / REJECTED_FILE, dtype="str", keep_default_na=False))
    except (OSError, ValueError) as error:
        raise InputError(f"{folder / REJECTED_FILE} cannot be read ({error}); remove {folder}.") from error
    shared = shared_faces(dataset.samples if listing.regions is not None else dataset.samples.iloc[:0])
    return Preprocessed(dataset, rejected, listing.remarks, shared)


def _made(
    folder: Path,
    recipe: Recipe,
    facts: Mapping[str, Any],
    rule: str,
    listing: Listing,
    dropped: pd.DataFrame,
    found: extraction.Extraction,
) -> Preprocessed:
    accounted = account(listing.samples, found.records, listing.rejected, dropped, recipe.title)
    _refuse(accounted, listing, dropped, recipe)
    dataset = _pack(folder, recipe, facts, rule, accounted, found)
    # Boxes of one frame can be compared; those of two pictures with the same number cannot.
    shared = shared_faces(accounted.samples if listing.regions is not None else accounted.samples.iloc[:0])
    return Preprocessed(dataset, accounted.rejected, listing.remarks, shared)


def _prepared(listing: Listing, source: Source, recipe: Recipe) -> tuple[Listing, pd.DataFrame, str]:
    """Harmonise the labels, draw the splits, cap; return the kept rows, the dropped ones, and the rule of the splits.

    Dropped are rows with a label that is not kept, and those over the limit.
    """
    kept = harmonise(listing.samples, source.words, recipe.labels, recipe.emotions)
    listing = listing.take(kept.positions)
    samples = listing.samples.assign(label=kept.labels)
    rule = auto_rule(samples, source.splits) if recipe.split_rule == AUTO else recipe.split_rule
    samples["split"] = assign_splits(samples, rule, recipe.split_ratios, recipe.seed)
    listing = listing.with_samples(samples)
    dropped = kept.dropped
    if recipe.limit is not None:
        drawn = cap(samples.assign(_at=np.arange(len(samples))), recipe.limit, recipe.seed)["_at"].to_numpy()
        left_out = np.setdiff1d(np.arange(len(samples)), drawn)
        dropped = pd.concat([dropped, samples.iloc[left_out].assign(reason=LIMITED)], ignore_index=True)
        listing = listing.take(drawn)
    return listing, dropped, rule


def _digest(listing: Listing) -> str:
    """Return a digest of the rows, in order, with their places: work on other rows is other work."""
    content = hashlib.sha256("\n".join(listing.samples["sample_id"].astype("str")).encode())
    if listing.regions is not None:
        content.update(listing.regions.drop(columns="file").to_csv(index=False).encode())
    return content.hexdigest()


def _refuse(accounted: Account, listing: Listing, dropped: pd.DataFrame, recipe: Recipe) -> None:
    refuse_damage(
        accounted.rejected,
        len(listing.samples) + len(listing.rejected) + len(dropped),
        recipe.max_rejected,
        recipe.title,
    )
    # Relative to the rows that were processed: with a limit or dropped labels, they are few of all rows.
    damaged = accounted.rejected.iloc[len(listing.rejected) :]
    refuse_damage(damaged, len(listing.samples), recipe.max_rejected, recipe.title)
    if not len(accounted.positions):
        raise InputError(
            f"{recipe.title}: {recipe.finder.detector} found no face in {len(listing.samples)} rows; try another "
            "detector or a lower confidence."
        )


def _pack(
    folder: Path, recipe: Recipe, facts: Mapping[str, Any], rule: str, accounted: Account, found: extraction.Extraction
) -> FaceDataset:
    provenance = {
        "made_by": "preprocess",
        **_plain(recipe.described()),
        "options": facts["options"],
        RESOLVED: {"detector": recipe.finder.detector, "split_rule": rule},
        "rejected": len(accounted.rejected),
        "lost": len(accounted.lost),
        "facts": _plain(facts),
        "code_version": code_version(),
    }
    notes = {REJECTED_FILE: marked(accounted.rejected).to_csv(index=False)}
    faces, shape = found.faces(accounted.positions), recipe.finder.face_shape
    return write_packed(folder, recipe.title, accounted.samples, faces, shape, provenance, accounted.lost, notes)


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts as ``dataset.json`` has them."""
    return json.loads(json.dumps(facts, default=str))

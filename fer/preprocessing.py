"""Raw faces to a FaceDataset: list, cap, read, resize, pack; what cannot be read is counted and named."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from fer.dataset import FaceDataset, write_packed
from fer.errors import InputError
from fer.identity import code_version
from fer.mixing import limit as cap
from fer.sources import Source, parse_options, source_named
from fer.sources.images import INTERPOLATIONS, prepare_face
from fer.sources.listing import Listing, SourceOptions, rejections

REJECTED_FILE = "rejected.csv"
_BLOCK = 512


@dataclass(frozen=True)
class Recipe:
    """What makes a packed dataset from raw files; with the files, it decides every pixel.

    Attributes:
        source: name in :data:`fer.sources.SOURCES`.
        raw: folder (or file) of the raw data; None for a source that makes its faces.
        name: of the dataset; the source's name by default.
        options: of the source, see its ``Options``.
        size: height and width of a face in pixels.
        channels: 1 (gray) or 3 (RGB).
        interpolation: one of :data:`fer.sources.images.INTERPOLATIONS`.
        limit: at most that many training faces, see :func:`fer.mixing.limit`; None for all.
        seed: of that draw.
        max_rejected: the share of files (0..1) that may be unreadable before the whole is refused.

    """

    source: str
    raw: Path | None = None
    name: str | None = None
    options: Mapping[str, Any] | None = None
    size: int = 48
    channels: int = 1
    interpolation: str = "bilinear"
    limit: int | None = None
    seed: int = 0
    max_rejected: float = 0.01

    @property
    def title(self) -> str:
        """The dataset's name."""
        return self.name or self.source

    def described(self) -> dict[str, Any]:
        """Return the recipe as plain values, for provenance and identity."""
        return {
            "source": self.source,
            "raw": str(self.raw) if self.raw else None,
            "name": self.title,
            "options": dict(self.options or {}),
            "size": self.size,
            "channels": self.channels,
            "interpolation": self.interpolation,
            "limit": self.limit,
            "seed": self.seed,
        }


def preprocess(recipe: Recipe, folder: Path) -> tuple[FaceDataset, pd.DataFrame]:
    """Make the dataset in ``folder`` (which must not exist); return it and the rejected files with reasons.

    ``rejected.csv`` stands beside the faces. Raises InputError for a recipe that names what does not
    exist, and if more than ``max_rejected`` of the files are refused; then nothing is written.
    """
    source, options = _check(recipe)
    listing = source.read(recipe.raw or Path(), options)
    listed = len(listing.samples) + len(listing.rejected)
    if listed == 0:
        raise InputError(f"{recipe.source}: no faces found in {recipe.raw}; check the layout it expects.")
    if recipe.limit is not None and len(listing.samples):
        kept = cap(listing.samples.assign(_at=np.arange(len(listing.samples))), recipe.limit, recipe.seed)
        listing = listing.take(kept["_at"].to_numpy())
    _refuse_damage(listing.rejected, listed, recipe)
    faces, unreadable = _read_all(listing, recipe)
    failed = rejections(list(unreadable.values()))
    _refuse_damage(failed, len(listing.samples), recipe)
    rejected = pd.concat([listing.rejected, failed], ignore_index=True)
    good = np.setdiff1d(np.arange(len(listing.samples)), list(unreadable))
    provenance = {
        "made_by": "preprocess",
        **json.loads(json.dumps(recipe.described(), default=str)),
        "options": options.model_dump(mode="json"),
        "rejected": len(rejected),
        "code_version": code_version(),
    }
    shape = (recipe.size, recipe.size) if recipe.channels == 1 else (recipe.size, recipe.size, 3)
    samples = listing.samples.iloc[good]
    notes = {REJECTED_FILE: rejected.to_csv(index=False)}
    packed = (faces[row] for row in good)
    return write_packed(folder, recipe.title, samples, packed, shape, provenance, notes=notes), rejected


def _check(recipe: Recipe) -> tuple[Source, SourceOptions]:
    source = source_named(recipe.source)
    if recipe.channels not in (1, 3):
        raise InputError(f"channels {recipe.channels} is neither 1 (gray) nor 3 (RGB); give one of these.")
    if not 8 <= recipe.size <= 1024:
        raise InputError(f"size {recipe.size} is outside 8..1024 pixels; 48 and 224 are the studies' sizes.")
    if not 0 <= recipe.max_rejected <= 1:
        raise InputError(f"max_rejected {recipe.max_rejected} is outside 0..1; give a share such as 0.01.")
    if recipe.interpolation not in INTERPOLATIONS:
        raise InputError(f"unknown interpolation {recipe.interpolation!r}; use one of {', '.join(INTERPOLATIONS)}.")
    if source.needs_folder and (recipe.raw is None or not recipe.raw.exists()):
        raise InputError(f"{recipe.source}: there is no {recipe.raw or 'raw folder'}; name the raw data with raw=.")
    given = dict(recipe.options or {})
    if not source.needs_folder:  # A source that draws its faces draws them at the size wanted.
        given = {"size": recipe.size, "channels": recipe.channels, "seed": recipe.seed, **given}
    return source, parse_options(recipe.source, given)


def _read_all(listing: Listing, recipe: Recipe) -> tuple[np.ndarray, dict[int, tuple[str, str]]]:
    """Read and resize all faces: uint8 array over all rows, and (file, reason) by the rows that failed."""
    shape = (recipe.size, recipe.size) if recipe.channels == 1 else (recipe.size, recipe.size, 3)
    faces = np.zeros((len(listing.samples), *shape), dtype=np.uint8)
    names = listing.samples["sample_id"].tolist()
    unreadable: dict[int, tuple[str, str]] = {}

    def read(row: int) -> None:
        try:
            image = listing.read(row)
            faces[row] = prepare_face(image, recipe.size, recipe.channels, recipe.interpolation)
        except (OSError, ValueError) as error:
            unreadable[row] = (names[row], f"unreadable image: {error}")

    rows = iter(tqdm(range(len(faces)), desc=f"reading {recipe.title}", unit="face", disable=None, leave=False))
    # Pillow lets go of the interpreter while it decodes, so threads use all cores.
    with ThreadPoolExecutor() as pool:
        for block in _blocks(rows):
            list(pool.map(read, block))
    return faces, dict(sorted(unreadable.items()))


def _blocks(rows: Iterator[int]) -> Iterator[list[int]]:
    while block := list(islice(rows, _BLOCK)):
        yield block


def _refuse_damage(rejected: pd.DataFrame, listed: int, recipe: Recipe) -> None:
    share = len(rejected) / max(listed, 1)
    if len(rejected) and (share > recipe.max_rejected or len(rejected) == listed):
        first = rejected.iloc[0]
        raise InputError(
            f"{recipe.title}: {len(rejected)} of {listed} files ({share:.1%}) were rejected, more than "
            f"max_rejected={recipe.max_rejected:.1%}; the first is {first['file']} ({first['reason']}): "
            "mend them or raise max_rejected."
        )

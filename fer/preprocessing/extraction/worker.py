"""A worker process: converts a unit of rows (one video, or a block of images) to faces and records on disk.

A worker imports the detector's libraries and nothing else that is heavy: torch and TensorFlow are never loaded
together.
"""

import os
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

from fer.detectors import Detector
from fer.launching.parent import leave_with
from fer.preprocessing.cropping import FoundFace, percent_box
from fer.preprocessing.extraction.finder import Finder
from fer.preprocessing.extraction.results import FACE, FACES_FILE, NO_FACE, RECORD_COLUMNS, RECORDS_FILE
from fer.sources.listing import Listing
from fer.sources.video import VideoError, frames
from fer.storage.folders import atomic_folder, new_array

# One batch is detected while the next is decoded: memory holds two, however long a video or large a picture is.
_BATCH = 16
_BATCH_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Look:
    """One image to look at: the row's position, its pixels, and where they lie in the frame; or the problem."""

    position: int
    pixels: np.ndarray | None
    left: int = 0
    top: int = 0
    outcome: str = ""
    reason: str = ""


_worker: dict[str, Any] = {}


def start(task: Path, threads: int, progress: Path, parent: int) -> None:
    """Prepare this process: ``task`` holds the pickled (listing, finder); ``progress`` counts rows done by unit.

    ``parent`` is the number of the process that started this one. It is not asked for here: a parent that was killed
    while this process started is not this one's parent any more.
    """
    leave_with(parent)
    cv2.setNumThreads(threads)
    for library in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        os.environ[library] = str(threads)
    os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"  # Or the first worker takes all of a GPU's memory.
    listing, finder = pickle.loads(task.read_bytes())
    _worker.update(listing=listing, finder=finder, threads=threads, progress=np.load(progress, mmap_mode="r+"))


def run(number: int, positions: np.ndarray, folder: Path) -> None:
    """Make one unit (:func:`write_unit`) of the listing that :func:`start` was given; ``number`` is its place there."""
    finder: Finder = _worker["finder"]
    if "detector" not in _worker:  # Here and not in start: an exception there would not reach the user.
        _worker["detector"] = finder.open()
    looks = _looks(_worker["listing"], positions, _worker["threads"])

    def count(rows: int) -> None:
        _worker["progress"][number] = rows

    write_unit(folder, looks, positions, finder, _worker["detector"], count)


def write_unit(
    folder: Path,
    looks: Iterator[Look],
    positions: np.ndarray,
    finder: Finder,
    detector: Detector,
    count: Callable[[int], None] = lambda _: None,
) -> None:
    """Make one unit: ``folder`` appears whole, with ``faces.npy`` (one face per position) and ``records.parquet``.

    ``looks`` are those at these positions, in any order; ``count`` is called with the number of rows done so far.
    """
    rows = {int(position): row for row, position in enumerate(positions)}
    with atomic_folder(folder) as partial:
        faces = new_array(partial / FACES_FILE, (len(positions), *finder.face_shape))
        records = []
        for batch in _ahead(_batches(looks)):
            seen = [look.pixels for look in batch if look.pixels is not None]
            answers = iter(finder.find(detector, seen) if seen else [])
            for look in batch:
                face, pixels = (None, None) if look.pixels is None else next(answers)
                if pixels is not None:
                    faces[rows[look.position]] = pixels
                records.append(_record(look, face))
            count(len(records))
        faces.flush()
        table = pd.DataFrame(records, columns=list(RECORD_COLUMNS))
        kinds = {"reason": "str", "detector": "str", "outcome": "str"}
        table.astype(kinds | {name: "float64" for name in RECORD_COLUMNS[3:8]} | {"yaw": "float64"}).to_parquet(
            partial / RECORDS_FILE, index=False
        )
        del faces


def _record(look: Look, face: FoundFace | None) -> tuple:
    if look.pixels is None:
        return (look.position, look.outcome, look.reason, *[np.nan] * 5, None, np.nan, 0)
    if face is None:
        return (look.position, NO_FACE, None, *[np.nan] * 5, None, np.nan, 0)
    x, y, wide, high = face.box
    box = (x + look.left, y + look.top, wide, high)
    return (look.position, FACE, None, *box, face.confidence, face.method, face.yaw, face.others)


def _looks(listing: Listing, positions: np.ndarray, threads: int) -> Iterator[Look]:
    if listing.regions is not None:
        yield from looks_in_video(listing.regions.iloc[positions], positions, threads)
        return
    for position in positions:
        try:
            yield Look(int(position), listing.read(int(position)))
        except (OSError, ValueError) as error:
            yield Look(int(position), None, outcome="unreadable", reason=f"unreadable image: {error}")


def looks_in_video(regions: pd.DataFrame, positions: np.ndarray, threads: int) -> Iterator[Look]:
    """Yield the annotated boxes of one video in the order of its frames; a frame is decoded once for all its boxes."""
    path = Path(regions["file"].iloc[0])
    waiting: dict[int, list[tuple[int, np.ndarray]]] = {}
    boxes = regions[["x", "y", "width", "height"]].to_numpy(dtype=float)
    for position, frame, box in zip(positions, regions["frame"], boxes, strict=True):
        waiting.setdefault(int(frame), []).append((int(position), box))
    unreadable = ""
    try:
        for number, picture in frames(path, list(waiting), threads):
            for position, box in waiting.pop(number):
                place = percent_box(box, *picture.shape[:2])
                if place is None:
                    yield Look(position, None, outcome="box outside", reason="its box has no pixel within the frame")
                    continue
                left, top, right, bottom = place
                # A copy, so that the frame itself is freed.
                yield Look(position, picture[top:bottom, left:right].copy(), left, top)
    except VideoError as error:
        unreadable = str(error)
    outcome = "video unreadable" if unreadable else "frame missing"
    for frame, rows in waiting.items():
        reason = unreadable or f"{path.name} has no frame {frame} (it ends before, or is damaged there)"
        for position, _ in rows:
            yield Look(position, None, outcome=outcome, reason=reason)


def _batches(looks: Iterator[Look]) -> Iterator[list[Look]]:
    """Yield up to 16 looks at a time, fewer of large pictures."""
    batch: list[Look] = []
    for look in looks:
        batch.append(look)
        if len(batch) == _BATCH or sum(one.pixels.nbytes for one in batch if one.pixels is not None) > _BATCH_BYTES:
            yield batch
            batch = []
    if batch:
        yield batch


def _ahead(batches: Iterator[list[Look]]) -> Iterator[list[Look]]:
    """Yield the batches; another thread makes the next one meanwhile (decoders release the interpreter lock)."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = pool.submit(next, batches, None)
            yield batch

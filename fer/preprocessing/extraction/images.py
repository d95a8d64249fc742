"""Images that are faces already: read, resized and kept on disk by threads, without detection."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from fer.data.samples import BOX
from fer.preprocessing.extraction.finder import Finder
from fer.preprocessing.extraction.results import FACE, RECORD_COLUMNS, Extraction
from fer.sources.images import prepare_face
from fer.sources.listing import Listing
from fer.storage.folders import new_array

_BLOCK = 512


def read_images(listing: Listing, finder: Finder, folder: Path, workers: int | None, title: str) -> Extraction:
    """Read every image of the listing; what cannot be read is recorded as ``unreadable``.

    Where a row has a box, :data:`fer.data.samples.BOX` in pixels of its image, the face is the content of the box.

    Memory is that of a few images: the faces lie in a file in ``folder``, which the caller removes. ``workers``:
    number of threads; None: Python's default.
    """
    count = len(listing.samples)
    file = folder / "read.npy"
    faces = new_array(file, (count, *finder.face_shape))
    problems: dict[int, tuple[str, str]] = {}

    boxes = _boxes(listing.samples)

    def read(row: int) -> None:
        try:
            image = listing.read(row)
        except (OSError, ValueError) as error:
            problems[row] = ("unreadable", f"unreadable image: {error}")
            return
        if boxes is not None and not np.isnan(boxes[row]).any():
            height, width = image.shape[:2]
            image = _within(image, boxes[row])
            if not image.size:
                given = ", ".join(f"{value:g}" for value in boxes[row])
                problems[row] = ("box outside", f"its box {given} (x, y, width, height) is not in its {width}x{height}")
                return
        faces[row] = prepare_face(image, finder.size, finder.channels, finder.interpolation)

    # Pillow releases the interpreter lock while it decodes, so threads use all cores.
    with (
        ThreadPoolExecutor(workers) as pool,
        tqdm(total=count, desc=f"reading {title}", unit="face", disable=None, leave=False) as bar,
    ):
        for start in range(0, count, _BLOCK):
            rows = range(start, min(start + _BLOCK, count))
            list(pool.map(read, rows))
            bar.update(len(rows))
    records = pd.DataFrame(index=range(count), columns=list(RECORD_COLUMNS)).assign(
        position=np.arange(count),
        outcome=[problems[row][0] if row in problems else FACE for row in range(count)],
        reason=[problems[row][1] if row in problems else None for row in range(count)],
    )
    faces.flush()
    return Extraction(records, {"read": file}, [("read", row) for row in range(count)])


def _boxes(samples: pd.DataFrame) -> np.ndarray | None:
    """Return the boxes, float (n, 4), NaN where a row has none; None if no row has one."""
    if not {*BOX} <= {*samples}:
        return None
    return samples[list(BOX)].to_numpy(dtype=float, na_value=np.nan)


def _within(image: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Return the part of an image in a box (x, y, width, height in pixels); empty if there is none."""
    left, top = np.maximum(np.floor(box[:2]), 0)
    right, bottom = np.minimum(np.ceil(box[:2] + box[2:]), (image.shape[1], image.shape[0]))
    if right <= left or bottom <= top or min(box[2:]) <= 0:
        return image[:0, :0]
    return image[int(top) : int(bottom), int(left) : int(right)]

"""Images that are faces already: read, resized and kept on disk by threads; nothing is looked for."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from fer.preprocessing.extraction.finder import Finder
from fer.preprocessing.extraction.results import FACE, RECORD_COLUMNS, Extraction
from fer.sources.images import prepare_face
from fer.sources.listing import Listing
from fer.storage.folders import new_array

_BLOCK = 512


def read_images(listing: Listing, finder: Finder, folder: Path, workers: int | None, title: str) -> Extraction:
    """Read every image of the listing; what cannot be read is recorded as ``unreadable``.

    Memory is that of a few images: the faces lie in a file in ``folder``, which the caller removes. ``workers``:
    threads; None: as many as Python thinks fit.
    """
    count = len(listing.samples)
    file = folder / "read.npy"
    faces = new_array(file, (count, *finder.face_shape))
    problems: dict[int, str] = {}

    def read(row: int) -> None:
        try:
            faces[row] = prepare_face(listing.read(row), finder.size, finder.channels, finder.interpolation)
        except (OSError, ValueError) as error:
            problems[row] = f"unreadable image: {error}"

    # Pillow lets go of the interpreter while it decodes, so threads use all cores.
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
        outcome=["unreadable" if row in problems else FACE for row in range(count)],
        reason=[problems.get(row) for row in range(count)],
    )
    faces.flush()
    return Extraction(records, {"read": file}, [("read", row) for row in range(count)])

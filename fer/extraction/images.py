"""Images that are faces already: read, resized and kept on disk by threads; nothing is looked for."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from fer.extraction.finder import Finder
from fer.extraction.results import FACE, RECORD_COLUMNS, Extraction
from fer.sources.images import prepare_face
from fer.sources.listing import Listing

_BLOCK = 512


def read_images(listing: Listing, finder: Finder, work: Path, title: str) -> Extraction:
    """Read every image of the listing; what cannot be read is recorded as ``unreadable``.

    Memory is that of a few images: the faces lie in a file in ``work``.
    """
    work.mkdir(parents=True, exist_ok=True)
    count = len(listing.samples)
    shape = (count, *finder.face_shape)
    faces = np.lib.format.open_memmap(work / "read.npy", mode="w+", dtype=np.uint8, shape=shape)
    problems: dict[int, str] = {}

    def read(row: int) -> None:
        try:
            faces[row] = prepare_face(listing.read(row), finder.size, finder.channels, finder.interpolation)
        except (OSError, ValueError) as error:
            problems[row] = f"unreadable image: {error}"

    # Pillow lets go of the interpreter while it decodes, so threads use all cores.
    with (
        ThreadPoolExecutor() as pool,
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
    return Extraction(records, {"read": faces}, [("read", row) for row in range(count)])

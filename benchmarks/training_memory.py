"""Peak memory of training `cnn` on a dataset and on one with ten times its faces: it must not grow with the pixels.

    python -m benchmarks.training_memory

Anonymous memory (RssAnon of /proc) is measured twenty times per second while one epoch is trained and the dataset's
digest is checked. The faces are in a memory-mapped file, whose pages the kernel reclaims when needed, so only anonymous
memory has to fit into the machine's memory.
"""

import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from tabulate import tabulate

from benchmarks.video_memory import watched
from fer.data.dataset import write_packed
from fer.data.emotions import EMOTIONS

SHAPE = (64, 64, 3)
FACES = (3_000, 30_000)
WATCHED = 350
PROGRAM = """
import sys
from dataclasses import replace
from fer.data.dataset import load_dataset
from fer.training import adjusted, protocol_named
from fer.training.fit import train
protocol = adjusted(protocol_named("scratch"), epochs=[1])
trained = train(load_dataset(sys.argv[1]), "cnn", protocol, 0)
print(f"{trained.history['train/images_per_second'].iloc[0]:.0f}")
"""


def packed(folder: Path, faces: int) -> float:
    """Write a dataset of random pixels; return its size in MB."""
    stream = np.random.default_rng(0)
    count = faces + WATCHED
    samples = pd.DataFrame(
        {
            "sample_id": [f"{row:06d}" for row in range(count)],
            "label": [EMOTIONS[row % len(EMOTIONS)] for row in range(count)],
            "split": ["train"] * faces + ["validation"] * WATCHED,
        }
    )
    drawn = (stream.integers(0, 256, SHAPE, dtype=np.uint8) for _ in range(count))
    write_packed(folder, "random", samples, drawn, SHAPE, {"made_by": "benchmark"})
    return count * np.prod(SHAPE) / 1e6


def main() -> None:
    """Measure and print."""
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        environment = {**os.environ, "FER_CACHE": str(root / "cache"), "TF_CPP_MIN_LOG_LEVEL": "3"}
        for faces in FACES:
            size = packed(root / str(faces), faces)
            rate, peak, _ = watched([sys.executable, "-c", PROGRAM, str(root / str(faces))], environment)
            rows.append((f"{faces:,}", f"{size:,.0f}", f"{peak:,.0f}", rate))
    print(tabulate(rows, headers=["faces", "pixels, MB", "peak anonymous, MB", "images/s"], disable_numparse=True))


if __name__ == "__main__":
    main()

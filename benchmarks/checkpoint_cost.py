"""The cost of checkpoints: their size, the time that one takes, and their share of the training time.

    python -m benchmarks.checkpoint_cost [--pixels 224]

`cnn` by `scratch` and ResNet50V2 by study A's protocol from the trunk cache, on 891 + 431 drawn faces, with random
weights. A checkpoint is skipped if less than ten times its own duration has passed since the last one.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from tabulate import tabulate

from fer.preprocessing.pipeline import Recipe, preprocess
from fer.training import adjusted, checkpoint, protocol_named
from fer.training.fit import train

TRAININGS = (("cnn", "scratch", [8]), ("resnet50v2", "eila", [15, 15]))


class Watched:
    """The checkpoints of one training: seconds and bytes of each, by phase."""

    def __init__(self, folder: Path):
        self.taken: list[tuple[int, float, int]] = []
        self._folder, self._write = folder, checkpoint.write

    def __enter__(self) -> "Watched":
        checkpoint.write = self._timed
        return self

    def __exit__(self, *_: object) -> None:
        checkpoint.write = self._write

    def _timed(self, folder: Path, state: checkpoint.State) -> None:
        began = time.perf_counter()
        self._write(folder, state)
        size = sum(path.stat().st_size for path in folder.iterdir())
        self.taken.append((state.phase, time.perf_counter() - began, size))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pixels", type=int, default=224)
    pixels = parser.parse_args().pixels
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        os.environ["FER_CACHE"] = str(root / "cache")
        options = {"train": 891, "validation": 431, "test": 7}
        dataset = preprocess(Recipe("synthetic", options=options), root / "faces").dataset
        for backbone, protocol, epochs in TRAININGS:
            folder = root / backbone
            folder.mkdir()
            with Watched(folder) as watched:
                given = {} if backbone == "cnn" else {"input_size": pixels}
                chosen = adjusted(protocol_named(protocol), epochs=epochs)
                trained = train(dataset, backbone, chosen, 0, weights="none", folder=folder, **given)
            seconds = trained.seconds - trained.trunk_seconds
            for number, phase in enumerate(chosen.phases):
                taken = [(spent, size) for at, spent, size in watched.taken if at == number]
                spent = sum(one for one, _ in taken)
                done = (trained.history["phase"] == phase.name).sum()
                rows.append(
                    (backbone, phase.name, done, f"{max(size for _, size in taken) / 1e6:.0f}", len(taken))
                    + (f"{spent / len(taken):.2f}", f"{spent / seconds:.1%}")
                )
    headers = ["backbone", "phase", "epochs", "MB on disk", "written", "seconds each", "share of training time"]
    print(tabulate(rows, headers=headers, disable_numparse=True))


if __name__ == "__main__":
    main()

"""A million faces through integrate, training and evaluate: seconds, and the memory that each process takes.

    python -m benchmarks.million_faces [--faces 1000000] [--tested 50000] [--steps 100]

A few thousand drawn faces (48x48, gray) are repeated, each with a small change so that no two are equal. `integrate`
mixes a set of a tenth of their number into them, `train` trains `cnn` for one epoch of ``--steps`` batches of 256 on
the mixture (0: the whole epoch), and `evaluate` tests it. Peak memory is anonymous memory (RssAnon of /proc), without
the mapped pixels: the kernel reclaims their pages when needed. Run it with two numbers of faces to see what grows.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from tabulate import tabulate

from benchmarks.video_memory import anonymous_memory
from fer.data.dataset import load_dataset, write_packed
from fer.preprocessing.pipeline import Recipe, preprocess

ROOT = Path(__file__).parents[1]
DRAWN = {"train": 1400, "validation": 420, "test": 420, "groups": ["group_a", "group_b"], "shares": [1, 1]}
SHAPE = (48, 48)


def repeated(drawn: Path, folder: Path, name: str, counts: dict[str, int], first: int) -> float:
    """Write a dataset of drawn faces, repeated to ``counts`` by split; return the seconds that this takes."""
    began = time.monotonic()
    known = load_dataset(drawn)
    parts, places = [], []
    for split, count in counts.items():
        of_split = np.flatnonzero((known.samples["split"] == split).to_numpy())
        chosen = np.resize(of_split, count)
        part = known.samples.iloc[chosen][["label", "split", "race", "person"]].reset_index(drop=True)
        part["sample_id"] = [f"{split}_{row:08d}" for row in range(first, first + count)]
        part["person"] = part["person"].astype(str) + "_" + (np.arange(count) // len(of_split)).astype(str)
        parts.append(part)
        places.append(chosen)
    pixels = known.faces(slice(None))
    pixels = pixels[..., 0] if pixels.ndim == 4 else pixels
    faces, samples = changed(pixels, np.concatenate(places), first), pd.concat(parts, ignore_index=True)
    write_packed(folder, name, samples, faces, SHAPE, {"made_by": "benchmark"})
    return time.monotonic() - began


def changed(pixels: np.ndarray, places: np.ndarray, first: int):
    """Yield the faces at these places; four pixels of each hold its number."""
    for number, place in enumerate(places, first):
        face = pixels[place].copy()
        face[0, :4] = np.frombuffer(np.uint32(number).tobytes(), np.uint8)
        yield face


def watched(words: list[str], environment: dict[str, str]) -> tuple[float, float, str]:
    """Run an entry point; return its seconds, its largest anonymous memory in MB, and what it printed."""
    began, most = time.monotonic(), 0.0
    with tempfile.TemporaryFile("w+") as shown:
        process = subprocess.Popen(
            [sys.executable, "-m", *words], cwd=ROOT, env=environment, stdout=shown, stderr=shown
        )
        while process.poll() is None:
            most = max(most, anonymous_memory(process.pid))
            time.sleep(0.1)
        shown.seek(0)
        text = shown.read()
    if process.returncode:
        raise SystemExit(text[-3000:])
    return time.monotonic() - began, most, text


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faces", type=int, default=1_000_000)
    parser.add_argument("--tested", type=int, default=50_000)
    parser.add_argument("--steps", type=int, default=100)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        preprocess(Recipe("synthetic", options=DRAWN), root / "drawn")
        environment = {
            **os.environ, "MLFLOW_TRACKING_URI": f"sqlite:///{root}/mlflow.db", "FER_CACHE": str(root / "cache"),
            "MLFLOW_EXPERIMENT_NAME": "many",
        }  # fmt: skip
        counts = {"train": given.faces - 5_000 - given.tested, "validation": 5_000, "test": given.tested}
        added = {"train": given.faces // 10, "validation": 500, "test": 500}
        rows = [("write the faces", repeated(root / "drawn", root / "base", "base", counts, 0), float("nan"))]
        repeated(root / "drawn", root / "more", "more", added, 2 * given.faces)
        size = (root / "base" / "faces.npy").stat().st_size / 1e6

        def step(name: str, **options: object) -> str:
            words = [word for key, value in options.items() for word in (f"--{key.replace('_', '-')}", str(value))]
            seconds, most, text = watched([f"entrypoints.{name}", *words], environment)
            rows.append((name, seconds, most))
            print(name, f"{seconds:.0f} s, {most:.0f} MB", flush=True)
            return text

        mixed = step("integrate", base=root / "base", addition=root / "more", fraction=1, seed=0)
        address = next(line.split()[-1] for line in mixed.splitlines() if line.startswith("dataset: "))
        steps = {"steps_per_epoch": given.steps} if given.steps else {}
        trained = step("train", dataset=address, backbone="cnn", epochs=1, batch_size=256, augmentation="none", **steps)
        model = next(line.split()[-1] for line in trained.splitlines() if line.startswith("model: "))
        step("evaluate", model=model, dataset=root / "base", attributes="race")
        print(f"{given.faces:,} faces, {size:,.0f} MB of pixels; batches of the epoch: {given.steps or 'all'}")
        print(tabulate(rows, headers=["step", "seconds", "peak memory, MB"], floatfmt=".0f"))


if __name__ == "__main__":
    main()

"""A million faces through integrate, training and evaluate: seconds, and the memory that each process takes.

    python -m benchmarks.million_faces [--faces 1000000] [--tested 50000] [--steps 0] [--input-size 48]

A few thousand drawn faces (48x48, gray) are repeated, each with a small change so that no two are equal. `integrate`
mixes a set of a tenth of their number into them, `train` trains `cnn` in bfloat16 for one epoch on the mixture
(``--steps``: of that many batches of 256; ``--input-size 24`` takes about a quarter of the time), and `evaluate` tests
it. Peak memory is anonymous memory (RssAnon of /proc), without the mapped pixels: the kernel reclaims their pages when
needed. Run it with two numbers of faces to see what grows. With ``--folder``, faces and results stay there, and the
same command goes on where an earlier one was stopped.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
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
    parser.add_argument("--steps", type=int, default=0, help="Batches of the epoch; 0: all.")
    parser.add_argument("--input-size", type=int, default=48, help="Pixels of a side that the network takes.")
    parser.add_argument("--folder", type=Path, help="Where faces and results stay; by default they are removed.")
    given = parser.parse_args()
    with ExitStack() as held:
        root = given.folder or Path(held.enter_context(tempfile.TemporaryDirectory()))
        root.mkdir(parents=True, exist_ok=True)
        root, results = root.resolve(), root / "results.json"
        rows = json.loads(results.read_text()) if results.is_file() else {}
        environment = {
            **os.environ, "MLFLOW_TRACKING_URI": f"sqlite:///{root}/mlflow.db", "FER_CACHE": str(root / "cache"),
            "MLFLOW_EXPERIMENT_NAME": "many",
        }  # fmt: skip
        counts = {"train": given.faces - 5_000 - given.tested, "validation": 5_000, "test": given.tested}
        added = {"train": given.faces // 10, "validation": 500, "test": 500}
        if not (root / "more").exists():
            if not (root / "drawn").exists():
                preprocess(Recipe("synthetic", options=DRAWN), root / "drawn")
            if not (root / "base").exists():
                rows["write the faces"] = [repeated(root / "drawn", root / "base", "base", counts, 0), float("nan"), ""]
            repeated(root / "drawn", root / "more", "more", added, 2 * given.faces)

        def step(name: str, result: str, **options: object) -> str:
            """Run a step, unless an earlier call has; return the last word of the line that begins with ``result``."""
            if name not in rows:
                words = [word for key, value in options.items() for word in (f"--{key.replace('_', '-')}", str(value))]
                seconds, most, text = watched([f"entrypoints.{name}", *words], environment)
                said = (line.split()[-1] for line in text.splitlines() if result and line.startswith(result))
                rows[name] = [seconds, most, next(said, "")]
                results.write_text(json.dumps(rows))
                print(name, f"{seconds:.0f} s, {most:.0f} MB", flush=True)
            return rows[name][2]

        mixed = step("integrate", "dataset: ", base=root / "base", addition=root / "more", fraction=1, seed=0)
        steps = {"steps_per_epoch": given.steps} if given.steps else {}
        model = step(
            "train", "model: ", dataset=mixed, backbone="cnn", precision="mixed_bfloat16", epochs=1, batch_size=256,
            augmentation="none", input_size=given.input_size, **steps,
        )  # fmt: skip
        step("evaluate", "", model=model, dataset=root / "base", attributes="race")
        size = (root / "base" / "faces.npy").stat().st_size / 1e6
    steps = given.steps or "all"
    print(f"{given.faces:,} faces, {size:,.0f} MB of pixels; batches of 256: {steps}, at {given.input_size} pixels")
    shown = [(name, seconds, most) for name, (seconds, most, _) in rows.items()]
    print(tabulate(shown, headers=["step", "seconds", "peak memory, MB"], floatfmt=".0f"))


if __name__ == "__main__":
    main()

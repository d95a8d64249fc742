"""The effect on training of a tracking server that is killed and restarted a minute later.

    python -m benchmarks.tracker_outage [--seconds 60] [--epochs 150]

Trains `cnn` by the entry point against the benchmark's own `mlflow server`, which gets SIGKILL after a few epochs and
is restarted on the same port and database. Prints the duration of epochs before, during and after the outage, and what
the server has in the end.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import mlflow
from tabulate import tabulate

from fer.preprocessing.pipeline import Recipe, preprocess
from tests.support.tracking_servers import MortalServer

ROOT = Path(__file__).parents[1]
BEFORE = 5


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--epochs", type=int, default=150)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as held:
        root = Path(scratch)
        preprocess(Recipe("synthetic", options={"train": 700, "validation": 210, "test": 7}), root / "faces")
        server = MortalServer(root, held)
        environment = {**os.environ, "MLFLOW_TRACKING_URI": server.address, "FER_CACHE": str(root / "cache")}
        command = [sys.executable, "-m", "entrypoints.train", "--dataset", str(root / "faces"), "--backbone", "cnn"]
        training = subprocess.Popen([*command, "--epochs", str(given.epochs)], cwd=ROOT, env=environment)
        try:
            while _written(root) < BEFORE:
                time.sleep(0.1)
            server.kill()
            gone = time.time()
            time.sleep(given.seconds)
            kept = _written(root)
            server.start()
            back = time.time()
            training.wait()
            _report(server, gone, back, f"{kept} of {given.epochs}")
        finally:
            training.kill()


def _written(root: Path) -> int:
    """Return the number of finished epochs."""
    return sum(len(file.read_text().splitlines()) - 1 for file in root.glob("cache/training/*/metrics.jsonl"))


def _report(server: MortalServer, gone: float, back: float, kept: str) -> None:
    mlflow.set_tracking_uri(server.address)
    run = mlflow.search_runs(search_all_experiments=True, output_format="list")[0]
    history = mlflow.MlflowClient().get_metric_history(run.info.run_id, "train/loss")
    times = sorted(entry.timestamp / 1000 for entry in history)
    parts = {"before": (0.0, gone), "during": (gone, back), "after": (back, float("inf"))}
    rows = []
    for name, (begin, end) in parts.items():
        lengths = [later - earlier for earlier, later in pairwise(times) if begin <= later < end]
        rows.append((name, len(lengths), f"{statistics.median(lengths):.2f}", f"{max(lengths):.2f}"))
    print(tabulate(rows, headers=["the outage", "epochs", "seconds each (median)", "longest"]))
    counts = Counter(entry.step for entry in history)
    print(f"the server was away for {back - gone:.0f} s; {kept} epochs were done when it was started again")
    print(f"run {run.info.status}; epochs on the server: {len(counts)}, of which more than once: ", end="")
    print(sum(count > 1 for count in counts.values()))


if __name__ == "__main__":
    main()

"""A training that loses its tracking server, against one that does not: is all of it on the server in the end, once?

    python -m benchmarks.server_outage [--epochs 60] [--seconds 60] [--faces 700] [--cases "away for a while,disk full"]

Trains `cnn` by the entry point, always with the same seed, against the benchmark's own `mlflow server`:

- undisturbed;
- the server gets SIGKILL after a few epochs and is started again a minute later;
- it gets SIGKILL and is started only when the training's process has ended; then `sync`, which is killed once and
  started again;
- the disk with its database and artifacts is full from the same epoch on (a small file system in memory, which takes
  root), and has room again when the process has ended; then `sync`;
- offline from the beginning (`--offline true`), then `sync`.

Each must have the same metrics at the same steps, parameters, tags, files and model as the undisturbed one, each once.
Seconds, speeds and the time of the day are not compared.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import mlflow
from tabulate import tabulate

from fer.preprocessing.pipeline import Recipe, preprocess
from tests.support.tracking_servers import MortalServer

ROOT = Path(__file__).parents[1]
BEFORE = 4
SIZE = 60_000_000
# What two trainings of one seed differ in.
_TIMES = ("seconds", "per_second")


class Place:
    """A server, its data and the environment of the commands that use it."""

    def __init__(self, root: Path, held: ExitStack, disk: Path | None = None):
        self.root, self.disk = root, disk or root / "server"
        self.disk.mkdir(parents=True, exist_ok=True)
        self.server = MortalServer(self.disk, held)
        self.environment = {
            **os.environ,
            "MLFLOW_TRACKING_URI": self.server.address,
            "MLFLOW_EXPERIMENT_NAME": "outage",
            "FER_CACHE": str(root / "cache"),
            "FER_JOURNAL": str(root / "journal"),
        }

    def command(self, name: str, *words: str) -> subprocess.Popen:
        """Start an entry point."""
        return subprocess.Popen([sys.executable, "-m", f"entrypoints.{name}", *words], cwd=ROOT, env=self.environment)

    def epochs(self) -> int:
        """Return the number of finished epochs of the training that runs."""
        files = self.root.glob("cache/training/*/metrics.jsonl")
        return sum(len(file.read_text().splitlines()) - 1 for file in files)


def main() -> None:
    """Run the trainings and print what each has on the server."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--faces", type=int, default=700)
    parser.add_argument("--cases", default="", help="Some of them, after the undisturbed one; all by default.")
    given = parser.parse_args()
    cases = {"undisturbed": nothing, "away for a while": away(given.seconds), "away to the end": away(None)}
    cases |= {"disk full": full} if os.geteuid() == 0 else {}
    cases |= {"offline": nothing}
    wanted = given.cases.split(",") if given.cases else list(cases)
    cases = {name: disturb for name, disturb in cases.items() if name in ("undisturbed", *wanted)}
    rows, expected = [], None
    with tempfile.TemporaryDirectory() as scratch:
        faces = Path(scratch) / "faces"
        preprocess(Recipe("synthetic", options={"train": given.faces, "validation": 70, "test": 7}), faces)
        for name, disturb in cases.items():
            with ExitStack() as held:
                root = Path(scratch) / name.replace(" ", "_")
                place = Place(root, held, mounted(root, held) if name == "disk full" else None)
                began = time.monotonic()
                code, later = trained(place, faces, given.epochs, disturb, name == "offline")
                found = content(place)
                expected = expected or found
                differs = sorted(key for key in found.keys() | expected.keys() if found.get(key) != expected.get(key))
                for key in differs:
                    print(f"{name}: {key}: {str(found.get(key))[:300]} against {str(expected.get(key))[:300]}")
                points = sum(len(steps) for steps in found["points"].values())
                twice = sum(len(steps) - len(set(steps)) for steps in found["points"].values())
                rows.append((name, time.monotonic() - began, code, later, points, twice, ", ".join(differs) or "equal"))
                print(*rows[-1], sep="; ", flush=True)
    headers = ["the server was", "seconds", "exit", "sync", "points", "twice", "against the undisturbed"]
    print(tabulate(rows, headers=headers, floatfmt=".0f"))
    if any(row[-1] != "equal" or row[-2] for row in rows):
        raise SystemExit(1)


def trained(place: Place, faces: Path, epochs: int, disturb, offline: bool) -> tuple[int, str]:
    """Train, with the server disturbed; return the exit code and how often `sync` was needed."""
    words = ["--dataset", str(faces), "--backbone", "cnn", "--epochs", str(epochs), "--offline", str(offline).lower()]
    process = place.command("train", *words)
    try:
        repair = disturb(place)
        code = process.wait()
    finally:
        process.kill()
    repair()
    if code == 0 and not offline:
        return code, "not needed"
    interrupted = place.command("sync")
    time.sleep(6)
    interrupted.send_signal(signal.SIGKILL)
    interrupted.wait()
    if place.command("sync").wait() != 0:
        raise SystemExit("sync failed.")
    return code, "killed, then again"


def nothing(place: Place):
    """Leave the server alone."""
    return lambda: None


def away(seconds: float | None):
    """Kill the server after a few epochs, and start it again after these seconds; None: when the training has ended."""

    def disturb(place: Place):
        _wait(place)
        place.server.kill()
        if seconds is None:
            return place.server.start
        before = place.epochs()
        time.sleep(seconds)
        place.server.start()
        print(f"the server was away from epoch {before} to {place.epochs()}", flush=True)
        return lambda: None

    return disturb


def full(place: Place):
    """Fill the server's disk after a few epochs."""
    _wait(place)
    filler = place.disk / "filler"
    with suppress(OSError), open(filler, "wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    return filler.unlink


def mounted(root: Path, held: ExitStack) -> Path:
    """Return a small file system of its own."""
    disk = root / "disk"
    disk.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(disk)], check=True)
    held.callback(lambda: subprocess.run(["umount", "--lazy", str(disk)], check=True))
    return disk


def _wait(place: Place) -> None:
    while place.epochs() < BEFORE:
        time.sleep(0.1)


def content(place: Place) -> dict:
    """Return what the server has of the one training, in a form that two trainings of one seed share."""
    mlflow.set_tracking_uri(place.server.address)
    client = mlflow.MlflowClient()
    runs = mlflow.search_runs(search_all_experiments=True, output_format="list")
    run = runs[0]
    histories = {name: client.get_metric_history(run.info.run_id, name) for name in run.data.metrics}
    values = {
        name: sorted((point.step, point.value) for point in history)
        for name, history in histories.items()
        if not any(part in name for part in _TIMES)
    }
    tags = {name for name in run.data.tags if name not in ("fer.synced_from", "mlflow.user")}
    models = [client.get_logged_model(one.model_id) for one in run.outputs.model_outputs]
    return {
        "runs": [(one.info.run_name, one.info.status) for one in runs],
        "points": {name: sorted(point.step for point in history) for name, history in histories.items()},
        "values": values,
        "parameters": run.data.params,
        "tags": tags,
        "description": run.data.tags["mlflow.note.content"].split(" in ")[0],
        "files": sorted(path.split("+timestamp")[0] for path in files(client, run.info.run_id)),
        "inputs": [(one.dataset.name, one.dataset.digest) for one in run.inputs.dataset_inputs],
        "models": [(one.name, str(one.status), one.params, sorted(m.key for m in one.metrics)) for one in models],
        "model files": [sorted(client_files(one.artifact_location, place.server.address)) for one in models],
        "logged models": len(client.search_logged_models([run.info.experiment_id])),
    }


def files(client: mlflow.MlflowClient, run_id: str, folder: str | None = None) -> list[str]:
    """Return the paths of all files of a run."""
    found: list[str] = []
    for entry in client.list_artifacts(run_id, folder):
        found += files(client, run_id, entry.path) if entry.is_dir else [entry.path]
    return found


def client_files(location: str, address: str) -> list[tuple[str, int]]:
    """Return the files of a model with their sizes; that of its description depends on where it is."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(
            mlflow.artifacts.download_artifacts(artifact_uri=location, dst_path=scratch, tracking_uri=address)
        )
        sized = [(path, path.stat().st_size) for path in folder.rglob("*") if path.is_file()]
        return [(str(path.relative_to(folder)), 0 if path.name == "MLmodel" else size) for path, size in sized]


if __name__ == "__main__":
    main()

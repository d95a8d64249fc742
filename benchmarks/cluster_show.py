"""Show that a study and a search have the same results wherever they are computed, and whatever is killed meanwhile.

Each show runs real entry points on drawn faces and prints what it found; it ends with an error if something is not as
it should be. ``--server`` is the address of a tracking store or server, ``--storage`` that of a database for Optuna and
for claims; both may be PostgreSQL. For ``slurm``, this machine must be a login node of a cluster (two nodes on one
machine do: ``docs/cluster.md``).

    python -m benchmarks.cluster_show --folder /tmp/show inline processes ray slurm
    python -m benchmarks.cluster_show --folder /tmp/show --killed inline processes ray slurm
    python -m benchmarks.cluster_show --folder /tmp/show --storage postgresql://... drivers tune
    python -m benchmarks.cluster_show --folder /tmp/show efficiency
"""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import mlflow
import optuna
import yaml

from fer.tracking import names

ROOT = Path(__file__).parents[1]
GROUPS = ["group_a", "group_b", "group_c"]
FACES = {"groups": GROUPS, "train": 140, "validation": 70, "dialect": 0.7}
THREADS = "{threads: 1}"


def study_file(folder: Path, seeds: int) -> Path:
    """Write a study of two mixtures and some seeds; return its path."""
    alone = {**FACES, "shares": [1, 0, 0], "test": 28, "seed": 1}
    everyone = {**FACES, "shares": [1, 1, 1], "test": 84, "seed": 2}
    content = {
        "name": "show",
        "about": "drawn faces",
        "datasets": {
            "alone": {"source": "synthetic", "title": "alone", "options": alone},
            "everyone": {"source": "synthetic", "title": "everyone", "options": everyone},
        },
        "mixtures": [{"base": "alone", "addition": "everyone", "fractions": [0, 1]}],
        "test": {"dataset": "everyone", "split": "test", "attributes": ["race"]},
        "training": {"backbone": "assistive1", "epochs": 1},
        "seeds": list(range(seeds)),
    }
    path = folder / "show.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


class Place:
    """A folder with a store, a cache and a working folder of its own, in which entry points are started."""

    def __init__(self, folder: Path, name: str, server: str | None = None, **variables: str) -> None:
        self.folder = folder / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.store = server or f"sqlite:///{self.folder}/mlflow.db"
        mlflow.MlflowClient(self.store).search_experiments()  # Makes its tables, before others do at the same time.
        self.environment = {
            **os.environ,
            "MLFLOW_TRACKING_URI": self.store,
            "MLFLOW_EXPERIMENT_NAME": name,
            "FER_CACHE": str(self.folder / "cache"),
            "PYTHONPATH": str(ROOT),
            **variables,
        }

    def start(self, entry: str, *words: str, log: str = "log") -> subprocess.Popen:
        """Start an entry point; what it prints is in ``<log>.txt`` and ``<log>.err``."""
        command = [sys.executable, "-m", f"entrypoints.{entry}", *words]
        with open(self.folder / f"{log}.txt", "w") as out, open(self.folder / f"{log}.err", "w") as err:
            return subprocess.Popen(command, cwd=self.folder, env=self.environment, stdout=out, stderr=err)

    def tables(self, log: str = "log") -> str:
        """Return what an entry point has printed."""
        return (self.folder / f"{log}.txt").read_text(encoding="utf-8")

    def runs(self, stage: str) -> list:
        """Return all runs of a stage."""
        client = mlflow.MlflowClient(self.store)
        known = client.get_experiment_by_name(self.name)
        if known is None:
            return []
        return list(client.search_runs([known.experiment_id], f"tags.`{names.STAGE}` = '{stage}'", max_results=1000))


def until(what: str, true: Callable[[], bool], seconds: float = 900.0) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise SystemExit(f"not within {seconds:.0f} s: {what}")
        time.sleep(1)


def ended(process: subprocess.Popen, what: str) -> None:
    """Wait for an entry point, which must succeed."""
    if process.wait(1800) != 0:
        raise SystemExit(f"{what} ended with {process.returncode}")


def finished(place: Place) -> int:
    """Return the number of finished cells."""
    return sum(run.info.status == "FINISHED" for run in place.runs(names.CELL_STAGE))


def running(place: Place) -> int:
    """Return the number of cells that the server takes for running."""
    return sum(run.info.status == "RUNNING" for run in place.runs(names.CELL_STAGE))


def check(place: Place, cells: int, what: str) -> None:
    """Every cell has one finished run, every training too, and nothing is left running."""
    runs = place.runs(names.CELL_STAGE)
    states = Counter(run.info.status for run in runs)
    once = Counter(run.data.tags[names.IDENTITY] for run in runs if run.info.status == "FINISHED")
    trained = Counter(
        run.data.tags[names.IDENTITY] for run in place.runs(names.TRAIN_STAGE) if run.info.status == "FINISHED"
    )
    say(f"{what}: cells {dict(states)}, finished once each: {len(once)} of {cells}, trainings {len(trained)}")
    good = len(once) == cells and set(once.values()) == {1} and set(trained.values()) == {1} and not states["RUNNING"]
    if not good:
        raise SystemExit(f"{what}: not every cell is finished once")


def say(line: str) -> None:
    """Print a line with the time."""
    click.echo(f"{time.strftime('%H:%M:%S')} {line}")


def words_of(launcher: str, file: Path, address: str = "") -> list[str]:
    """Return the options of a study under a launcher, two workers of one thread each."""
    options = {"ray": f"{{address: '{address}'}}" if address else "none", "slurm": "{memory: 3}"}
    words = ["--config", str(file), "--launcher", launcher, "--launcher-options", options.get(launcher, THREADS)]
    return words if launcher == "inline" else [*words, "--workers", "2"]


class RayNodes:
    """A Ray cluster of two machines on loopback: a head without CPUs, and two nodes of one CPU each."""

    def __init__(self, port: int = 26379) -> None:
        # Ray lets in who has the cluster's token; the study's process takes it from this environment, too.
        os.environ.update(RAY_AUTH_TOKEN=secrets.token_hex(32), RAY_AUTH_MODE="token")
        self.address = f"127.0.0.1:{port}"
        self._environment = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0"}
        self._nodes = [self._start("--head", f"--port={port}", "--num-cpus=0", "--include-dashboard=false")]
        until("the head of the Ray cluster", lambda: self._there() >= 1, 120)
        for number in (2, 3):
            self._nodes.append(self._start(f"--address={self.address}", "--num-cpus=1"))
            until(f"{number} machines of the Ray cluster", lambda number=number: self._there() >= number, 120)

    def _start(self, *words: str) -> subprocess.Popen:
        command = [str(Path(sys.executable).parent / "ray"), "start", "--node-ip-address=127.0.0.1", "--block", *words]
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        environment = {**self._environment, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(command, env=environment, start_new_session=True, **silent)

    def _there(self) -> int:
        """Return how many machines, the head among them, the cluster has."""
        asked = [str(Path(sys.executable).parent / "ray"), "status", f"--address={self.address}"]
        shown = subprocess.run(asked, env=self._environment, capture_output=True, text=True).stdout
        return shown.count("node_")

    def kill_one(self) -> None:
        """Kill a node with all its processes, as a machine that loses its power."""
        os.killpg(self._nodes.pop().pid, signal.SIGKILL)

    def stop(self) -> None:
        """Stop what is left."""
        for node in reversed(self._nodes):
            os.killpg(node.pid, signal.SIGTERM)
            try:
                node.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(node.pid, signal.SIGKILL)


def reference(folder: Path, file: Path) -> str:
    """Return the tables of the study under launcher inline; it is computed once."""
    place = Place(folder, "inline")
    if not (place.folder / "log.txt").exists() or "Trade-off" not in place.tables():
        began = time.monotonic()
        ended(place.start("study", *words_of("inline", file)), "inline")
        say(f"inline: {time.monotonic() - began:.0f} s")
    return place.tables()


def show_launcher(folder: Path, launcher: str, cells: int, file: Path, tables: str) -> None:
    """Run the study under a launcher, lose a part of it half-way, and compare its tables with those of inline."""
    nodes = RayNodes() if launcher == "ray" else None
    place = Place(folder, launcher)
    try:
        driver = place.start("study", *words_of(launcher, file, nodes.address if nodes else ""))
        until("half of the cells", lambda: finished(place) >= 1 and running(place) >= 1)
        if nodes is not None:
            nodes.kill_one()
            say("ray: one of two nodes was killed")
        elif launcher == "slurm":
            listed = subprocess.run(["squeue", "-h", "--array", "-t", "R", "-o", "%i"], capture_output=True, text=True)
            job = listed.stdout.split()[-1]
            subprocess.run(["scancel", job], check=True)
            say(f"slurm: job {job} was cancelled")
        ended(driver, launcher)
    finally:
        if nodes is not None:
            nodes.stop()
    check(place, cells, launcher)
    compare(place, tables, launcher)


def show_killed_driver(folder: Path, launcher: str, cells: int, file: Path, tables: str) -> None:
    """Kill the process that runs the study half-way, and give the same command again."""
    nodes = RayNodes(26380) if launcher == "ray" else None
    place = Place(folder, f"killed-{launcher}")
    try:
        words = words_of(launcher, file, nodes.address if nodes else "")
        driver = place.start("study", *words)
        until("half of the cells", lambda: finished(place) >= 1 and running(place) >= 1)
        driver.send_signal(signal.SIGKILL)
        driver.wait()
        before = finished(place)
        say(f"{launcher}: the driver was killed with {before} cells finished")
        ended(place.start("study", *words, log="again"), f"{launcher} again")
    finally:
        if nodes is not None:
            nodes.stop()
    check(place, cells, f"{launcher}, driver killed")
    compare(place, tables, f"{launcher}, driver killed", "again")


def compare(place: Place, tables: str, what: str, log: str = "log") -> None:
    """Compare tables with those of inline, to the last printed digit."""
    if place.tables(log) != tables:
        raise SystemExit(f"{what}: the tables differ from those of inline; see {place.folder}")
    say(f"{what}: the tables are those of inline")


def show_drivers(folder: Path, cells: int, file: Path, server: str | None, storage: str) -> None:
    """Start one study twice at once, then kill one of them: every cell is computed once."""
    claims = {"FER_CLAIMS": storage}
    first = Place(folder, "drivers", server, **claims)
    second = Place(folder, "drivers", first.store, **claims | {"FER_CACHE": str(first.folder / "cache_of_another")})
    words = words_of("inline", file)
    one, other = first.start("study", *words, log="one"), second.start("study", *words, log="other")
    until("both are computing", lambda: running(first) >= 2)
    one.send_signal(signal.SIGKILL)
    one.wait()
    say(f"drivers: one of two was killed with {finished(first)} cells finished")
    ended(other, "the other driver")
    check(first, cells, "two drivers, one killed")


def show_tune(folder: Path, trials: int, server: str | None, storage: str) -> None:
    """Search with four workers, kill one: as many trials as asked for, each one run, the best one equal on both."""
    place = Place(folder, "tune", server, FER_OPTUNA_STORAGE=storage)
    data = place.folder / "faces"
    options = yaml.safe_dump({**FACES, "shares": [1, 1, 1], "test": 28, "seed": 2}, default_flow_style=True).strip()
    if not data.exists():
        ended(place.start("preprocess", "--options", options, "--output", str(data), log="data"), "preprocess")
    words = ["--dataset", str(data), "--trials", str(trials), "--study-name", place.name, "--backbone", "assistive1"]
    words += ["--epochs", "3", "--launcher", "processes", "--workers", "4", "--launcher-options", THREADS]
    driver = place.start("tune", *words)
    until("some trials", lambda: sum(run.info.status == "FINISHED" for run in place.runs(names.TRIAL_STAGE)) >= 3)
    victims = [run for run in place.runs(names.TRIAL_STAGE) if run.info.status == "RUNNING"]
    worker = int(victims[0].data.tags[names.HOST].split()[-1])
    os.kill(worker, signal.SIGKILL)
    say(f"tune: worker {worker} was killed")
    ended(driver, "tune")
    study = optuna.load_study(study_name=place.name, storage=storage)
    states = Counter(trial.state.name for trial in study.trials)
    done = [run for run in place.runs(names.TRIAL_STAGE) if run.info.status == "FINISHED"]
    numbers = Counter(run.data.tags[names.TRIAL] for run in done)
    logged = max(run.data.metrics.get(names.BEST_VALIDATION_ACCURACY, 0) for run in done)
    say(f"tune: trials {dict(states)}, runs {len(done)}, best {study.best_value} in Optuna and {logged} on the server")
    good = states["COMPLETE"] + states["PRUNED"] == trials == len(done) and set(numbers.values()) == {1}
    if not good or logged != study.best_value:
        raise SystemExit("tune: trials are lost or doubled")


def show_efficiency(folder: Path) -> None:
    """Time eight small cells with one worker and with two."""
    file, took = study_file(folder, 4), {}
    for workers in (1, 2):
        place, began = Place(folder, f"efficiency-{workers}"), time.monotonic()
        words = ["--config", str(file), "--launcher", "processes", "--workers", str(workers)]
        ended(place.start("study", *words, "--launcher-options", THREADS), "efficiency")
        cells = [run for run in place.runs(names.CELL_STAGE) if run.info.status == "FINISHED"]
        spent = max(run.info.end_time for run in cells) - min(run.info.start_time for run in cells)
        took[workers] = spent / 1000
        say(f"{len(cells)} cells with {workers} workers: {took[workers]:.0f} s, all {time.monotonic() - began:.0f} s")
    say(f"efficiency of two workers: {took[1] / took[2] / 2:.0%}")


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), required=True)
@click.option("--server", default=None, help="Tracking store or server of the shows drivers and tune.")
@click.option("--storage", default=None, help="Database for claims and Optuna.")
@click.option("--trials", default=40)
@click.option("--seeds", default=2)
@click.option("--killed", is_flag=True, help="Kill the driver half-way.")
@click.argument("shows", nargs=-1, required=True)
def main(
    folder: Path, server: str | None, storage: str | None, trials: int, seeds: int, killed: bool, shows: Sequence[str]
) -> None:
    """Run shows: inline, processes, ray, slurm, drivers, tune, efficiency."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    file = study_file(folder, seeds)
    database = storage or f"sqlite:///{folder}/shared.db"
    for show in shows:
        if show == "drivers":
            show_drivers(folder, 2 * seeds, file, server, database)
        elif show == "tune":
            show_tune(folder, trials, server, database)
        elif show == "efficiency":
            show_efficiency(folder)
        else:
            tables = reference(folder, file)
            if killed:
                show_killed_driver(folder, show, 2 * seeds, file, tables)
            elif show != "inline":
                show_launcher(folder, show, 2 * seeds, file, tables)


if __name__ == "__main__":
    main()

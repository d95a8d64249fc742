"""Show that a study and a search have the same results wherever they are computed, and whatever is killed meanwhile.

Each show runs real entry points on drawn faces and prints what it found; it ends with an error if something is not as
it should be. ``--server`` is the address of a tracking store or server, ``--storage`` that of a database for Optuna and
for claims; both may be PostgreSQL. For ``slurm``, this machine must be a login node of a cluster (two nodes on one
machine do: ``docs/cluster.md``).

    python -m benchmarks.cluster_show --folder /tmp/show inline processes ray slurm
    python -m benchmarks.cluster_show --folder /tmp/show --killed inline processes ray slurm
    python -m benchmarks.cluster_show --folder /tmp/show --storage postgresql://... drivers tune
    python -m benchmarks.cluster_show --folder /tmp/show --storage postgresql://... --trials 12 --objectives \
        accuracy,worst_group tune
    python -m benchmarks.cluster_show --folder /tmp/show videos
    python -m benchmarks.cluster_show --folder /tmp/show efficiency
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
import mlflow
import optuna
import yaml

from fer.data.dataset import load_dataset
from fer.sources.rendered_videos import ClipOptions, render_clips
from fer.study.matrix import cells
from fer.study.reading import read_study
from fer.tracking import names
from tests.support.clusters import RayNodes, SlurmNodes, until

ROOT = Path(__file__).parents[1]
GROUPS = ["group_a", "group_b", "group_c"]
FACES = {"groups": GROUPS, "train": 140, "validation": 70, "dialect": 0.7}
THREADS = "{threads: 1}"
PATIENCE = 3600.0


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


def while_running(driver: subprocess.Popen, what: str, true: Callable[[], bool]) -> None:
    """Wait until something is true while a driver runs, which must not end before."""
    until(what, lambda: true() or driver.poll() is not None, PATIENCE, 1)
    if driver.poll() is not None:
        raise SystemExit(f"the driver ended with {driver.returncode} before there were {what}")


def ended(process: subprocess.Popen, what: str) -> None:
    """Wait for an entry point, which must succeed."""
    if process.wait(2 * PATIENCE) != 0:
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


def options_of(launcher: str, nodes: RayNodes | SlurmNodes | None) -> str:
    """Return a launcher's options: these nodes, jobs of one thread."""
    if isinstance(nodes, RayNodes):
        return f"{{address: '{nodes.address}'}}"
    return THREADS if nodes is None else "{memory: 3}"


def words_of(launcher: str, file: Path, nodes: RayNodes | SlurmNodes | None = None) -> list[str]:
    """Return the options of a study under a launcher, two workers of one thread each."""
    words = ["--config", str(file), "--launcher", launcher, "--launcher-options", options_of(launcher, nodes)]
    return words if launcher == "inline" else [*words, "--workers", "2"]


@contextmanager
def nodes_of(launcher: str) -> Iterator[RayNodes | SlurmNodes | None]:
    """Give two nodes of a launcher on this machine during the block, None for one that needs none."""
    kinds = {"ray": RayNodes, "slurm": SlurmNodes}
    nodes = kinds[launcher]() if launcher in kinds else None
    try:
        yield nodes
    finally:
        if nodes is not None:
            nodes.stop()


def variables_of(nodes: RayNodes | SlurmNodes | None) -> dict[str, str]:
    """Return the environment variables by which a program reaches these nodes."""
    return {} if nodes is None else nodes.environment


def reference(folder: Path, file: Path) -> str:
    """Return the tables of the study under launcher inline; it is computed once."""
    place = Place(folder, "inline")
    if not (place.folder / "log.txt").exists() or "Trade-off" not in place.tables():
        began = time.monotonic()
        ended(place.start("study", *words_of("inline", file)), "inline")
        say(f"inline: {time.monotonic() - began:.0f} s")
    return place.tables()


def lose(nodes: RayNodes | SlurmNodes | None) -> None:
    """Kill a node of Ray, or cancel a running job of Slurm."""
    if isinstance(nodes, RayNodes):
        nodes.kill_last()
        say("ray: one of two nodes was killed")
    elif nodes is not None:
        job = nodes.running()[-1]
        nodes.cancel(job)
        say(f"slurm: job {job} was cancelled")


def show_launcher(folder: Path, launcher: str, cells: int, file: Path, tables: str) -> None:
    """Run the study under a launcher, lose a part of it half-way, and compare its tables with those of inline."""
    with nodes_of(launcher) as nodes:
        place, began = Place(folder, launcher, **variables_of(nodes)), time.monotonic()
        driver = place.start("study", *words_of(launcher, file, nodes))
        while_running(driver, "finished cells", lambda: finished(place) >= 1 and running(place) >= 1)
        lose(nodes)
        ended(driver, launcher)
        say(f"{launcher}: {time.monotonic() - began:.0f} s")
    check(place, cells, launcher)
    compare(place, tables, launcher)


def show_killed_driver(folder: Path, launcher: str, cells: int, file: Path, tables: str) -> None:
    """Kill the process that runs the study half-way, and give the same command again."""
    with nodes_of(launcher) as nodes:
        place = Place(folder, f"killed-{launcher}", **variables_of(nodes))
        words = words_of(launcher, file, nodes)
        driver = place.start("study", *words)
        while_running(driver, "finished cells", lambda: finished(place) >= 1 and running(place) >= 1)
        driver.send_signal(signal.SIGKILL)
        driver.wait()
        before = finished(place)
        say(f"{launcher}: the driver was killed with {before} cells finished")
        ended(place.start("study", *words, log="again"), f"{launcher} again")
    check(place, cells, f"{launcher}, driver killed")
    compare(place, tables, f"{launcher}, driver killed", "again")


def show_videos(folder: Path) -> None:
    """Search eight drawn videos in processes of this machine and by each launcher: the datasets are equal."""
    raw = folder / "videos"
    if not raw.exists():
        render_clips(raw, ClipOptions(videos=8, shots=2, annotated=10))
    digests = {}
    for launcher in ("auto", "inline", "processes", "ray", "slurm"):
        with nodes_of(launcher) as nodes:
            place, began = Place(folder, f"videos-{launcher}", **variables_of(nodes)), time.monotonic()
            words = ["--source", "eila_videos", "--raw", str(raw), "--detector", "haar", "--launcher", launcher]
            words += ["--output", str(place.folder / "faces")]
            words += [] if launcher == "auto" else ["--launcher-options", options_of(launcher, nodes)]
            ended(place.start("preprocess", *words), f"preprocess with {launcher}")
        digests[launcher] = load_dataset(place.folder / "faces").digest
        say(f"videos, {launcher}: digest {digests[launcher][:16]}, {time.monotonic() - began:.0f} s")
    if len(set(digests.values())) > 1:
        raise SystemExit("videos: the datasets differ")


def compare(place: Place, tables: str, what: str, log: str = "log") -> None:
    """Compare tables with those of inline, to the last printed digit."""
    if place.tables(log) != tables:
        raise SystemExit(f"{what}: the tables differ from those of inline; see {place.folder}")
    say(f"{what}: the tables are those of inline")


def show_drivers(folder: Path, cells: int, file: Path, tables: str, server: str | None, storage: str) -> None:
    """Start one study twice at once, then kill one of them: every cell is computed once, with the tables of inline."""
    claims = {"FER_CLAIMS": storage}
    first = Place(folder, "drivers", server, **claims)
    second = Place(folder, "drivers", first.store, **claims | {"FER_CACHE": str(first.folder / "cache_of_another")})
    words = words_of("inline", file)
    one, other = first.start("study", *words, log="one"), second.start("study", *words, log="other")
    while_running(other, "cells of both drivers", lambda: running(first) >= 2)
    one.send_signal(signal.SIGKILL)
    one.wait()
    say(f"drivers: one of two was killed with {finished(first)} cells finished")
    ended(other, "the other driver")
    check(first, cells, "two drivers, one killed")
    compare(first, tables, "two drivers, one killed", "other")


def show_tune(folder: Path, trials: int, objectives: str, server: str | None, storage: str) -> None:
    """Search with four workers, kill one: as many trials as asked for, each one run, with Optuna's values on it."""
    name = f"tune-{objectives.replace(',', '-')}"
    place = Place(folder, name, server, FER_OPTUNA_STORAGE=storage)
    data = place.folder / "faces"
    # Each face of another person: an objective over groups needs ten of each on validation faces.
    faces = {**FACES, "shares": [1, 1, 1], "test": 28, "seed": 2, "clips_per_person": 1, "frames_per_clip": 1}
    options = yaml.safe_dump(faces, default_flow_style=True, width=1000).strip()
    if not data.exists():
        ended(place.start("preprocess", "--options", options, "--output", str(data), log="data"), "preprocess")
    words = ["--dataset", str(data), "--trials", str(trials), "--study-name", place.name, "--backbone", "assistive1"]
    words += ["--epochs", "3", "--launcher", "processes", "--workers", "4", "--launcher-options", THREADS]
    driver = place.start("tune", *words, "--objectives", objectives)

    def trial_runs(status: str) -> list:
        return [run for run in place.runs(names.TRIAL_STAGE) if run.info.status == status]

    while_running(driver, "finished trials", lambda: len(trial_runs("FINISHED")) >= 3 and trial_runs("RUNNING") != [])
    worker = int(trial_runs("RUNNING")[0].data.tags[names.HOST].split()[-1])
    os.kill(worker, signal.SIGKILL)
    say(f"{name}: worker {worker} was killed")
    ended(driver, "tune")
    study = optuna.load_study(study_name=place.name, storage=storage)
    states = Counter(trial.state.name for trial in study.trials)
    done = {int(run.data.tags[names.TRIAL]): run for run in trial_runs("FINISHED")}
    say(f"{name}: trials {dict(states)}, finished runs {len(trial_runs('FINISHED'))}, of {len(done)} trials")
    complete = [trial for trial in study.trials if trial.state.name == "COMPLETE"]
    metrics = [f"tune/{one}" for one in objectives.split(",")]
    metrics = [names.BEST_VALIDATION_ACCURACY] if objectives == "accuracy" else metrics
    equal = [trial.values == [done[trial.number].data.metrics[one] for one in metrics] for trial in complete]
    best = [(trial.number, *trial.values) for trial in study.best_trials]
    say(f"{name}: {sum(equal)} of {len(complete)} complete trials have Optuna's values on the server; best: {best}")
    if len(metrics) > 1:
        front = sorted(number for number, run in done.items() if run.data.tags.get(names.ON_FRONT) == "True")
        equal.append(front == sorted(trial.number for trial in study.best_trials))
        say(f"{name}: on the front by the server: {front}")
    counted = states["COMPLETE"] + states["PRUNED"] == trials == len(done) == len(trial_runs("FINISHED"))
    if not counted or not all(equal):
        raise SystemExit(f"{name}: trials are lost, doubled, or other than on the server")


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
@click.option("--objectives", default="accuracy", help="Of the search in the show tune.")
@click.option("--study", type=click.Path(path_type=Path, exists=True), default=None, help="A study file.")
@click.option("--seeds", default=2)
@click.option("--killed", is_flag=True, help="Kill the driver half-way.")
@click.argument("shows", nargs=-1)
def main(
    folder: Path,
    server: str | None,
    storage: str | None,
    trials: int,
    objectives: str,
    study: Path | None,
    seeds: int,
    killed: bool,
    shows: Sequence[str],
) -> None:
    """Run shows: inline, processes, ray, slurm, drivers, tune, efficiency, videos; without a name, the first four."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    file = study_file(folder, seeds) if study is None else study.resolve()
    count = len(cells(read_study(file)))
    database = storage or f"sqlite:///{folder}/shared.db"
    for show in shows or ("inline", "processes", "ray", "slurm"):
        if show == "drivers":
            show_drivers(folder, count, file, reference(folder, file), server, database)
        elif show == "tune":
            show_tune(folder, trials, objectives, server, database)
        elif show == "videos":
            show_videos(folder)
        elif show == "efficiency":
            show_efficiency(folder)
        else:
            tables = reference(folder, file)
            if killed:
                show_killed_driver(folder, show, count, file, tables)
            elif show != "inline":
                show_launcher(folder, show, count, file, tables)


if __name__ == "__main__":
    main()

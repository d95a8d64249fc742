"""A team's server as deploy/ starts it: many writers at once, its database killed in mid-study, a backup restored.

    python -m benchmarks.team_server [--seconds 120] [--writers 20]

PostgreSQL, OpenStack Swift (if installed; else a folder holds the artifacts) and `mlflow server` with authentication
run on this machine.

1. Writers log batches of points to runs of their own, as fast as they are answered: points sent, points found, rate.
2. A study of four small cells runs; the database is killed once its second cell has begun, and started 20 seconds
   later. Each cell must end FINISHED, once.
3. Both databases are backed up, restored into empty ones, and a second server is started on these. `report` must print
   the same on both.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import mlflow
import yaml
from mlflow.entities import Metric
from tabulate import tabulate

sys.path.append(str(Path(__file__).parents[1] / "tests" / "support"))

from tests.support.swift_servers import has_swift, swift
from tests.support.team_servers import Postgres, Team

ROOT = Path(__file__).parents[1]
PROCESSES, A_CALL = 4, 50
DRAWN = {"source": "synthetic", "options": {"train": 140, "validation": 70, "test": 84, "dialect": 0.7}}
STUDY = {
    "name": "small",
    "about": "two drawn sets",
    "datasets": {
        "majority": {**DRAWN, "title": "majority", "options": {**DRAWN["options"], "seed": 1}},
        "everyone": {**DRAWN, "title": "everyone", "options": {**DRAWN["options"], "seed": 2}},
    },
    "mixtures": [{"base": "majority", "addition": "everyone", "fractions": [0, 0.3, 0.6, 1]}],
    "test": {"dataset": "everyone", "split": "test", "attributes": ["race"]},
    "training": {"backbone": "cnn", "epochs": 1, "batch_size": 32},
    "seeds": [0],
}


def main() -> None:
    """Run the three and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--writers", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as held:
        root = Path(scratch)
        # As it is installed: a killed database must not lose what it has confirmed.
        database = Postgres(root / "postgres", settings=())
        held.callback(database.stop)
        store = held.enter_context(swift(root / "swift")) if has_swift() else None
        print(f"artifacts: {'OpenStack Swift, by S3' if store else 'a folder'}")
        team = Team(database, root / "team", store)
        with team.served(workers=2):
            log_in(team)
            crowd(given.writers, given.seconds)
            outage(database, root)
            before = report(team, root)
            for name in ("mlflow", "users"):
                database.dump(name, root / f"{name}.sql")
        other = Postgres(root / "other", settings=())
        held.callback(other.stop)
        again = Team(other, root / "again", store, team.secrets)
        for name in ("mlflow", "users"):
            other.restore(name, root / f"{name}.sql")
        if store is None:
            (root / "again" / "artifacts").symlink_to(root / "team" / "artifacts")
        with again.served(workers=2):
            log_in(again)
            after = report(again, root)
    print("report on the restored server:", "the same" if after == before else "ANOTHER ONE")
    if after != before:
        print(before, after, sep="\n----\n")
        raise SystemExit(1)


def log_in(team: Team) -> None:
    """Make a server that of this process and its children."""
    os.environ.update(
        MLFLOW_TRACKING_URI=team.address,
        MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT="true",
        MLFLOW_TRACKING_USERNAME="admin",
        MLFLOW_TRACKING_PASSWORD=team.secrets["mlflow_admin_password"],
    )
    mlflow.set_tracking_uri(team.address)


def crowd(writers: int, seconds: float) -> None:
    """Let writers log at once; print what they sent and what is found."""
    experiment = mlflow.MlflowClient().create_experiment("crowd")
    until = time.time() + seconds
    with ProcessPoolExecutor(PROCESSES) as pool:
        shares = [len(range(place, writers, PROCESSES)) for place in range(PROCESSES)]
        done = [
            part for parts in pool.map(several, shares, [experiment] * PROCESSES, [until] * PROCESSES) for part in parts
        ]
    client = mlflow.MlflowClient()
    sent = sum(points for _, points, _ in done)
    found = sum(len(client.get_metric_history(run, "loss")) for run, _, _ in done)
    slowest = max(longest for _, _, longest in done)
    row = (writers, seconds, sent, found, sent / seconds, sent / A_CALL / seconds, slowest)
    headers = ["writers", "seconds", "points sent", "found", "points per second", "calls per second", "longest call, s"]
    print(tabulate([row], headers=headers, floatfmt=".1f"), flush=True)
    if sent != found:
        raise SystemExit("points are missing.")


def several(count: int, experiment: str, until: float) -> list[tuple[str, int, float]]:
    """Write in threads; return run, points and the longest call of each."""
    with ThreadPoolExecutor(max(count, 1)) as pool:
        return list(pool.map(lambda _: write(experiment, until), range(count)))


def write(experiment: str, until: float) -> tuple[str, int, float]:
    """Log batches of points to a run of one's own until a time."""
    client = mlflow.MlflowClient()
    run = client.create_run(experiment).info.run_id
    sent, longest = 0, 0.0
    while time.time() < until:
        now, began = int(time.time() * 1000), time.monotonic()
        client.log_batch(
            run, metrics=[Metric("loss", 1 / (sent + step + 1), now, sent + step) for step in range(A_CALL)]
        )
        longest = max(longest, time.monotonic() - began)
        sent += A_CALL
    client.set_terminated(run)
    return run, sent, longest


def outage(database: Postgres, root: Path) -> None:
    """Run a study whose server loses its database in the middle; print how its cells ended."""
    (root / "small.yaml").write_text(yaml.safe_dump(STUDY))
    command = [sys.executable, "-m", "entrypoints.study", "--config", str(root / "small.yaml")]
    study = subprocess.Popen(command, cwd=ROOT, env=environment(root), stdout=subprocess.DEVNULL)
    while len(cells()) < 2 and study.poll() is None:
        time.sleep(1)
    database.kill()
    gone = time.monotonic()
    time.sleep(20)
    database.start()
    print(f"the database was away for {time.monotonic() - gone:.0f} s", flush=True)
    code = study.wait()
    counts = Counter(run.info.run_name for run in cells())
    print(f"study: exit {code}; cells: {len(counts)}, more than once: {sum(count > 1 for count in counts.values())}; "
          f"status: {dict(Counter(run.info.status for run in cells()))}", flush=True)  # fmt: skip
    if code or len(counts) != 4 or max(counts.values()) > 1:
        raise SystemExit("the study is not complete.")


def cells() -> list:
    """Return the cells that are on the server."""
    experiment = mlflow.get_experiment_by_name("small")
    if experiment is None:
        return []
    return list(mlflow.MlflowClient().search_runs([experiment.experiment_id], "tags.`fer.stage` = 'cell'"))


def report(team: Team, root: Path) -> str:
    """Return what `report` prints of the study, without what names the server."""
    with tempfile.TemporaryDirectory() as cache:
        words = ["--experiment", "small", "--replicates", "500"]
        given = {**environment(root), "FER_CACHE": cache}
        command = [sys.executable, "-m", "entrypoints.report", *words]
        shown = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True)
    if shown.returncode:
        raise SystemExit(shown.stderr[-2000:])
    return re.sub(r"http://127\.0\.0\.1:\d+", "SERVER", shown.stdout)


def environment(root: Path) -> dict[str, str]:
    """Return the environment of a command that uses the server."""
    return {**os.environ, "FER_CACHE": str(root / "cache"), "FER_JOURNAL": str(root / "journal")}


if __name__ == "__main__":
    main()

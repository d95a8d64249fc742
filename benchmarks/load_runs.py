"""`analysis.load_runs` against `mlflow.search_runs` on a server with 10,000 runs, in one run.

    python -m benchmarks.load_runs [--runs 10000] [--postgres]

The runs (cells of a study: 60 metrics, 20 parameters and 8 tags each) are written in bulk into an SQLite file, or with
``--postgres`` into a PostgreSQL of the benchmark's own, that its own `mlflow server` then serves over HTTP. Both ways
query this server from this process. Cold: nothing is cached. Warm: the runs are cached, and the server is queried for
new and changed ones; the median of five. Then what a user waits for: load warm and make the trade-off table, `status`
of the study, and the entry point `report`; its runs have no predictions. Ratios matter, seconds depend on the machine.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

import mlflow
import numpy as np
from mlflow.store.tracking.dbmodels.models import SqlLatestMetric, SqlMetric, SqlParam, SqlRun, SqlTag
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from sqlalchemy import insert
from tabulate import tabulate

from analysis import load_runs, trade_off_table
from analysis.study_status import study_status
from fer.tracking import names

sys.path.append(str(Path(__file__).parents[1] / "tests" / "support"))

from tests.support.team_servers import Postgres
from tests.support.tracking_servers import free_port, tracking_server

ROOT = Path(__file__).parents[1]
EXPERIMENT = "ten thousand"
SEEDS = 100
METRICS = [
    "test/accuracy", "test/f1_weighted", "test/loss", "test/race/accuracy_std", "test/race/accuracy_min",
    "test/race/accuracy_gap", *(f"test/race/accuracy/{group}" for group in ("black", "mixed", "white")),
    *(f"test/emotion/recall_{number}" for number in range(51)),
]  # fmt: skip


def add_runs(store: SqlAlchemyStore, experiment: str, first: int, count: int) -> None:
    """Write ``count`` finished runs, numbered from ``first``, a second apart and the last one ended now."""
    stream = np.random.default_rng(first)
    now = int(time.time() * 1000)
    runs, parameters, tags, metrics = [], [], [], []
    for number in range(first, first + count):
        run, end = stream.bytes(16).hex(), now - 1000 * (first + count - 1 - number)
        runs.append({
            "run_uuid": run, "name": f"run {number}", "source_type": "LOCAL", "source_name": "", "entry_point_name": "",
            "user_id": "benchmark", "status": "FINISHED", "start_time": end - 900, "end_time": end,
            "source_version": "", "lifecycle_stage": "active", "experiment_id": int(experiment),
            "artifact_uri": f"mlflow-artifacts:/{experiment}/{run}/artifacts",
        })  # fmt: skip
        parameter_values = {
            "base": "sfew", "addition": "eila", "fraction": str(number // SEEDS / 100), "arm": "add",
            "seed": str(number % SEEDS), "test": "eila", "test_split": "test", "backbone": "cnn", "attributes": "race",
            **{f"parameter_{place}": f"value {place}" for place in range(11)},
        }  # fmt: skip
        marks = {
            names.STAGE: names.CELL_STAGE, names.ORIGIN: names.MEASURED, names.STUDY: "large",
            names.EXPERIMENT: f"mixture {number // SEEDS}", names.POSITION: str(number // SEEDS),
            names.IDENTITY: run[:24], names.RECIPE: f"recipe {number // SEEDS}", "mlflow.runName": f"run {number}",
        }  # fmt: skip
        parameters += [{"run_uuid": run, "key": key, "value": value} for key, value in parameter_values.items()]
        tags += [{"run_uuid": run, "key": key, "value": value} for key, value in marks.items()]
        metrics += [
            {"run_uuid": run, "key": key, "value": float(value), "timestamp": end, "step": 0, "is_nan": False}
            for key, value in zip(METRICS, stream.random(len(METRICS)), strict=True)
        ]
    with store.engine.begin() as connection:
        for model, rows in (
            (SqlRun, runs), (SqlParam, parameters), (SqlTag, tags), (SqlMetric, metrics), (SqlLatestMetric, metrics),
        ):  # fmt: skip
            connection.execute(insert(model.__table__), rows)


def timed(work: Callable[[], object], times: int = 1) -> float:
    """Return the seconds that ``work`` takes, the median of ``times`` repetitions."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def expect(count: int) -> None:
    """Load the runs; exit if they are not complete."""
    found = len(load_runs(EXPERIMENT))
    if found != count:
        raise SystemExit(f"load_runs found {found} runs of {count}.")


def measure(store: SqlAlchemyStore, experiment: str, count: int) -> list[tuple[str, float]]:
    """Return (name, seconds) of each way to load the runs from the current tracking server; each is printed at once."""
    rows: list[tuple[str, float]] = []

    def take(what: str, work: Callable[[], object], times: int = 1) -> None:
        rows.append((what, timed(work, times)))
        print(f"{what}: {rows[-1][1]:.2f} s", flush=True)

    take("mlflow.search_runs", lambda: mlflow.search_runs(experiment_names=[EXPERIMENT], max_results=50_000))
    take("load_runs, cold", lambda: expect(count))
    take("load_runs, warm", lambda: expect(count), 5)
    add_runs(store, experiment, count, 10)
    take("load_runs, warm, 10 new runs", lambda: expect(count + 10))
    take("load_runs, warm, and trade-off table", lambda: trade_off_table(load_runs(EXPERIMENT)), 5)
    client = mlflow.MlflowClient()
    started = client.create_run(experiment, tags={names.STAGE: names.STUDY_STAGE, names.STUDY: "large"})
    client.set_terminated(started.info.run_id)
    take("status of the study", lambda: study_status(EXPERIMENT, "large").text("text"))
    take("report, none with predictions", report)
    return rows


def report() -> None:
    """Run the entry point on all runs; exit if it fails."""
    words = ["--experiment", EXPERIMENT, "--attribute", "race", "--replicates", "500"]
    environment = {**os.environ, "MLFLOW_TRACKING_URI": mlflow.get_tracking_uri()}
    command = [sys.executable, "-m", "entrypoints.report", *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    print(f"report took {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6:.1f} GB at most", flush=True)


def main() -> None:
    """Make the server, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--postgres", action="store_true")
    given = parser.parse_args()
    count = given.runs
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as held:
        os.environ["FER_CACHE"] = f"{scratch}/cache"
        address = None
        if given.postgres:
            database = Postgres(Path(scratch) / "postgres", settings=())
            held.callback(database.stop)
            address = database.create("mlflow")
        store = SqlAlchemyStore(address or f"sqlite:///{scratch}/mlflow.db", f"{scratch}/artifacts")
        experiment = store.create_experiment(EXPERIMENT)
        making = timed(lambda: add_runs(store, experiment, 0, count))
        with tracking_server(Path(scratch), free_port(), address) as (address, _):
            mlflow.set_tracking_uri(address)
            rows = measure(store, experiment, count)
    slowest = rows[0][1]
    table = [(what, seconds, f"{slowest / seconds:.1f}") for what, seconds in rows]
    print(tabulate(table, headers=[f"{count:,} runs", "seconds", "times as fast"], floatfmt=".2f"))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"\nThe runs were made in {making:.0f} s; this process took {memory:.1f} GB at most.")


if __name__ == "__main__":
    main()

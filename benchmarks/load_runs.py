"""`analysis.load_runs` against `mlflow.search_runs` on a server with 10,000 runs, in one run.

    python -m benchmarks.load_runs [--runs 10000]

The runs (cells of a study: 40 metrics, 20 parameters and 8 tags each) are written in bulk into an SQLite file that the
benchmark's own `mlflow server` then serves over HTTP. Both ways query this server from this process. Cold: nothing is
cached. Warm: the runs are cached, and the server is queried for new and changed ones; the median of five. The last row
is what a user waits for: load warm and make the trade-off table. Ratios matter, seconds depend on the machine.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

import mlflow
import numpy as np
from mlflow.store.tracking.dbmodels.models import SqlLatestMetric, SqlMetric, SqlParam, SqlRun, SqlTag
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from sqlalchemy import insert
from tabulate import tabulate

from analysis import load_runs, trade_off_table
from fer.tracking import names
from tests.support.tracking_servers import free_port, tracking_server

EXPERIMENT = "ten thousand"
SEEDS = 100
METRICS = [
    "test/accuracy", "test/f1_weighted", "test/loss", "test/race/accuracy_std", "test/race/accuracy_min",
    "test/race/accuracy_gap", *(f"test/race/accuracy/{group}" for group in ("black", "mixed", "white")),
    *(f"test/emotion/recall_{number}" for number in range(31)),
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
            "seed": str(number % SEEDS), **{f"parameter_{place}": f"value {place}" for place in range(15)},
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
    """Return (name, seconds) of each way to load the runs from the current tracking server."""
    rows = [
        (
            "mlflow.search_runs",
            timed(lambda: mlflow.search_runs(experiment_names=[EXPERIMENT], max_results=50_000)),
        ),
        ("load_runs, cold", timed(lambda: expect(count))),
        ("load_runs, warm", timed(lambda: expect(count), 5)),
    ]
    add_runs(store, experiment, count, 10)
    rows.append(("load_runs, warm, 10 new runs", timed(lambda: expect(count + 10))))
    rows.append(("load_runs, warm, and trade-off table", timed(lambda: trade_off_table(load_runs(EXPERIMENT)), 5)))
    return rows


def main() -> None:
    """Make the server, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=10_000)
    count = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["FER_CACHE"] = f"{scratch}/cache"
        store = SqlAlchemyStore(f"sqlite:///{scratch}/mlflow.db", f"{scratch}/artifacts")
        experiment = store.create_experiment(EXPERIMENT)
        making = timed(lambda: add_runs(store, experiment, 0, count))
        with tracking_server(Path(scratch), free_port()) as (address, _):
            mlflow.set_tracking_uri(address)
            rows = measure(store, experiment, count)
    slowest = rows[0][1]
    table = [(what, seconds, f"{slowest / seconds:.1f}") for what, seconds in rows]
    print(tabulate(table, headers=[f"{count:,} runs", "seconds", "times as fast"], floatfmt=".2f"))
    print(f"\nThe runs were made in {making:.0f} s.")


if __name__ == "__main__":
    main()

"""Runs as an Arrow table, which unlike a frame distinguishes a metric that is missing from one that is NaN.

Columns: ``run_id, run_name, status``, ``start_time, end_time, fetched`` (ms since 1970), ``digest`` of all that the
server reported of the run, then ``params.<name>`` (text), ``metrics.<name>`` (float) and ``tags.<name>`` (text), null
where a run has none.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from mlflow.entities import Run

from fer.tracking import names

_HEAD = pa.schema(
    {
        "run_id": pa.string(),
        "run_name": pa.string(),
        "status": pa.string(),
        "start_time": pa.int64(),
        "end_time": pa.int64(),
        "fetched": pa.int64(),
        "digest": pa.string(),
    }
)
COLUMNS = ["run_id", "run_name", "experiment_name", "status", "start_time"]


def as_table(runs: Iterable["Run"], fetched: int) -> pa.Table:
    """Return runs as a table; ``fetched`` is when the server was asked."""
    rows = list({run.info.run_id: _row(run, fetched) for run in runs}.values())
    schema = {name: _HEAD.field(name).type for name in _HEAD.names}
    for name in dict.fromkeys(name for row in rows for name in row):
        schema.setdefault(name, pa.float64() if name.startswith(names.metric("")) else pa.string())
    columns = {name: pa.array([row.get(name) for row in rows], kind) for name, kind in schema.items()}
    return pa.table(columns)


def digests(runs: Iterable["Run"]) -> dict[str, str]:
    """Return by run id a digest of all that the server reported of each run."""
    return {run.info.run_id: str(_row(run, 0)["digest"]) for run in runs}


def joined(*tables: pa.Table) -> pa.Table:
    """Return the rows of all tables; for each run those of the last table that has it."""
    latest: list[pa.Table] = []
    for table in reversed(tables):
        seen = [run for other in latest for run in other["run_id"].to_pylist()]
        latest.append(without(table, seen))
    return pa.concat_tables(latest, promote_options="default")


def without(table: pa.Table, run_ids: Sequence[str]) -> pa.Table:
    """Return the rows of other runs than these."""
    return table.filter(pc.invert(pc.is_in(table["run_id"], pa.array(run_ids, pa.string()))))


def with_tags(table: pa.Table, tags: Mapping[str, str | None]) -> pa.Table:
    """Return the rows whose tags have these values; None: that do not have the tag."""
    for name, value in tags.items():
        column = names.tag(name)
        if column in table.column_names:
            table = table.filter(pc.is_null(table[column]) if value is None else pc.equal(table[column], value))
        elif value is not None:
            return table.slice(0, 0)
    return table


def as_frame(tables: Mapping[str, pa.Table]) -> pd.DataFrame:
    """Return tables by experiment name as one frame, newest first; a column that no run has is left out."""
    named = [
        table.append_column("experiment_name", pa.array([name] * len(table), pa.string()))
        for name, table in tables.items()
    ]
    if not any(len(table) for table in named):
        return pd.DataFrame(columns=COLUMNS)
    table = pa.concat_tables(named, promote_options="default")
    table = table.sort_by([("start_time", "descending"), ("run_id", "ascending")])
    used = [name for name in table.column_names if "." in name and table[name].null_count < len(table)]
    start = table["start_time"].cast(pa.timestamp("ms")).cast(pa.timestamp("us", "UTC"))
    table = table.set_column(table.column_names.index("start_time"), "start_time", start)
    return table.select([*COLUMNS, *sorted(used)]).to_pandas()


def _row(run: "Run", fetched: int) -> dict[str, object]:
    reported = {
        "run_id": run.info.run_id,
        "run_name": run.info.run_name,
        "status": run.info.status,
        "start_time": run.info.start_time,
        "end_time": run.info.end_time,
        **{names.param(name): value for name, value in run.data.params.items()},
        **{names.metric(name): value for name, value in run.data.metrics.items()},
        **{names.tag(name): value for name, value in run.data.tags.items()},
    }
    digest = hashlib.sha256(json.dumps(reported, sort_keys=True).encode()).hexdigest()
    return {**reported, "fetched": fetched, "digest": digest}

"""Fetch: the runs of a study's cells in every state, with what `status` says of them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from analysis.fetch.runs import runs_with_tags
from fer.tracking import names

if TYPE_CHECKING:
    from mlflow.entities import Experiment

_COLUMNS = {
    "identity": names.tag(names.IDENTITY),
    "experiment": names.tag(names.EXPERIMENT),
    "position": names.tag(names.POSITION),
    "seed": names.param("seed"),
    "host": names.tag(names.HOST),
    "alive": names.tag(names.ALIVE),
    "failure": names.tag(names.FAILURE),
    "accuracy": names.metric(names.BEST_VALIDATION_ACCURACY),
}


@dataclass(frozen=True)
class CellRun:
    """A run of a cell; what the server does not have of it is None.

    Attributes:
        run_id, run_name, status: as the server has them.
        start_time, end_time: in ms since 1970.
        identity: of the cell that it computes.
        experiment, position, seed: the cell's title, its place in the study, its seed, as text.
        host: host and process.
        alive: when its process last said that it lives, in seconds since 1970, as text.
        failure: why it failed.
        accuracy: validation accuracy of the best epoch, 0..1.

    """

    run_id: str
    run_name: str
    status: str
    start_time: int
    end_time: int | None = None
    identity: str | None = None
    experiment: str | None = None
    position: str | None = None
    seed: str | None = None
    host: str | None = None
    alive: str | None = None
    failure: str | None = None
    accuracy: float | None = None


def cell_runs(experiment: "Experiment", study: str) -> list[CellRun]:
    """Return all runs of a study's measured cells, newest first, however often a cell was tried.

    Finished ones come from the cache where they are unchanged, see :func:`analysis.load_runs`; all others are asked for
    anew. A run that finishes while it is asked for is returned as it was a moment before, or as finished.
    """
    tags = {names.STAGE: names.CELL_STAGE, names.STUDY: study, names.ORIGIN: names.MEASURED}
    table = runs_with_tags(experiment, [tags], None)
    table = table.sort_by([("start_time", "descending"), ("run_id", "ascending")])
    columns = {name: table[name] for name in ("run_id", "run_name", "status", "start_time", "end_time")}
    columns |= {name: table[column] for name, column in _COLUMNS.items() if column in table.column_names}
    return [CellRun(**row) for row in pa.table(columns).to_pylist()]

"""Cache of finished runs in ``$FER_CACHE/runs``: one folder per server, one Parquet file per experiment.

The file's name comes from the experiment's id, creation time and artifact location: another server at the same
address has experiments with other times, and finds no file. Cached runs are validated by
the server, see :mod:`analysis.fetch.run_sync`; only ``offline=True`` reads it without asking.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analysis.fetch.run_table import as_table, joined, with_tags, without
from fer.errors import InputError
from fer.storage.cache_files import keep, kept
from fer.storage.folders import cache_folder
from fer.tracking.server import server_name

if TYPE_CHECKING:
    from mlflow.entities import Experiment

_FACTS = b"fer.runs"
_FORMAT = 1


@dataclass(frozen=True)
class KeptRuns:
    """Finished runs of one experiment.

    ``table``: see :mod:`analysis.fetch.run_table`. ``asked``: by tags that were asked for (as JSON), when the server
    last reported something new of the runs with these tags, in ms since 1970.
    """

    experiment: str
    table: pa.Table = field(default_factory=lambda: as_table([], 0))
    asked: Mapping[str, int] = field(default_factory=dict)

    def with_tags(self, tags: Mapping[str, str | None]) -> pa.Table:
        """Return the runs with these tags."""
        return with_tags(self.table, tags)

    def last_change(self, tags: Mapping[str, str | None]) -> int | None:
        """Return when the server last reported something new of runs with these tags, in ms since 1970, or None."""
        given = set(tags.items())
        times = [moment for asked, moment in self.asked.items() if set(json.loads(asked).items()) <= given]
        return max(times, default=None)

    def replaced(self, tags: Mapping[str, str | None], table: pa.Table, now: int) -> "KeptRuns":
        """Return the runs updated by ``table``, all runs with these tags; itself if nothing is new.

        A run without an end time is not cached, as it could be reopened unnoticed.
        """
        table = table.filter(pc.is_valid(table["end_time"]))
        before = self.with_tags(tags)
        new = pc.any(pc.equal(table["fetched"], now)).as_py() or len(table) != len(before)
        if not new and self.last_change(tags) is not None:
            return self
        others = without(self.table, before["run_id"].to_pylist())
        asked = {**self.asked, json.dumps(dict(sorted(tags.items()))): now}
        return KeptRuns(self.experiment, joined(others, table), asked)


def read(experiment: "Experiment") -> KeptRuns:
    """Return the cached runs of an experiment, which may be none."""
    content = kept(_folder(), _stem(experiment))
    return KeptRuns(experiment.name) if content is None else _parsed(content)


def write(experiment: "Experiment", runs: KeptRuns) -> None:
    """Cache the runs of an experiment."""
    facts = json.dumps({"experiment": experiment.name, "asked": dict(runs.asked)})
    sink = pa.BufferOutputStream()
    pq.write_table(runs.table.replace_schema_metadata({_FACTS: facts}), sink)
    keep(_folder(), _stem(experiment), sink.getvalue().to_pybytes())


def read_offline(experiments: Sequence[str], tags: Mapping[str, str | None]) -> dict[str, KeptRuns]:
    """Return the cached runs of these experiments, without the server; InputError if they were never fetched."""
    found: dict[str, KeptRuns] = {}
    for stem in {path.name.split(".")[0] for path in _folder().glob("*.parquet")}:
        content = kept(_folder(), stem)
        if content is not None:
            runs = _parsed(content)
            if runs.experiment in experiments and runs.last_change(tags) is not None:
                one = found.get(runs.experiment, runs)
                found[runs.experiment] = max(one, runs, key=lambda runs: runs.last_change(tags) or 0)
    for name in experiments:
        if name not in found:
            raise InputError(
                f"these runs of experiment {name!r} on {server_name()} were never fetched into {_folder()}; "
                "load them once while the server answers."
            )
    return {name: found[name] for name in experiments}


def age(kept_runs: Mapping[str, KeptRuns], tags: Mapping[str, str | None]) -> str:
    """Return when the server last reported something of these runs, as text: the oldest of several experiments."""
    oldest = min(runs.last_change(tags) or 0 for runs in kept_runs.values())
    return datetime.fromtimestamp(oldest / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _parsed(content: bytes) -> KeptRuns:
    table = pq.read_table(pa.BufferReader(content))
    facts = json.loads(table.schema.metadata[_FACTS])
    return KeptRuns(facts["experiment"], table.replace_schema_metadata(None), facts["asked"])


def _folder() -> Path:
    return cache_folder() / "runs" / _digest(f"{_FORMAT} {server_name()}")


def _stem(experiment: "Experiment") -> str:
    facts = [experiment.experiment_id, experiment.creation_time, experiment.artifact_location]
    return _digest(json.dumps(facts))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]

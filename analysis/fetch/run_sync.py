"""Update the cached runs of an experiment: only new and changed runs are fetched."""

import random
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from analysis.fetch.run_table import as_table, digests, joined, with_tags, without
from fer.errors import InputError
from fer.tracking import run_search
from fer.tracking.run_search import condition, ended_after, matching_runs, still_matching, unknown_runs

TRUSTED_HOURS = 24
_CHECKED = 25
_ROUNDS = 5


def finished_runs(experiment: str, tags: Mapping[str, str | None], known: pa.Table, now: int) -> pa.Table:
    """Return all finished runs with these tags of an experiment (by id), from ``known`` where they are unchanged.

    ``known`` and the result are tables as :mod:`analysis.fetch.run_table` describes; ``now`` is in ms since 1970.
    Always noticed is which runs there are (new, deleted, purged, restored, opened again, with other ``tags``),
    and that one has ended again, if by a clock that is not behind. Otherwise a finished run may have changed without a
    trace: so the 25 that ended last and 25 others, drawn at random, are compared whole, and no run is trusted for
    longer than a day. If one of those drawn has changed, none is trusted.
    """
    where = condition(tags, status="FINISHED")
    known = _compared(experiment, where, _trusted(with_tags(known, tags), now))
    if len(known):
        last = pc.max(pc.min_element_wise(known["end_time"], known["fetched"])).as_py()
        known = joined(known, as_table(ended_after(experiment, where, last), now))
    for _ in range(_ROUNDS):
        added = unknown_runs(experiment, where, _column(known, "start_time"))
        known = joined(known, as_table(added, now))
        if len(added) > run_search.RUNS_A_PAGE:
            continue  # Pages shift when a run is deleted while they are read: missing runs are requested separately.
        held = still_matching(experiment, where, _column(known, "start_time"))
        if len(held) == len(known):
            return known
        known = known.filter(pc.is_in(known["run_id"], pa.array(held, pa.string())))
    raise InputError("the experiment's finished runs change faster than they can be read; try again in a while.")


def _trusted(known: pa.Table, now: int) -> pa.Table:
    fetched = known["fetched"]
    young = pc.greater(fetched, now - TRUSTED_HOURS * 3_600_000)
    return known.filter(pc.and_(young, pc.less_equal(fetched, now)))


def _compared(experiment: str, where: str, known: pa.Table) -> pa.Table:
    """Return the known runs without those that have changed, as far as a sample of fifty shows."""
    run_ids = known.sort_by([("end_time", "descending")])["run_id"].to_pylist()
    latest, others = run_ids[:_CHECKED], run_ids[_CHECKED:]
    chosen = random.sample(others, min(_CHECKED, len(others)))
    before, now = _column(known, "digest"), digests(matching_runs(experiment, where, [*latest, *chosen]))
    changed = [run for run in [*latest, *chosen] if now.get(run) != before[run]]
    return known.slice(0, 0) if set(changed) & set(chosen) else without(known, changed)


def _column(table: pa.Table, name: str) -> dict:
    """Return a column by run id."""
    return dict(zip(table["run_id"].to_pylist(), table[name].to_pylist(), strict=True))

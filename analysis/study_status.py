"""How a study stands: which of its cells are done, running, failed or missing, by what the server knows."""

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.fetch.cell_runs import CellRun, cell_runs
from analysis.render import render_table
from fer.errors import InputError
from fer.evaluation.sentences import counted
from fer.progress import duration
from fer.tracking import names
from fer.tracking.reading import read_json
from fer.tracking.run_progress import progress_of
from fer.tracking.run_search import condition, find_experiments, search_runs
from fer.tracking.server import answering, connect

if TYPE_CHECKING:
    from mlflow.entities import Run

# A process that has not said for so long that it lives is taken for dead: it says so every 30 seconds.
SECONDS_OF_SILENCE = 180
STATES = ("done", "running", "stale", "failed", "killed", "missing")
_ENDED = {"FAILED": "failed", "KILLED": "killed"}
_RANK = {"done": 0, "running": 1, "stale": 2}


@dataclass(frozen=True)
class CellStatus:
    """One cell of a study.

    Attributes:
        experiment: the cell's title in tables.
        seed: its seed.
        state: ``done``; ``running``; ``stale``: the server takes it for running, but its process has said for three
            minutes not that it lives; ``failed``; ``killed``: ended by a user, or marked after its process died;
            ``missing``: not begun, or with an earlier version of code or data only.
        run_id: id of its run; empty for a missing one.
        where: host and process of a running one; empty if unknown.
        since: when it began, in seconds since 1970; None for a missing one.
        seconds: what it took, or has taken up to now; None for a missing one.
        progress: how far a running one is.
        reason: why it failed.
        accuracy: validation accuracy of a done one, 0..1.

    """

    experiment: str
    seed: int
    state: str
    run_id: str = ""
    where: str = ""
    since: float | None = None
    seconds: float | None = None
    progress: str = ""
    reason: str = ""
    accuracy: float | None = None


@dataclass(frozen=True)
class StudyStatus:
    """A study's cells, in its order, and the seconds that are left (None: no cell is done to measure by)."""

    study: str
    experiment: str
    cells: tuple[CellStatus, ...]
    seconds_left: float | None
    listed: bool

    def counts(self) -> dict[str, int]:
        """Return the number of cells by state, in the order of STATES."""
        found = Counter(cell.state for cell in self.cells)
        return {state: found[state] for state in STATES}

    def frame(self) -> pd.DataFrame:
        """Return one row per cell: ``experiment, seed, state, took, where, note, run_id``."""
        return pd.DataFrame(
            [
                {
                    "experiment": cell.experiment,
                    "seed": cell.seed,
                    "state": cell.state,
                    "took": "" if cell.seconds is None else duration(cell.seconds),
                    "where": cell.where,
                    "note": cell.reason or cell.progress,
                    "run_id": cell.run_id,
                }
                for cell in self.cells
            ]
        )

    def text(self, form: str = "text") -> str:
        """Return a sentence and the table, in one of the formats of :func:`analysis.render_table`."""
        table = self.frame()
        table["note"] = [note if len(note) <= 80 else f"{note[:77]}..." for note in table["note"]]
        return f"{self.sentence()}\n\n{render_table(table, form)}"

    def sentence(self) -> str:
        """Return the counts and the time that is left in words."""
        shown = ", ".join(f"{count} {state}" for state, count in self.counts().items() if count)
        left = "" if not self.seconds_left else f"; about {duration(self.seconds_left)} left at this pace"
        note = "" if self.listed else "; which are missing is not known, as an earlier version ran it"
        return f"Study {self.study} in {self.experiment}: {counted(len(self.cells), 'cell')}: {shown}{left}{note}."

    def as_json(self) -> str:
        """Return everything as JSON: ``study, experiment, counts, seconds_left, cells``."""
        content = {**asdict(self), "counts": self.counts()}
        return json.dumps({name: content[name] for name in ("study", "experiment", "counts", "seconds_left", "cells")})


def study_status(experiment: str, study: str | None = None, now: float | None = None) -> StudyStatus:
    """Return how a study stands, from the server alone; by default the experiment's newest study.

    Finished cells are cached as by :func:`analysis.load_runs`, and the server is asked for those that are new or
    changed; cells in any other state are read anew each time.

    ``now`` is the time to compare with, in seconds since 1970. Raises InputError for an experiment or a study that does
    not exist, and a server that does not answer.

    Example, on a server that has the experiment::

        print(study_status("demo").text())

    """
    connect()
    [found] = find_experiments([experiment])
    ids, moment = found.experiment_id, time.time() if now is None else now
    started = search_runs([ids], condition({names.STAGE: names.STUDY_STAGE}))
    known = list(dict.fromkeys(run.data.tags.get(names.STUDY, "") for run in started))
    if not known:
        raise InputError(f"experiment {experiment!r} has no study; run one in it, or name another experiment.")
    if study is not None and study not in known:
        raise InputError(f"experiment {experiment!r} has no study {study!r}; it has: {', '.join(known)}.")
    name = known[0] if study is None else study
    runs = answering(lambda: cell_runs(found, name))
    planned = _planned([run for run in started if run.data.tags.get(names.STUDY) == name])
    return status_of(name, experiment, planned, runs, moment, lambda run: progress_of(run, ids).sentence())


def status_of(
    study: str,
    experiment: str,
    planned: Sequence[Mapping[str, Any]] | None,
    runs: Sequence[CellRun],
    now: float,
    progress: Callable[[str], str],
) -> StudyStatus:
    """Return how a study stands by its cells' runs, newest first.

    ``planned`` lists its cells (``experiment, seed, identity``); None if that is not known: then they are those that
    have runs. ``progress`` says of the id of a running run how far it is.
    """
    by_identity: dict[str, list[CellRun]] = {}
    for run in runs:
        by_identity.setdefault(run.run_id if run.identity is None else run.identity, []).append(run)
    if planned is None:
        found = [_as_planned(identity, of_cell[0]) for identity, of_cell in by_identity.items()]
        listed: Sequence[Mapping[str, Any]] = sorted(found, key=lambda cell: (cell["seed"], cell["position"]))
    else:
        listed = planned
    cells = tuple(_cell(one, by_identity.get(one["identity"], []), now, progress) for one in listed)
    return StudyStatus(study, experiment, cells, _seconds_left(cells), planned is not None)


def _planned(started: "Sequence[Run]") -> list[Mapping[str, Any]] | None:
    """Return the cells that the newest start of a study has listed; None if none has."""
    for run in started:
        try:
            cells: list[Mapping[str, Any]] = read_json(run.info.run_id, names.PLANNED_CELLS_ARTIFACT, "")["cells"]
        except (InputError, KeyError):
            continue
        return cells
    return None


def _as_planned(identity: str, run: CellRun) -> dict[str, Any]:
    seed, position = run.seed or "0", run.position or "0"
    return {
        "identity": identity,
        "experiment": run.run_name if run.experiment is None else run.experiment,
        "seed": int(seed) if seed.isdecimal() else 0,
        "position": int(position) if position.isdecimal() else 0,
    }


def _cell(
    planned: Mapping[str, Any], runs: Sequence[CellRun], now: float, progress: Callable[[str], str]
) -> CellStatus:
    title, seed = str(planned["experiment"]), int(planned["seed"])
    if not runs:
        return CellStatus(title, seed, "missing")
    states = [_state(run, now) for run in runs]
    # One that is done counts, whatever was tried besides; then one that is running.
    best = min(range(len(runs)), key=lambda place: (_RANK.get(states[place], 9), place))
    run, state = runs[best], states[best]
    since = run.start_time / 1000
    ended = run.end_time / 1000 if run.end_time else now
    running = state in ("running", "stale")
    return CellStatus(
        title,
        seed,
        state,
        run.run_id,
        where=run.host or "",
        since=since,
        seconds=max(0.0, ended - since),
        progress=progress(run.run_id) if running else "",
        reason="" if state in ("done", "running") else _reason(run, state, now),
        accuracy=run.accuracy if state == "done" else None,
    )


def _state(run: CellRun, now: float) -> str:
    if run.status == "FINISHED":
        return "done"
    if run.status in _ENDED:
        return _ENDED[run.status]
    silent = _silence(run, now)
    return "running" if silent is None or silent <= SECONDS_OF_SILENCE else "stale"


def _silence(run: CellRun, now: float) -> float | None:
    """Return for how many seconds a run's process has not said that it lives; None if it never said so."""
    return now - int(run.alive) if run.alive and run.alive.isdecimal() else None


def _reason(run: CellRun, state: str, now: float) -> str:
    if state == "stale":
        return f"its process has given no sign of life for {duration(_silence(run, now) or 0)}"
    return run.failure or ""


def _seconds_left(cells: Sequence[CellStatus]) -> float | None:
    """Return the time left if the others take as long as those done, as many at a time as are running now."""
    done = [cell.seconds for cell in cells if cell.state == "done" and cell.seconds is not None]
    if not done:
        return None
    each = sum(done) / len(done)
    running = [cell for cell in cells if cell.state == "running"]
    begun = sum(max(0.0, each - (cell.seconds or 0.0)) for cell in running)
    waiting = sum(cell.state not in ("done", "running") for cell in cells)
    return (begun + waiting * each) / max(1, len(running))

"""Fetch: runs and predictions from the tracking server as frames."""

import time
import warnings
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from analysis.experiments.lone_evaluations import as_experiments
from analysis.fetch import run_cache
from analysis.fetch.no_runs import why_empty
from analysis.fetch.run_sync import finished_runs
from analysis.fetch.run_table import as_frame, as_table, joined
from fer.errors import FerWarning, InputError
from fer.tracking import names
from fer.tracking.pages import run_page, ui_command
from fer.tracking.predictions import predictions_table
from fer.tracking.run_search import condition, find_experiments, search_runs
from fer.tracking.server import NoAnswer, answering, connect

if TYPE_CHECKING:
    from mlflow.entities import Experiment

_AT_A_TIME = 8
_FINISHED = "FINISHED"
# Values of tags; None: a run does not have the tag.
_Tags = Mapping[str, str | None]


def load_runs(
    experiment: str | Sequence[str],
    study: str | None = None,
    stage: str | None = names.CELL_STAGE,
    origin: str | None = None,
    tags: Mapping[str, str] | None = None,
    status: str | None = "FINISHED",
    *,
    refresh: bool = False,
    offline: bool = False,
) -> pd.DataFrame:
    """Return the runs of an experiment (or several), one row per run, any number of them, newest first.

    Columns: ``run_id``, ``run_name``, ``experiment_name``, ``status``, ``start_time`` (UTC), then
    ``params.<name>`` (str), ``metrics.<name>`` (float, the last value) and ``tags.<name>`` (str) as
    ``mlflow.search_runs`` names them; what a run lacks is null. Of several finished runs of one identity
    (a cell run twice), of one cell evaluated by several versions, or of one published row (a figure was corrected),
    only the newest is kept.

    Without ``stage`` these are a study's cells, measured and published, and the evaluations that no study made
    (:func:`analysis.experiments.lone_evaluations.as_experiments`), each of which is an experiment of its own.

    Finished runs are kept in ``$FER_CACHE/runs`` (default ``~/.cache/fer``), and the server is asked for those that
    are new or changed. It is always noticed that a run was deleted, restored or opened again, or has other values of
    the tags that are asked for. MLflow keeps no trace of a name, tag, parameter or metric that was changed on a
    finished run without opening it: that is noticed at once for the 25 runs that ended last and, with
    up to fifty runs, for all; otherwise by a random sample, and after a day at the latest. ``refresh`` notices all.

    Args:
        experiment: name or names on the server that ``MLFLOW_TRACKING_URI`` names.
        study: keep runs of this study only.
        stage: ``cell`` (all experiments, see above), ``train``, ``evaluate``, ...; None for all.
        origin: ``measured`` or ``published``; None for both.
        tags: further tags that a run must have.
        status: ``FINISHED``, ``FAILED``, ...; None for all.
        refresh: fetch all runs again.
        offline: read the cached finished runs without the server; a warning gives their date.

    Raises InputError for an experiment that does not exist and a server that does not answer; without
    matching runs the result is an empty frame with the columns above, and a warning says why and what to do.

    Example, on a server that has the experiment::

        runs = load_runs("eila")
        runs[["run_name", "params.fraction", "metrics.test/accuracy"]]

    """
    given = {names.STUDY: study, names.STAGE: stage, names.ORIGIN: origin, **(tags or {})}
    conditions = {name: value for name, value in given.items() if value is not None}
    experiments = list(dict.fromkeys([experiment] if isinstance(experiment, str) else experiment))
    if offline:
        searches = _searches(conditions)
        return _frame(_offline(experiments, searches, status), searches)
    runs = _online(experiments, conditions, status, refresh)
    if runs.empty:
        why = answering(lambda: why_empty(experiments, conditions, status))
        warnings.warn(why, FerWarning, stacklevel=2)
    return runs


def load_cells(experiment: str, study: str | None = None) -> pd.DataFrame:
    """Return the finished cells and evaluations of an experiment, or the cells of one study, as :func:`load_runs`.

    Raises its errors, and InputError if there are none: one sentence that says what the experiment holds instead and
    what to do.
    """
    conditions = {names.STAGE: names.CELL_STAGE} | ({} if study is None else {names.STUDY: study})
    runs = _online([experiment], conditions, _FINISHED, refresh=False)
    if runs.empty:
        raise InputError(answering(lambda: why_empty([experiment], conditions, _FINISHED)))
    return runs


def load_predictions(run_id: str, *, refresh: bool = False) -> pd.DataFrame:
    """Return the predictions table of an evaluate run, or of a cell (that of its evaluate run).

    One row per test face: ``sample_id``, ``label`` and ``predicted`` (emotions), ``p_<emotion>`` (probabilities, 0 to
    1, sum 1), and its group and cluster columns (``race``, ``person``, ``clip``, ...), null where not known.

    That of a finished run is kept in ``$FER_CACHE/predictions`` as long as the run's end and the file's size on the
    server are the same; ``refresh`` fetches it anew. Raises InputError if the run has none, and if the server does
    not answer, or stops answering meanwhile.

    Example, on a server that has the experiment::

        predictions = load_predictions(load_runs("eila")["run_id"].iloc[0])
        (predictions["label"] == predictions["predicted"]).groupby(predictions["race"]).mean()

    """
    connect()
    return answering(lambda: predictions_table(run_id, refresh))


def load_predictions_of(
    run_ids: Iterable[str], *, refresh: bool = False, lacking: dict[str, str] | None = None
) -> dict[str, pd.DataFrame]:
    """Return the predictions tables of many runs by run id, as :func:`load_predictions`, eight at a time.

    With ``lacking``, a run without available predictions is left out and its reason entered there by run id; otherwise
    the first such run raises InputError.

    Example, on a server that has the experiment::

        runs = load_runs("eila", origin="measured")
        experiments = predictions_by_experiment(runs, load_predictions_of(runs["run_id"]))
        interval_table(experiments.values(), "race")

    """
    distinct = list(dict.fromkeys(run_ids))
    if distinct:
        connect()

    def one(run_id: str) -> pd.DataFrame | None:
        try:
            return answering(lambda: predictions_table(run_id, refresh))
        except InputError as error:
            if lacking is None:
                raise
            lacking[run_id] = str(error)
            return None

    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        found = zip(distinct, pool.map(one, distinct), strict=True)
        return {run_id: table for run_id, table in found if table is not None}


def run_pages(runs: pd.DataFrame) -> dict[str, str]:
    """Return the address of each run's page by run id; empty for a local store, which has no pages of its own."""
    if ui_command() is not None:
        return {}
    ids = {one.name: one.experiment_id for one in find_experiments(list(runs["experiment_name"].unique()))}
    named = zip(runs["run_id"], runs["experiment_name"], strict=True)
    return {run: run_page(ids[experiment], run) for run, experiment in named}


def _searches(conditions: _Tags) -> list[_Tags]:
    """Return the tags of the runs to look for: cells and, unless a study is named, evaluations that no study made."""
    if conditions.get(names.STAGE) != names.CELL_STAGE or names.STUDY in conditions:
        return [conditions]
    return [conditions, {**conditions, names.STAGE: names.EVALUATE_STAGE, names.STUDY: None}]


def _frame(tables: Mapping[str, pa.Table], searches: Sequence[_Tags]) -> pd.DataFrame:
    """Return tables by experiment name as one frame."""
    runs = _newest(as_frame(tables))
    return as_experiments(runs) if len(searches) > 1 else runs


def _online(experiments: Sequence[str], tags: Mapping[str, str], status: str | None, refresh: bool) -> pd.DataFrame:
    searches = _searches(tags)
    try:
        connect()
        return _frame(answering(lambda: _fetched(experiments, searches, status, refresh)), searches)
    except NoAnswer as error:
        raise NoAnswer(_or_offline(error, experiments, tags)) from error


def _fetched(
    experiments: Sequence[str], searches: Sequence[_Tags], status: str | None, refresh: bool
) -> dict[str, pa.Table]:
    found = find_experiments(experiments)
    return {one.name: runs_with_tags(one, searches, status, refresh=refresh) for one in found}


def runs_with_tags(
    experiment: "Experiment", searches: Sequence[_Tags], status: str | None, *, refresh: bool = False
) -> pa.Table:
    """Return the runs of an experiment that have the tags of one of ``searches``, as :mod:`analysis.fetch.run_table`.

    ``status`` and ``refresh``, and which changes are noticed: as :func:`load_runs`. None is left out for a newer one.
    """
    now = int(time.time() * 1000)
    tables = []
    kept = run_cache.read(experiment) if status in (_FINISHED, None) else None
    for tags in searches:
        # Those that go on are asked for first: one that finishes meanwhile is then found among the finished ones.
        if status != _FINISHED:
            where = condition(tags, status or "", other_than="" if status else _FINISHED)
            tables.append(as_table(search_runs([experiment.experiment_id], where), now))
        if kept is not None:
            known = kept.table.slice(0, 0) if refresh else kept.table
            tables.append(finished_runs(experiment.experiment_id, tags, known, now))
            renewed = kept.replaced(tags, tables[-1], now)
            if renewed is not kept:
                run_cache.write(experiment, renewed)
            kept = renewed
    return joined(*tables)


def _offline(experiments: Sequence[str], searches: Sequence[_Tags], status: str | None) -> dict[str, pa.Table]:
    if status != _FINISHED:
        raise InputError("only finished runs are kept to be read offline; leave status at FINISHED.")
    first, *others = searches
    kept = run_cache.read_offline(experiments, first)
    moment = run_cache.age(kept, first)
    warnings.warn(f"the runs are those of {moment}, the server was not asked.", FerWarning, stacklevel=3)
    # Of the others none may have been looked for, by an earlier version.
    return {name: joined(runs.with_tags(first), *map(runs.with_tags, others)) for name, runs in kept.items()}


def _or_offline(error: NoAnswer, experiments: Sequence[str], tags: Mapping[str, str]) -> str:
    """Return the error's sentence, with a hint to cached runs if there are any."""
    try:
        moment = run_cache.age(run_cache.read_offline(experiments, tags), tags)
    except InputError:
        return str(error)
    return f"{str(error).removesuffix('.')}, or read these finished runs as they were on {moment} by offline=True."


def _newest(table: pd.DataFrame) -> pd.DataFrame:
    """Keep of several finished runs of one identity and stage, or of one cell, the newest."""
    key = names.tag(names.IDENTITY)
    if key in table:
        finished = table["status"] == "FINISHED"
        again = finished & table[key].notna() & table.duplicated([key, names.tag(names.STAGE), "status"])
        table = table[~again]
        table = _newest_published(_newest_evaluated(table))
    return table.reset_index(drop=True)


def _newest_evaluated(table: pd.DataFrame) -> pd.DataFrame:
    """Keep of several finished cells of one experiment and seed, evaluated again by newer code, the newest."""
    recipe, seed = names.tag(names.RECIPE), names.param("seed")
    if recipe not in table or seed not in table:
        return table
    keys = ["experiment_name", names.tag(names.STAGE), recipe, seed]
    cells = table[(table["status"] == "FINISHED") & table[recipe].notna() & table[seed].notna()]
    return table.drop(index=cells[cells.duplicated(keys)].index)


def _newest_published(table: pd.DataFrame) -> pd.DataFrame:
    """Keep of several finished runs of one published row, which was corrected, the newest."""
    origin = names.tag(names.ORIGIN)
    if origin not in table:
        return table
    tags, parameters = names.PUBLISHED_ROW
    columns = [*map(names.tag, tags), *map(names.param, parameters)]
    published = (table[origin] == names.PUBLISHED) & (table["status"] == "FINISHED")
    keys = ["experiment_name", names.tag(names.STAGE), *(name for name in columns if name in table)]
    return table.drop(index=table[published][table[published].duplicated(keys)].index)

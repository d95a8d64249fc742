"""Finished runs are cached, never used where they have changed, and never fetched again where they have not."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.entities import Metric, Param, RunTag
from mlflow.tracking._tracking_service.utils import _get_store

from analysis import load_runs
from analysis.fetch import run_sync, runs
from analysis.fetch.cell_runs import cell_runs
from fer.errors import FerWarning
from fer.tracking import names, run_search
from fer.tracking.run_search import find_experiments

HOUR = 3600


@pytest.fixture(scope="module", autouse=True)
def store(tmp_path_factory):
    """An SQLite store as the tracking server; one experiment per test."""
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path_factory.mktemp('store')}/mlflow.db")
    yield
    mlflow.set_tracking_uri(before)


@pytest.fixture
def exact(monkeypatch):
    """Compare no known run whole: what is noticed now is noticed always."""
    monkeypatch.setattr(run_sync, "_CHECKED", 0)


@pytest.fixture
def fetched(monkeypatch):
    """Return a list that grows by the id of each run that is requested from the server."""
    told, search_runs = [], run_search.search_runs

    def search(*arguments):
        found = search_runs(*arguments)
        told.extend(run.info.run_id for run in found)
        return found

    monkeypatch.setattr(run_search, "search_runs", search)
    return told


class Runs:
    """Runs of one experiment, a second apart in 2026, made as long ago as no clock of a test matters."""

    def __init__(self, experiment):
        self.name = experiment
        self.client = mlflow.MlflowClient()
        self.experiment = self.client.create_experiment(experiment)
        self.ids = []

    def add(self, stage="cell", end=True, start=None, **metrics):
        number = len(self.ids)
        start = 1_780_000_000_000 + 1000 * number if start is None else start
        run = self.client.create_run(self.experiment, start, run_name=f"run {number}").info.run_id
        self.client.log_batch(
            run,
            [Metric(name, value, start, 0) for name, value in {"test/accuracy": number / 10, **metrics}.items()],
            [Param("seed", str(number)), *([Param("odd", "yes")] if number % 2 else [])],
            [RunTag(names.STAGE, stage), *([RunTag("fer.third", "1")] if number % 3 == 0 else [])],
        )
        if end:
            self.client.set_terminated(run, "FINISHED", start + 500)
        self.ids.append(run)
        return run

    def load(self, **options):
        return load_runs(self.name, **options)

    def loaded(self, **options):
        return set(self.load(**options)["run_id"])


@pytest.fixture
def six(request):
    made = Runs(request.node.name)
    for number in range(6):
        made.add(**({"rare": float("nan")} if number == 2 else {}))
    return made


def test_an_experiment_of_one_run_is_returned_cold_and_warm(request):
    one = Runs(request.node.name)
    run = one.add()
    assert one.loaded() == {run}
    assert one.loaded() == {run}


def test_a_warm_frame_is_the_cold_one_and_that_of_the_server(six, exact, fetched):
    cold = six.load()
    assert sorted(fetched) == sorted(six.ids)
    fetched.clear()
    warm = six.load()
    assert fetched == []
    told = [six.client.get_run(run) for run in reversed(six.ids)]
    expected = pd.DataFrame(
        {
            "run_id": [run.info.run_id for run in told],
            "run_name": [run.info.run_name for run in told],
            "experiment_name": six.name,
            "status": "FINISHED",
            "start_time": [pd.Timestamp(run.info.start_time, unit="ms", tz="UTC") for run in told],
            "metrics.rare": np.nan,
            "metrics.test/accuracy": [0.5, 0.4, 0.3, 0.2, 0.1, 0.0],
            "params.odd": ["yes", None] * 3,
            "params.seed": list("543210"),
            "tags.fer.stage": "cell",
            "tags.fer.third": [None, None, "1", None, None, "1"],
            "tags.mlflow.runName": [run.info.run_name for run in told],
        }
    )
    pd.testing.assert_frame_equal(cold, expected)
    pd.testing.assert_frame_equal(warm, expected)
    # A column that none of the wanted runs has is no column.
    assert "params.odd" not in six.load(tags={"fer.third": "1", names.STAGE: "cell"}).query(
        "run_name == 'run 0'"
    ).dropna(axis=1)
    with pytest.warns(FerWarning, match="has no such run"):
        assert "tags.fer.third" not in load_runs(six.name, stage="none")


def test_only_new_runs_are_fetched_even_if_they_ended_long_ago(six, exact, fetched):
    six.load()
    new, old = six.add(), six.add(start=1_700_000_000_000)
    fetched.clear()
    assert set(six.load()["run_id"]) == set(six.ids)
    assert sorted(fetched) == sorted([new, old])


def _edit_stage(six, run):
    six.client.set_tag(run, names.STAGE, "other")


def _purge(six, run):
    six.client.delete_run(run)
    _get_store()._hard_delete_run(run)


def _open_again(six, run):
    six.client.update_run(run, "RUNNING")


@pytest.mark.parametrize("spoil", [lambda six, run: six.client.delete_run(run), _purge, _open_again, _edit_stage])
@pytest.mark.parametrize("victim", [0, 3, 5])
def test_a_run_that_is_gone_is_noticed_at_once(six, exact, spoil, victim, monkeypatch):
    monkeypatch.setattr(run_search, "_IDS_IN_DOUBT", 2)
    assert six.loaded() == set(six.ids)
    spoil(six, six.ids[victim])
    assert six.loaded() == set(six.ids) - {six.ids[victim]}
    assert six.loaded() == set(six.ids) - {six.ids[victim]}


def test_a_run_that_comes_back_is_noticed_at_once(six, exact):
    six.client.delete_run(six.ids[1])
    six.add(stage="other")
    assert six.loaded() == set(six.ids[:6]) - {six.ids[1]}
    six.client.restore_run(six.ids[1])
    six.client.set_tag(six.ids[6], names.STAGE, "cell")
    assert six.loaded() == set(six.ids)


def test_a_run_that_was_opened_and_has_ended_again_is_fetched_again(six, exact):
    six.load()
    six.client.update_run(six.ids[0], "RUNNING")
    six.client.log_metric(six.ids[0], "late", 0.75)
    six.client.set_terminated(six.ids[0])
    assert six.load().set_index("run_id").loc[six.ids[0], "metrics.late"] == 0.75


def _change(six, run):
    six.client.log_metric(run, "test/accuracy", 0.99)
    six.client.update_run(run, name="renamed")
    six.client.set_tag(run, "note", "new")


def _noticed(six, run, **options):
    row = six.load(**options).set_index("run_id").loc[run]
    return (row["metrics.test/accuracy"], row["run_name"], row.get("tags.note")) == (0.99, "renamed", "new")


def test_a_change_without_a_trace_is_noticed_in_small_experiments(six):
    six.load()
    _change(six, six.ids[0])
    assert _noticed(six, six.ids[0])


def test_a_change_without_a_trace_is_noticed_by_refresh_and_after_a_day(six, exact, monkeypatch):
    six.load()
    _change(six, six.ids[0])
    assert not _noticed(six, six.ids[0])
    assert _noticed(six, six.ids[0], refresh=True)
    assert _noticed(six, six.ids[0])
    six.client.log_metric(six.ids[5], "late", 1.0)
    assert "metrics.late" not in six.load()
    now = time.time()
    monkeypatch.setattr(runs.time, "time", lambda: now + 23 * HOUR)
    assert "metrics.late" not in six.load()
    monkeypatch.setattr(runs.time, "time", lambda: now + 25 * HOUR)
    assert "metrics.late" in six.load()


def test_a_change_met_by_chance_puts_all_in_doubt(six, monkeypatch):
    monkeypatch.setattr(run_sync, "_CHECKED", 2)
    monkeypatch.setattr(run_sync.random, "sample", lambda runs, count: runs[:count])
    six.load()
    for run in six.ids[:3]:  # The two that ended last are compared, and the two before them.
        six.client.set_tag(run, "note", "new")
    six.load()
    _change(six, six.ids[0])
    assert not _noticed(six, six.ids[0])
    six.client.set_tag(six.ids[3], "note", "newer")
    assert _noticed(six, six.ids[0])


def test_runs_without_an_end_are_not_kept(six, exact, fetched):
    running = six.add(end=False)
    endless = six.add(end=False)
    six.client.update_run(endless, "FINISHED")
    assert running not in six.loaded()
    fetched.clear()
    assert endless in six.loaded()
    assert fetched == [endless]
    everything = six.load(status=None)
    assert set(everything["run_id"]) == set(six.ids)
    assert list(everything["start_time"]) == sorted(everything["start_time"], reverse=True)
    assert six.loaded(status="RUNNING") == {running}


def test_pages_and_spans_lose_nothing(six, monkeypatch, exact, fetched):
    monkeypatch.setattr(run_search, "RUNS_A_PAGE", 2)
    monkeypatch.setattr(run_search, "_IDS_A_QUERY", 2)
    for _ in range(5):
        six.add(start=1_780_000_003_000)
    assert six.loaded() == set(six.ids)
    fetched.clear()
    assert six.loaded() == set(six.ids)
    assert fetched == []


def test_a_run_deleted_while_pages_are_read_costs_no_other(six, monkeypatch):
    monkeypatch.setattr(run_search, "RUNS_A_PAGE", 2)
    search, pages = mlflow.MlflowClient.search_runs, []

    def page(client, *arguments, **options):
        found = search(client, *arguments, **options)
        pages.append(found)
        if len(pages) == 1:
            six.client.delete_run(six.ids[5])
        return found

    monkeypatch.setattr(mlflow.MlflowClient, "search_runs", page)
    assert six.loaded() == set(six.ids[:5])


@pytest.mark.parametrize("at", [8, 2000, -20])
def test_a_damaged_file_is_thrown_away_and_fetched_again(six, cache, at):
    cold = six.load()
    [file] = cache.rglob("*.parquet")
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)
    with pytest.warns(UserWarning, match="damaged"):
        pd.testing.assert_frame_equal(six.load(), cold)
    pd.testing.assert_frame_equal(six.load(), cold)


def test_a_cache_that_cannot_be_written_costs_only_time(six, cache):
    cache.write_text("a file")
    with pytest.warns(UserWarning, match="could not be cached.*FER_CACHE"):
        assert six.loaded() == set(six.ids)


def test_offline_reads_what_was_fetched_and_says_of_when(six, monkeypatch, refused):
    with refused(six.name, "never fetched"):
        six.load(offline=True)
    cold = six.load()
    narrow = six.load(tags={"fer.third": "1"})
    monkeypatch.setattr(runs, "connect", lambda: pytest.fail("the server was asked"))
    with pytest.warns(UserWarning, match=r"those of 20\d\d-\d\d-\d\d .*not asked"):
        pd.testing.assert_frame_equal(six.load(offline=True), cold)
    with pytest.warns(UserWarning, match="not asked"):
        pd.testing.assert_frame_equal(six.load(offline=True, tags={"fer.third": "1"}), narrow)
    with refused(six.name, "never fetched"):
        six.load(offline=True, stage=None)
    with refused("finished"):
        six.load(offline=True, status=None)


def test_many_at_once_read_and_write_whole_files(six, cache):
    with ThreadPoolExecutor(8) as pool:
        frames = list(pool.map(lambda turn: six.load(refresh=turn % 2 == 0), range(24)))
    for frame in frames:
        pd.testing.assert_frame_equal(frame, frames[0])
    assert len(list(cache.rglob("*.parquet"))) == 1


def test_of_a_cell_that_newer_code_evaluated_again_only_the_newest_run_is_kept():
    columns = {names.tag(names.IDENTITY): "abcde", names.tag(names.RECIPE): ["r", "r", "r", "r", None]}
    columns = {name: list(values) for name, values in columns.items()}
    table = pd.DataFrame({"run_id": list("54321"), "experiment_name": "study", "status": "FINISHED"}).assign(**columns)
    table[names.tag(names.STAGE)] = "cell"
    table[names.param("seed")] = ["0", "1", "0", "0", "0"]
    table.loc[3, "status"] = "FAILED"
    assert runs._newest(table)["run_id"].tolist() == ["5", "4", "2", "1"]


@pytest.fixture
def study(request):
    """Return runs of a study's cells: two finished, one failed, one running."""
    made = Runs(request.node.name)
    made.found = find_experiments([made.name])[0]
    for number, status in enumerate(["FINISHED", "FINISHED", "FAILED", "RUNNING"]):
        run = made.add(end=False)
        tags = {names.STUDY: "demo", names.ORIGIN: names.MEASURED, names.IDENTITY: str(number % 3), names.ALIVE: "7"}
        for tag, value in tags.items():
            made.client.set_tag(run, tag, value)
        if status != "RUNNING":
            made.client.set_terminated(run, status, 1_780_000_000_500 + 1000 * number)
    return made


def test_finished_cells_of_a_study_are_fetched_once_and_the_others_each_time(study, exact, fetched, monkeypatch):
    asked, search = [], runs.search_runs
    monkeypatch.setattr(runs, "search_runs", lambda *words: asked.append(search(*words)) or asked[-1])
    cold = cell_runs(study.found, "demo")
    assert [run.run_id for run in cold] == study.ids[::-1] and sorted(fetched) == sorted(study.ids[:2])
    assert [(run.status, run.identity) for run in cold] == [
        ("RUNNING", "0"), ("FAILED", "2"), ("FINISHED", "1"), ("FINISHED", "0"),
    ]  # fmt: skip
    assert (cold[0].seed, cold[0].alive, cold[0].end_time, cold[0].host) == ("3", "7", None, None)
    fetched.clear()
    study.client.set_tag(study.ids[3], names.ALIVE, "9")
    study.client.set_tag(study.ids[2], names.FAILURE, "no faces")
    warm = cell_runs(study.found, "demo")
    assert fetched == [] and [run.info.run_id for run in asked[1]] == [study.ids[3], study.ids[2]]
    assert warm == [replace(cold[0], alive="9"), replace(cold[1], failure="no faces"), *cold[2:]]
    assert cell_runs(study.found, "another") == []


def test_a_cell_that_begins_again_ends_or_is_deleted_is_never_shown_as_it_was(study, exact):
    cell_runs(study.found, "demo")
    study.client.set_terminated(study.ids[3], "FINISHED")
    study.client.update_run(study.ids[0], "RUNNING")
    study.client.delete_run(study.ids[1])
    for _ in range(2):
        found = {run.run_id: run.status for run in cell_runs(study.found, "demo")}
        assert found == {study.ids[3]: "FINISHED", study.ids[2]: "FAILED", study.ids[0]: "RUNNING"}


def test_a_run_that_ends_between_two_questions_is_found_once(study, exact, monkeypatch):
    first = runs.finished_runs

    def ended_before(*words):
        study.client.set_terminated(study.ids[3], "FINISHED")
        return first(*words)

    monkeypatch.setattr(runs, "finished_runs", ended_before)
    statuses = [run.status for run in cell_runs(study.found, "demo")]
    assert statuses == ["FINISHED", "FAILED", "FINISHED", "FINISHED"]
    assert [run.status for run in cell_runs(study.found, "demo")] == statuses

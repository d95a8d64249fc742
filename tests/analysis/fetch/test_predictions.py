"""Predictions of finished runs are downloaded once, and again when the run or its file is another."""

import mlflow
import pandas as pd
import pytest

from analysis import load_predictions, load_predictions_of
from fer.tracking import names, predictions


@pytest.fixture(autouse=True)
def store(tmp_path, tmp_path_factory, monkeypatch):
    """An SQLite store as the tracking server."""
    before = mlflow.get_tracking_uri()
    monkeypatch.chdir(tmp_path)
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path_factory.getbasetemp()}/predictions.db")
    yield
    mlflow.set_tracking_uri(before)


@pytest.fixture
def downloads(monkeypatch):
    """Return a list that grows by the run id of each time that the store is asked for a run's file."""
    done = []
    fetched = predictions.file_at

    def counted(address, path):
        done.append(address.split("/")[-2])
        return fetched(address, path)

    monkeypatch.setattr(predictions, "file_at", counted)
    return done


def _log(run, rows, folder):
    path = folder / "predictions.parquet"
    table = pd.DataFrame({"sample_id": [f"face {row}" for row in range(rows)], "race": [None] * rows, "p_happy": 0.5})
    table.to_parquet(path, index=False)
    mlflow.MlflowClient().log_artifact(run, str(path))
    return pd.read_parquet(path)


@pytest.fixture
def evaluated(tmp_path):
    """Return a maker of evaluate runs: (run id, their table)."""
    client = mlflow.MlflowClient()

    def make(rows=3, end=True):
        run = client.create_run("0").info.run_id
        table = _log(run, rows, tmp_path)
        if end:
            client.set_terminated(run)
        return run, table

    return make


def test_a_finished_run_is_read_once(evaluated, downloads):
    run, table = evaluated()
    for _ in range(2):
        pd.testing.assert_frame_equal(load_predictions(run), table)
    assert downloads == [run]
    load_predictions(run, refresh=True)
    assert downloads == [run, run]


def test_a_cell_reads_those_of_its_evaluate_run(evaluated, downloads):
    run, table = evaluated()
    cell = mlflow.MlflowClient().create_run("0", tags={names.EVALUATION_RUN: run}).info.run_id
    for asked in (cell, run):
        pd.testing.assert_frame_equal(load_predictions(asked), table)
    assert downloads == [run]


def test_a_running_run_is_read_each_time(evaluated, downloads, tmp_path):
    run, _ = evaluated(end=False)
    load_predictions(run)
    later = _log(run, 5, tmp_path)
    pd.testing.assert_frame_equal(load_predictions(run), later)


def test_another_file_and_another_end_are_noticed(evaluated, downloads, tmp_path):
    run, _ = evaluated()
    load_predictions(run)
    later = _log(run, 400, tmp_path)
    pd.testing.assert_frame_equal(load_predictions(run), later)
    client = mlflow.MlflowClient()
    client.update_run(run, "RUNNING")
    client.set_terminated(run)
    load_predictions(run)
    assert len(downloads) == 3


def test_a_damaged_table_is_fetched_again(evaluated, tmp_path):
    run, table = evaluated()
    load_predictions(run)
    [file] = (tmp_path / "cache").rglob("*.parquet")
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.warns(UserWarning, match="damaged"):
        pd.testing.assert_frame_equal(load_predictions(run), table)


def test_many_tables_come_by_run_id_in_the_order_asked(evaluated):
    tables = dict(evaluated(rows) for rows in range(1, 13))
    wanted = [*reversed(tables), next(iter(tables))]
    told = load_predictions_of(pd.Series(wanted))
    assert list(told) == wanted[:-1]
    for run, table in tables.items():
        pd.testing.assert_frame_equal(told[run], table)


def test_a_run_without_predictions_is_named(evaluated, refused, downloads):
    run = mlflow.MlflowClient().create_run("0").info.run_id
    with refused(run, "it has no file predictions.parquet"):
        load_predictions(run)
    # Of ten thousand such runs, each would take a second.
    assert downloads == []
    for wanted in (lambda: load_predictions(run), lambda: load_predictions_of([evaluated()[0], run])):
        with refused(run, "no predictions", "evaluate run"):
            wanted()

"""After an outage of the tracking server every metric arrives exactly once, and training did not wait."""

import json
import threading
import time
from contextlib import ExitStack

import mlflow
import pandas as pd
import pytest
from click.testing import CliRunner
from mlflow.entities import Metric
from mlflow.exceptions import MlflowException
from tracking_servers import MortalServer

from entrypoints.sync import main as sync
from fer.errors import InputError
from fer.record import Record
from fer.tracking import metric_queue as module
from fer.tracking import names, syncing
from fer.tracking.dataset_logging import log_dataset
from fer.tracking.faults import NoAnswer
from fer.tracking.journal import divert, journals
from fer.tracking.metric_queue import metric_queue, read_entries
from fer.tracking.reading import artifact_paths
from fer.tracking.run_contents import log_record, tag_runs
from fer.tracking.runs import open_run
from fer.tracking.send import main as send
from fer.tracking.server import server_name


@pytest.fixture(scope="module")
def mortal(tmp_path_factory):
    """A server that a test may kill."""
    with ExitStack() as held:
        yield MortalServer(tmp_path_factory.mktemp("mortal"), held)


@pytest.fixture
def run_id(mortal, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mortal.address)
    monkeypatch.setattr(module, "_FIRST_PAUSE", 0.2)
    monkeypatch.setattr(module, "_LONGEST_PAUSE", 0.5)
    mlflow.set_tracking_uri(mortal.address)
    return mlflow.MlflowClient().create_run("0").info.run_id


@pytest.fixture(autouse=True)
def no_thread_left():
    """One that was left would send to whatever store a later test, or a notebook's next cell, uses."""
    yield
    _wait_for(lambda: not any(thread.name == "metrics" for thread in threading.enumerate()))


def _history(run_id, name="train/loss"):
    return [(entry.step, entry.value) for entry in mlflow.MlflowClient().get_metric_history(run_id, name)]


def test_metrics_of_an_outage_arrive_late_complete_and_once(mortal, run_id, tmp_path):
    file = tmp_path / "own" / "metrics.jsonl"
    with metric_queue(run_id, file) as queue:
        queue.put({"train/loss": 0.5}, 1)
        _wait_for(lambda: len(_history(run_id)) == 1)
        mortal.kill()
        for step in range(2, 40):
            queue.put({"train/loss": 1 / step, "validation/loss": 2 / step}, step)
        time.sleep(1)  # Some attempts fail.
        assert len(read_entries(file)) == 39
        mortal.start()
    expected = [(1, 0.5)] + [(step, 1 / step) for step in range(2, 40)]
    assert sorted(_history(run_id)) == expected
    assert len(_history(run_id, "validation/loss")) == 38
    assert not file.parent.exists()


def test_what_was_stored_and_not_answered_is_not_stored_twice(run_id, tmp_path, monkeypatch):
    log_batch, calls = mlflow.MlflowClient.log_batch, []

    def answer_lost(client, *args, **kwargs):
        log_batch(client, *args, **kwargs)
        calls.append(kwargs["metrics"])
        if len(calls) == 1:
            raise ConnectionResetError("the answer is lost")

    monkeypatch.setattr(mlflow.MlflowClient, "log_batch", answer_lost)
    with metric_queue(run_id, tmp_path / "metrics.jsonl") as queue:
        queue.put({"train/loss": 0.1 + 0.2}, 1)
    assert len(calls) == 2
    assert _history(run_id) == [(1, 0.1 + 0.2)]


def test_a_later_start_sends_what_an_earlier_one_could_not_and_logs_no_step_twice(run_id, tmp_path):
    file = tmp_path / "metrics.jsonl"
    earlier = {"step": 1, "timestamp": 1000, "metrics": {"train/loss": 0.7}}
    mlflow.MlflowClient().log_batch(run_id, metrics=[Metric("train/loss", 0.7, 1000, 1)])
    lines = [{"run": "0" * 32}, earlier, {"step": 2, "timestamp": 2000, "metrics": {"train/loss": 0.6}}]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"step": 3, "times')
    with metric_queue(run_id, file, kept=True) as queue:
        queue.put({"train/loss": 9.0}, 2)
        queue.put({"train/loss": 0.5}, 3)
    assert sorted(_history(run_id)) == [(1, 0.7), (2, 0.6), (3, 0.5)]
    assert [entry.step for entry in read_entries(file)] == [1, 2, 3]


def test_a_server_that_stays_away_leaves_a_file_that_can_be_sent(mortal, run_id, tmp_path, monkeypatch, refused):
    monkeypatch.setattr(module, "PATIENCE", 1.0)
    file = tmp_path / "metrics.jsonl"
    mlflow.set_tracking_uri("http://127.0.0.1:9")
    with refused(str(file), "2 epochs", "fer.tracking.send"), metric_queue(run_id, file) as queue:
        queue.put({"train/loss": 0.5}, 1)
        queue.put({"train/loss": 0.25}, 2)
    mlflow.set_tracking_uri(mortal.address)
    sent = CliRunner().invoke(send, [str(file)])
    assert sent.exit_code == 0, sent.output
    assert "2 epochs" in sent.output and not file.exists()
    assert sorted(_history(run_id)) == [(1, 0.5), (2, 0.25)]


def test_a_run_that_is_gone_is_not_waited_for(run_id, tmp_path, refused):
    mlflow.MlflowClient().delete_run(run_id)
    with refused(run_id, "metrics.jsonl"), metric_queue(run_id, tmp_path / "metrics.jsonl") as queue:
        queue.put({"train/loss": 0.5}, 1)


def test_a_full_disk_leaves_metrics_in_memory_and_they_arrive(run_id, tmp_path, capsys):
    (tmp_path / "file").write_text("no folder")
    with metric_queue(run_id, tmp_path / "file" / "metrics.jsonl") as queue:
        queue.put({"train/loss": 0.5}, 1)
    assert "memory" in queue.warning and capsys.readouterr().err.count("memory") == 1
    assert _history(run_id) == [(1, 0.5)]


def test_a_file_that_is_none_is_refused(tmp_path, run_id):
    (tmp_path / "metrics.jsonl").write_text("no line of ours")
    result = CliRunner().invoke(send, [str(tmp_path / "metrics.jsonl")])
    assert result.exit_code == 2 and "holds no metrics" in result.output


def _wait_for(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture
def impatient(monkeypatch):
    """Requests that are not repeated for a minute."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setattr(module, "PATIENCE", 1.0)


def _train(tmp_path, mortal, away):
    """Log as a training does, with the server away from its third epoch on; return the id of the run."""
    with open_run("study", "outer", {"seed": 1}, experiment="outage"), open_run("train", "a training") as run:
        run_id = run.info.run_id
        log_record(Record(parameters={"resolved/rate": 0.1}, tags={"fer.data_digest": "d"}, texts={"first.txt": "1"}))
        with metric_queue(run_id, tmp_path / run_id / "metrics.jsonl") as queue:
            for step in range(1, 6):
                queue.put({"train/loss": 1 / step}, step)
                if step == 2:
                    _wait_for(lambda: len(_history(run_id)) == 2)
                    away(mortal.kill)
        log_record(
            Record(
                metrics={"best/epoch": 2},
                parameters={"resolved/steps": 3},
                description="**Done.**",
                tables={"history.csv": pd.DataFrame({"epoch": [1]})},
                texts={"first.txt": "2"},
            )
        )
        log_dataset(tmp_path / "tiny")
        with open_run("evaluate", "a test"):
            log_record(Record(metrics={"test/accuracy": 0.5}))
        tag_runs([run_id], "fer.on_front", True)
    return run_id


def _content(run_id):
    """Return all of a run that does not differ between two runs of the same."""
    client = mlflow.MlflowClient()
    run = client.get_run(run_id)
    points = {name: [(p.step, p.value) for p in client.get_metric_history(run_id, name)] for name in run.data.metrics}
    below = client.search_runs([run.info.experiment_id], f"tags.`mlflow.parentRunId` = '{run_id}'")
    tags = {name: value for name, value in run.data.tags.items() if name.startswith("fer.") or name == names.NOTE}
    tags.pop(names.SYNCED_FROM, None)
    return {
        "points": {name: sorted(found) for name, found in points.items()},
        "tags": tags,
        "params": run.data.params,
        "files": {path: mlflow.artifacts.load_text(f"runs:/{run_id}/{path}") for path in ("first.txt", "history.csv")}
        if run.info.run_name == "a training"
        else {},
        "all": artifact_paths(run_id),
        "status": run.info.status,
        "below": [_content(one.info.run_id) for one in below],
    }


def test_a_run_that_lost_the_server_ends_like_one_that_did_not(mortal, run_id, pack, tmp_path, impatient, monkeypatch):
    pack()
    undisturbed = _content(_train(tmp_path, mortal, lambda kill: None))
    assert undisturbed["points"]["train/loss"] == [(step, 1 / step) for step in range(1, 6)]

    with pytest.raises(InputError, match="fair-fer sync") as caught:
        _train(tmp_path, mortal, lambda kill: kill())
    assert mortal.address in str(caught.value)
    [journal] = journals(server_name())
    mortal.start()
    [kept] = mlflow.MlflowClient(journal.uri).search_runs(["1"], "attributes.run_name = 'a training'")
    begun = mlflow.get_run(kept.info.run_id)
    assert begun.info.status == "RUNNING" and begun.data.params == {"resolved/rate": "0.1"}
    sent = CliRunner().invoke(sync, [])
    assert sent.exit_code == 0 and "sent 3 runs" in sent.output, sent.output
    assert _content(kept.info.run_id) == undisturbed
    assert "sent 0 runs" in CliRunner().invoke(sync, []).output
    assert not journal.folder.exists()


def test_a_server_that_is_back_before_the_end_gets_all_at_the_end(
    mortal, run_id, pack, tmp_path, impatient, monkeypatch
):
    pack()
    check = syncing.check_health
    monkeypatch.setattr(syncing, "check_health", lambda address: (mortal.start(), check(address)))
    found = _train(tmp_path, mortal, lambda kill: kill())
    assert mlflow.get_tracking_uri() == mortal.address
    content = _content(found)
    assert content["status"] == "FINISHED" and [one["status"] for one in content["below"]] == ["FINISHED"]
    assert content["points"]["train/loss"] == [(step, 1 / step) for step in range(1, 6)]
    assert not journals(server_name())


@pytest.mark.parametrize("first", ["the queue", "another request"])
def test_metrics_of_a_request_that_is_still_repeated_go_to_the_journal_with_their_run(
    mortal, run_id, pack, tmp_path, impatient, monkeypatch, first
):
    # As a server answers whose disk is full: healthy, and 503 to every write, which MLflow repeats for a minute.
    pack()
    undisturbed = _content(_train(tmp_path, mortal, lambda kill: None))
    log_batch, ended = mlflow.MlflowClient.log_batch, threading.Event()

    def repeated(client, *args, **kwargs):
        if threading.current_thread().name != "metrics":
            return log_batch(client, *args, **kwargs)
        ended.wait(60)
        raise MlflowException("too many 503 error responses")

    def away(kill):
        monkeypatch.setattr(mlflow.MlflowClient, "log_batch", repeated)
        assert first == "the queue" or divert(NoAnswer("the server's disk is full."))

    began = time.monotonic()
    found = _train(tmp_path, mortal, away)
    assert time.monotonic() - began < 60
    ended.set()
    assert _content(found) == undisturbed and not journals(server_name())


def test_what_the_journal_cannot_take_either_stays_in_the_file(run_id, tmp_path, impatient, monkeypatch, refused):
    def full(client, *args, **kwargs):
        raise MlflowException("database or disk is full")

    with open_run("train", "a training", experiment="outage") as run:
        monkeypatch.setattr(mlflow.MlflowClient, "log_batch", full)
        file = tmp_path / "metrics.jsonl"
        with refused("1 epochs", str(file), "disk is full"), metric_queue(run.info.run_id, file) as queue:
            queue.put({"train/loss": 0.5}, 1)
        monkeypatch.undo()
    assert [entry.step for entry in read_entries(file)] == [1]

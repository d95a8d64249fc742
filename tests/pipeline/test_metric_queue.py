"""After an outage of the tracking server every metric arrives exactly once, and training did not wait."""

import json
import time
from contextlib import ExitStack

import mlflow
import pytest
from click.testing import CliRunner
from mlflow.entities import Metric
from tracking_servers import MortalServer

from fer.tracking import metric_queue as module
from fer.tracking.metric_queue import metric_queue, read_entries
from fer.tracking.send import main as send


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

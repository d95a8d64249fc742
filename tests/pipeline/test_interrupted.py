"""A killed training resumes in its own run; killed runs are marked as KILLED."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import mlflow
import pytest
import yaml
from click.testing import CliRunner
from mlflow.entities import Run
from project_runs import ROOT, SMALL

from entrypoints.study import main as study
from entrypoints.train import main as train
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.tracking import names
from fer.tracking.metric_queue import read_entries

EPOCHS = 40  # So many that no stop comes too late.
PROTOCOL = "scratch"  # Stops early for nobody.


@pytest.fixture
def experiment(tracking, monkeypatch) -> str:
    """Return the id of an experiment of the test's own."""
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", f"interrupted-{time.time_ns()}")
    return mlflow.set_experiment(os.environ["MLFLOW_EXPERIMENT_NAME"]).experiment_id


@pytest.fixture
def arguments(tmp_path) -> list[str]:
    """Return arguments of ``train`` that take seconds."""
    preprocess(Recipe("synthetic", name="drawn", options=SMALL), tmp_path / "drawn")
    training = ["--backbone", "assistive1", "--protocol", PROTOCOL, "--epochs", str(EPOCHS)]
    return ["--dataset", str(tmp_path / "drawn"), *training]


def _stopped(module: str, arguments: list[str], how: signal.Signals, cache: Path, epochs: int) -> None:
    """Start an entry point; stop it by a signal once its training has that many epochs behind it."""
    process = subprocess.Popen([sys.executable, "-m", module, *arguments], cwd=ROOT, start_new_session=True)
    deadline = time.monotonic() + 240
    while not any(len(file.read_text().splitlines()) > epochs for file in cache.glob("training/*/metrics.jsonl")):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(process.pid, how)
    process.wait(60)


def _runs(experiment: str, stage: str) -> list[Run]:
    """Return the runs of a stage, the newest first."""
    wanted = f"tags.`{names.STAGE}` = '{stage}'"
    return mlflow.search_runs([experiment], wanted, output_format="list")


def _steps(run: Run) -> list[int]:
    return sorted(entry.step for entry in mlflow.MlflowClient().get_metric_history(run.info.run_id, "train/loss"))


def test_a_stop_then_a_kill_then_a_run_that_mlflow_made(experiment, cache, arguments, monkeypatch):
    # An entry point takes SIGTERM for Ctrl-C, which who runs tests in the background has switched off.
    _stopped("entrypoints.train", arguments, signal.SIGTERM, cache, epochs=2)
    (stopped,) = _runs(experiment, "train")
    assert stopped.info.status == "KILLED" and names.FAILURE not in stopped.data.tags
    assert _steps(stopped) == list(range(1, len(_steps(stopped)) + 1))

    [file] = cache.glob("training/*/metrics.jsonl")
    assert len(read_entries(file)) == len(_steps(stopped))
    _stopped("entrypoints.train", arguments, signal.SIGKILL, cache, epochs=len(_steps(stopped)) + 1)
    (killed,) = _runs(experiment, "train")
    assert killed.info.run_id == stopped.info.run_id and killed.info.status == "RUNNING"
    assert killed.data.tags[names.RESUMED] == "1" and int(killed.data.tags[names.RESUMED_FROM]) >= 1

    made = mlflow.MlflowClient().create_run(experiment).info.run_id
    monkeypatch.setenv("MLFLOW_RUN_ID", made)
    result = CliRunner().invoke(train, arguments)
    assert result.exit_code == 0, result.output
    new, old = _runs(experiment, "train")
    assert (new.info.run_id, new.info.status, old.info.status) == (made, "FINISHED", "KILLED")
    assert new.data.tags[names.CONTINUES] == old.info.run_id and new.data.tags[names.RESUMED] == "2"
    assert old.data.tags[names.CONTINUED_BY] == made and "killed" in old.data.tags[names.FAILURE]
    assert _steps(new) == list(range(1, EPOCHS + 1))
    assert not list(cache.glob("training/*/")) and not list(cache.glob("runs/*/*"))
    versions = {f"fer.version.{name}" for name in ("python", "keras", "tensorflow", "numpy", "mlflow", "code")}
    machine = {f"fer.hardware.{name}" for name in ("system", "cpu", "cores", "memory_gb")}
    assert versions | machine <= set(new.data.tags)
    assert len(new.data.tags[names.DATA_DIGEST]) == 64


def test_a_study_that_is_started_again_goes_on_with_the_training_it_was_killed_in(experiment, cache, tmp_path):
    content = {
        "name": "killed",
        "about": "one drawn dataset",
        "datasets": {"drawn": {"source": "synthetic", "title": "drawn", "options": SMALL}},
        "mixtures": [{"base": "drawn"}],
        "test": {"dataset": "drawn", "split": "test", "attributes": ["race"]},
        "training": {"backbone": "assistive1", "protocol": PROTOCOL, "epochs": EPOCHS},
        "seeds": [0],
    }
    path = tmp_path / "killed.yaml"
    path.write_text(yaml.safe_dump(content))
    _stopped("entrypoints.study", ["--config", str(path)], signal.SIGKILL, cache, epochs=2)
    result = CliRunner().invoke(study, ["--config", str(path)])
    assert result.exit_code == 0, result.output
    assert [run.info.status for run in _runs(experiment, "study")] == ["FINISHED", "KILLED"]
    assert [run.info.status for run in _runs(experiment, "cell")] == ["FINISHED", "KILLED"]
    (trained,) = _runs(experiment, "train")
    assert trained.info.status == "FINISHED" and names.FAILURE not in trained.data.tags
    assert trained.data.tags[names.PARENT] == _runs(experiment, "cell")[0].info.run_id
    assert trained.data.tags[names.RESUMED] == "1"
    assert _steps(trained) == list(range(1, EPOCHS + 1))


def test_a_loss_that_is_no_number_fails_the_run_and_leaves_no_checkpoint(experiment, cache, arguments):
    result = CliRunner().invoke(train, [*arguments, "--learning-rate", "1e30"])
    assert result.exit_code == 2 and "lower learning_rate" in result.output
    (failed,) = _runs(experiment, "train")
    assert failed.info.status == "FAILED" and "loss became" in failed.data.tags[names.FAILURE]
    assert not list(cache.glob("training/*/"))

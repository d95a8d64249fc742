"""What an entry point says at its end: where to look, and a next command that the dataset allows."""

import sys
from types import SimpleNamespace

import mlflow
import pytest
from printed_commands import printed_commands

from entrypoints.ending import Next, evaluation_next, finish, training_next
from fer.text.commands import PROJECT

RUN = SimpleNamespace(info=SimpleNamespace(experiment_id="1", run_id="ab"))


@pytest.fixture(autouse=True)
def project(monkeypatch):
    """Work in the project's folder, with a local store."""
    monkeypatch.chdir(PROJECT)
    monkeypatch.setattr(mlflow, "get_tracking_uri", lambda: "sqlite:////runs/mlflow.db")


@pytest.mark.parametrize("active", [True, False])
def test_an_environment_that_the_shell_may_not_have_activated_comes_before_the_first_command(
    active, monkeypatch, capfd, tmp_path
):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "activate").touch()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    if active:
        monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path))
    finish(RUN, "the curves are under Artifacts", Next("go on", "mlflow run x"), Next("then rest"))
    lines = capfd.readouterr().err.splitlines()
    assert lines[:2] == ["", "Look at it in MLflow: the curves are under Artifacts."]
    assert "  mlflow ui --port 5000 --backend-store-uri sqlite:////runs/mlflow.db" in lines
    assert "  http://127.0.0.1:5000/#/experiments/1/runs/ab?workflowType=machine_learning" in lines
    activation = [] if active else [f"  . {tmp_path}/bin/activate"]
    assert lines[lines.index("Next: go on:") :] == ["Next: go on:", *activation, "  mlflow run x", "Next: then rest."]


def test_the_next_command_fits_the_dataset(tiny_faces, tiny_samples, pack):
    whole, folder = tiny_faces, str(pack("other").parts["other"].address)
    assert len(whole) == 56
    [train] = printed_commands(training_next(folder, "mine").command)
    assert (train.entry_point, train.parameters) == ("train", {"dataset": folder, "backbone": "cnn"})
    [evaluate] = printed_commands(evaluation_next("ab", folder, "mine").command)
    assert evaluate.parameters == {"model": "ab", "dataset": folder, "attributes": "race"}

    groupless = tiny_samples().drop(columns="race")
    folder = str(pack("groupless", groupless).parts["groupless"].address)
    [evaluate] = printed_commands(evaluation_next("ab", folder, "mine").command)
    assert evaluate.parameters["attributes"] == "none"

    alone = tiny_samples()
    folder = str(pack("alone", alone[alone["split"] == "train"].reset_index(drop=True)).parts["alone"].address)
    assert not training_next(folder, "mine").command and not evaluation_next("ab", folder, "mine").command


def test_a_dataset_that_has_gone_or_a_server_that_is_silent_gives_no_command():
    assert evaluation_next("ab", "nowhere", "mine").command == ""

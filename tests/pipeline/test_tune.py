"""Tuning: trials as child runs, resumed by name, without test data, and used by train in one step."""

import mlflow
import optuna
import pandas as pd
import pytest
from click.testing import CliRunner
from project_runs import SMALL

from analysis import load_runs
from entrypoints.train import main as train
from entrypoints.tune import main as tune
from fer.preprocessing.pipeline import Recipe, preprocess


@pytest.fixture
def dataset(tmp_path):
    preprocess(Recipe("synthetic", name="drawn", options=SMALL), tmp_path / "drawn")
    return tmp_path / "drawn"


def _tune(dataset, storage: str, trials: int):
    arguments = ["--dataset", dataset, "--backbone", "cnn", "--epochs", 1, "--trials", trials, "--storage", storage]
    return CliRunner().invoke(tune, [str(argument) for argument in arguments])


def test_trials_resume_and_the_best_trains_in_one_step(tracking, dataset, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "tuning")
    storage = f"sqlite:///{tmp_path}/optuna.db"
    for trials in (2, 3):
        result = _tune(dataset, storage, trials)
        assert result.exit_code == 0, result.output
    study = optuna.load_study(study_name="tune", storage=storage)
    assert len(study.trials) == 3
    trials = load_runs("tuning", stage="trial")
    assert len(trials) == 3
    assert trials["metrics.validation/accuracy"].notna().all()
    parent = load_runs("tuning", stage="tune").iloc[0]["run_id"]

    arguments = ["--dataset", str(dataset), "--backbone", "cnn", "--epochs", "1", "--tuned", parent]
    result = CliRunner().invoke(train, arguments)
    assert result.exit_code == 0, result.output
    run = load_runs("tuning", stage="train").iloc[0]
    assert float(run["params.resolved/learning_rate"]) == pytest.approx(study.best_params["learning_rate"])
    assert float(run["params.resolved/dropout"]) == pytest.approx(study.best_params["dropout"])


def test_a_search_made_on_other_data_is_not_taken_over(tracking, dataset, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "tuning-other")
    storage = f"sqlite:///{tmp_path}/optuna.db"
    assert _tune(dataset, storage, 1).exit_code == 0
    preprocess(Recipe("synthetic", name="other", options={**SMALL, "seed": 9}), tmp_path / "other")
    result = _tune(tmp_path / "other", storage, 1)
    assert result.exit_code == 2
    assert "other data" in result.output and "study_name" in result.output


def test_test_faces_take_no_part(tracking, dataset, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "tuning-blind")
    assert _tune(dataset, f"sqlite:///{tmp_path}/optuna.db", 1).exit_code == 0
    parent = load_runs("tuning-blind", stage="tune").iloc[0]["run_id"]
    entry = mlflow.get_run(parent).inputs.dataset_inputs[0].dataset
    assert f'"num_rows": {SMALL["train"] + SMALL["validation"]}' in entry.profile
    samples = pd.read_parquet(dataset / "samples.parquet")
    assert (samples["split"] == "test").sum() == SMALL["test"]

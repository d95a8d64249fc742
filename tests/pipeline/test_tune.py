"""Tuning: trials as child runs, resumed by name, without test data, and used by train in one step."""

import mlflow
import optuna
import pandas as pd
import pytest
from project_runs import SMALL, invoke, succeed

from analysis import load_runs
from fer.preprocessing.pipeline import Recipe, preprocess

EXPERIMENT = "tuning"
TRAINING = {"backbone": "assistive1", "epochs": 1}


def _tune(dataset, storage, trials):
    return invoke("tune", EXPERIMENT, dataset=dataset, trials=trials, storage=storage, **TRAINING)


@pytest.fixture(scope="module")
def searched(module_tracking):
    """Search with two trials, then go on with a third; return the dataset's folder, the storage and the last run."""
    folder, storage = module_tracking / "drawn", f"sqlite:///{module_tracking}/optuna.db"
    preprocess(Recipe("synthetic", name="drawn", options=SMALL), folder)
    for trials in (2, 3):
        result = _tune(folder, storage, trials)
        assert result.exit_code == 0, result.output
    return folder, storage, load_runs(EXPERIMENT, stage="tune").iloc[0]["run_id"]


def test_trials_resume_and_the_best_trains_in_one_step(tracking, searched):
    dataset, storage, parent = searched
    study = optuna.load_study(study_name="tune", storage=storage)
    assert len(study.trials) == 3
    trials = load_runs(EXPERIMENT, stage="trial")
    assert len(trials) == 3
    assert trials["metrics.validation/accuracy"].notna().all()

    succeed("train", EXPERIMENT, dataset=dataset, tuned=parent, **TRAINING)
    run = load_runs(EXPERIMENT, stage="train").iloc[0]
    assert float(run["params.resolved/learning_rate"]) == pytest.approx(study.best_params["learning_rate"])
    assert float(run["params.resolved/dropout"]) == pytest.approx(study.best_params["dropout"])


def test_a_search_made_on_other_data_is_not_taken_over(tracking, searched, tmp_path):
    preprocess(Recipe("synthetic", name="other", options={**SMALL, "seed": 9}), tmp_path / "other")
    result = _tune(tmp_path / "other", searched[1], 1)
    assert result.exit_code == 2
    assert "other data" in result.output and "study_name" in result.output


def test_test_faces_take_no_part(tracking, searched):
    entry = mlflow.get_run(searched[2]).inputs.dataset_inputs[0].dataset
    assert f'"num_rows": {SMALL["train"] + SMALL["validation"]}' in entry.profile
    samples = pd.read_parquet(searched[0] / "samples.parquet")
    assert (samples["split"] == "test").sum() == SMALL["test"]

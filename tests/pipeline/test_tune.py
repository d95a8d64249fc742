"""Tuning: trials as child runs, resumed by name, without test data, and used by train in one step."""

import json
from types import SimpleNamespace

import mlflow
import numpy as np
import optuna
import pandas as pd
import pytest
from project_runs import SMALL, invoke, succeed

from analysis import load_runs
from fer.data.dataset import load_dataset
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.record import Record
from fer.steps import tuning, tuning_trials
from fer.steps.tuning_objectives import objectives_of

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


class _Drawn:
    """A model that knows every face of group_a, and of group_b a share that grows with ``eta``."""

    def __init__(self, dataset, eta, dropout):
        group = (dataset.samples["race"] == "group_b").to_numpy()
        of_ten = np.arange(len(group)) % 10
        right = np.where(group, of_ten < 60 * eta + 2, of_ten < 10 * (1 - dropout))
        self._answers = np.eye(7)[np.where(right, dataset.codes(), (dataset.codes() + 1) % 7)]
        self._at = 0

    def predict(self, faces, verbose):
        self._at += len(faces)
        return self._answers[self._at - len(faces) : self._at]


def test_a_search_by_accuracy_and_worst_group_marks_its_front_and_prunes_none(tracking, tmp_path, monkeypatch, refused):
    def fitted(dataset, plan, protocol, report, start=None):
        validation = dataset.split("validation")
        report(0, {tuning.MONITOR: 0.5})
        model = _Drawn(validation, plan.mitigation.values["eta"], protocol.dropout)
        return SimpleNamespace(model=model, validation=validation, emotions=dataset.emotions), Record()

    monkeypatch.setattr(tuning_trials, "fit_logged", fitted)
    options = {**SMALL, "groups": ["group_a", "group_b", "few"], "shares": [20, 20, 1], "clips_per_person": 1}
    options |= {"validation": 200, "frames_per_clip": 1}
    preprocess(Recipe("synthetic", name="drawn", options=options), tmp_path / "drawn")
    storage = f"sqlite:///{tmp_path}/optuna.db"
    given = {"dataset": tmp_path / "drawn", "trials": 4, "storage": storage, "method": "group_dro", **TRAINING}
    result = invoke("tune", "front", objectives="accuracy,worst_group", **given)
    assert result.exit_code == 0, result.output
    study = optuna.load_study(study_name="tune", storage=storage)
    assert [one.name for one in study.directions] == ["MAXIMIZE", "MAXIMIZE"]
    assert {trial.state.name for trial in study.trials} == {"COMPLETE"}
    assert all(1e-3 <= trial.params["eta"] <= 1e-1 for trial in study.trials)
    objectives = SimpleNamespace(names=("accuracy", "worst_group"))
    for trial in study.trials:  # As if its worker had died when the run was finished, and Optuna not told yet.
        begun = SimpleNamespace(number=trial.number, user_attrs=trial.user_attrs)
        assert tuning_trials._known_values(begun, objectives) == tuple(trial.values)
    front = {trial.number for trial in study.best_trials}
    trials = load_runs("front", stage="trial")
    marked = trials.loc[trials["tags.fer.on_front"] == "True", "tags.fer.trial"]
    assert set(marked.astype(int)) == front and (trials["tags.fer.pruned"] == "False").all()
    tuned = load_runs("front", stage="tune").iloc[0]
    assert "fewer than 10" in tuned["tags.fer.warning"] and "few (" in tuned["tags.fer.warning"]
    run = tuned["run_id"]
    best = json.loads(mlflow.artifacts.load_text(f"runs:/{run}/best.json"))
    assert {one["trial"] for one in best["front"]} == front and best["method"] == "group_dro"
    highest = max(one["accuracy"] for one in best["front"])
    near = [one for one in best["front"] if one["accuracy"] >= highest - 0.02]
    chosen = next(one for one in best["front"] if one["parameters"] == best["parameters"])
    assert chosen["worst_group"] == max(one["worst_group"] for one in near)
    assert tuning.best_parameters(run, "assistive1", "group_dro") == chosen["parameters"]
    with refused("train with method=group_dro"):
        tuning.best_parameters(run, "assistive1")


def test_objectives_over_groups_need_two_that_are_large_enough(searched, refused):
    validation = load_dataset(searched[0]).split("validation")
    with refused("objectives=accuracy", "need two"):
        objectives_of("accuracy,std", validation, "person")
    with refused("worst_group, std"):
        objectives_of("accuracy,gap", validation, "race")
    assert objectives_of("accuracy", validation, "race").groups == ()

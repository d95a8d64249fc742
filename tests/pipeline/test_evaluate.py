"""evaluate on a real server: intervals, audits, warnings, robustness; and a model whose training data are gone."""

import shutil

import mlflow
import pandas as pd
import pytest
from project_runs import succeed

from analysis import load_runs
from fer.data.dataset import load_dataset, write_packed
from fer.data.emotions import EMOTIONS
from fer.errors import InputError
from fer.evaluation.perturbations import PERTURBATIONS
from fer.record import DatasetInput, Record
from fer.synthetic import SyntheticOptions, draw_population
from fer.text.escaping import markdown
from fer.tracking import names
from fer.tracking.models import log_model
from fer.tracking.reading import read_table
from fer.tracking.run_contents import log_record
from fer.tracking.runs import open_run
from fer.tracking.training_data import training_datasets

EXPERIMENT = "evaluate"


def _pack(folder, name, seed):
    """Pack drawn faces of which 20 test faces show a person of the training split, and group_c is one clip."""
    options = SyntheticOptions(
        train=70, validation=35, test=84, size=24, seed=seed, frames_per_clip=3, clips_per_person=2
    )
    samples, faces = draw_population(options)
    test = samples.index[samples["split"] == "test"]
    samples.loc[test[:20], "person"] = samples["person"].iloc[0]
    last = samples["race"] == "group_c"
    samples.loc[samples.index.isin(test) & last, ["clip", "person"]] = ["only", "one"]
    lost = pd.DataFrame({"sample_id": ["x"], "split": ["test"], "race": ["group_b"], "reason": ["no face"]})
    return write_packed(folder / name, name, samples, faces, faces.shape[1:], {}, lost)


def _log_model(dataset, address):
    """Log a model that was not trained, in a run that says what it was trained on; return the run's id."""
    import keras

    layers = [keras.Input((24, 24, 1)), keras.layers.Flatten(), keras.layers.Dense(7, activation="softmax")]
    with open_run("train", "train", experiment=EXPERIMENT) as run:
        log_record(Record(inputs=[DatasetInput(dataset, address, names.TRAINING_CONTEXT)]))
        log_model(keras.Sequential(layers), EMOTIONS, dataset.faces(slice(0, 2)))
        return run.info.run_id


@pytest.fixture(scope="module")
def done(module_tracking, nothing_left):
    """Two datasets, a model on each, and the evaluation of the first; returns folders, models and the run."""
    folder = module_tracking
    models = {
        name: _log_model(_pack(folder, name, seed), str(folder / name)) for seed, name in enumerate(("one", "two"))
    }
    with pytest.warns(UserWarning, match="also in the training data"):
        run = _evaluate(models["one"], folder / "one", robustness="blur,occlusion")
    return folder, models, run


def _evaluate(model, dataset, **options):
    succeed("evaluate", EXPERIMENT, model=model, dataset=dataset, **options)
    return mlflow.get_run(load_runs(EXPERIMENT, stage="evaluate").iloc[0]["run_id"])


def _files(run):
    folders = ("intervals", "audit", "groups", "slices", None)
    return {
        file.path
        for folder in folders
        for file in mlflow.artifacts.list_artifacts(run_id=run.info.run_id, artifact_path=folder)
    }


def test_groups_have_intervals_over_named_clusters(done):
    run = done[2]
    table = read_table(run.info.run_id, "intervals/race.csv").set_index(["group", "metric"])
    accuracy = table.loc[("group_a", "accuracy")]
    assert accuracy["estimate"] == pytest.approx(run.data.metrics["test/race/accuracy/group_a"])
    assert accuracy["low"] <= accuracy["estimate"] <= accuracy["high"]
    assert table.loc[("group_c", "accuracy"), "method"] == "cannot be estimated"
    assert run.data.metrics["test/race/clusters/group_c"] == run.data.metrics["test/race/persons/group_c"] == 1
    test = load_dataset(done[0] / "one").split("test").samples
    assert run.data.metrics["test/race/clips/group_a"] == test.loc[test["race"] == "group_a", "clip"].nunique()
    assert run.data.metrics["test/race/clusters/group_a"] == accuracy["clusters"]
    assert run.data.tags[names.CLUSTER] == "clips crossed with persons"
    assert {"intervals/race_differences.csv", "intervals/race_spread.csv"} <= _files(run)
    groups = read_table(run.info.run_id, "groups/race.csv").set_index("group")
    assert groups.loc["group_a", ["accuracy", "low", "high"]].tolist() == accuracy[["estimate", "low", "high"]].tolist()


def test_the_page_and_a_tag_say_what_the_groups_rest_on(done):
    run = done[2]
    page, warning = run.data.tags[names.NOTE], run.data.tags[names.WARNING]
    assert page.startswith("**Accuracy ") and "| group_c" in page and "(no interval)" in page
    assert f"**Warning:** {markdown(warning.splitlines()[0])}" in page
    for sentence in ("The race group group_c (", "1 of the ", "1 row of the split gave no face"):
        assert sentence in warning and sentence in page
    assert read_table(run.info.run_id, "warnings.csv")["warning"].tolist() == warning.split("\n")


def test_the_test_is_audited_against_the_models_training_data(done):
    run = done[2]
    leakage = read_table(run.info.run_id, "audit/leakage.csv").set_index(["split", "column"])
    assert leakage.loc[("train", "person"), "shared"] == 1
    assert run.data.metrics["test/audit/shared_ids/person"] == 1
    assert {"test/audit/accuracy_by_person/shared", "test/audit/accuracy_by_person/unseen"} <= set(run.data.metrics)
    assert {"audit/near_duplicates.csv", "audit/known_and_unseen.csv", "audit/association_race.csv",
            "audit/annotators_race.csv", "audit/end_to_end_race.csv"} <= _files(run)  # fmt: skip
    assert run.data.metrics["test/race/end_to_end_accuracy/all"] < run.data.metrics["test/accuracy"]


def test_robustness_is_by_severity_and_starts_at_the_clean_accuracy(done):
    run = done[2]
    table = read_table(run.info.run_id, "robustness.csv")
    assert set(table["perturbation"]) == {"blur", "occlusion"} < set(PERTURBATIONS)
    clean = table[(table["severity"] == 0) & (table["group"] == "all")]["accuracy"]
    assert clean.tolist() == pytest.approx([run.data.metrics["test/accuracy"]] * 2)
    history = mlflow.MlflowClient().get_metric_history(run.info.run_id, "test/robustness/blur")
    whole = table[(table["perturbation"] == "blur") & (table["group"] == "all")]
    assert [point.step for point in history] == [0, 1, 2, 3, 4, 5]
    assert [point.value for point in history] == pytest.approx(whole["accuracy"].tolist())
    assert "robustness_race.png" in _files(run)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_another_cluster_and_no_attribute(done):
    folder, models, _ = done
    run = _evaluate(models["one"], folder / "one", cluster="sample", attributes="none")
    assert run.data.tags[names.CLUSTER] == "samples"
    assert "84 faces, 84 clusters." in run.data.tags[names.NOTE]
    files = _files(run)
    assert "slices/race.csv" in files and "test/race/accuracy/group_a" in run.data.metrics
    assert "intervals/race.csv" not in files and "test/race/accuracy_std" not in run.data.metrics
    assert "robustness.csv" not in files


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_training_data_that_have_gone_are_said_to_be_unknown(done, tmp_path):
    moved = _pack(tmp_path, "moved", 3)
    model = _log_model(moved, str(tmp_path / "moved"))
    shutil.rmtree(tmp_path / "moved")
    run = _evaluate(model, done[0] / "one")
    warning = run.data.tags[names.WARNING]
    assert (
        "What this test shares with the model's training data is not known" in warning
        and str(tmp_path / "moved") in warning
    )
    assert "audit/leakage.csv" not in _files(run) and "audit/association_race.csv" in _files(run)


def test_the_training_data_of_a_registered_model_and_of_an_ensembles_members(done, tmp_path):
    folder, models, _ = done
    version = mlflow.register_model(f"runs:/{models['one']}/model", "evaluated")
    (one,) = training_datasets(f"models:/evaluated/{version.version}")
    assert one.name == "one"
    members = ",".join(models.values())
    succeed("ensemble", EXPERIMENT, members=members, dataset=folder / "one", weighting="average")
    both = training_datasets(load_runs(EXPERIMENT, stage="ensemble").iloc[0]["run_id"])
    assert [dataset.name for dataset in both] == ["one", "two"]
    # MLflow keeps one source of a dataset by its name and digest: so this one is of its own.
    model = _log_model(_pack(tmp_path, "other", 4), str(folder / "one"))
    with pytest.raises(InputError, match=r"is not the one that model .* was trained on"):
        training_datasets(model)

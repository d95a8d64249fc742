"""The whole pipeline through `mlflow run` against a real server over HTTP, as a user types it."""

import json

import mlflow
import numpy as np
import pytest
from project_runs import SMALL, mlflow_run, succeed

from analysis import load_predictions, load_runs
from fer.tracking.datasets import open_dataset

EXPERIMENT = "pipeline"


def _runs() -> dict:
    table = load_runs(EXPERIMENT, stage=None)
    newest = table.dropna(subset="tags.fer.stage").drop_duplicates("tags.fer.stage")
    return {row["tags.fer.stage"]: row for _, row in newest.iterrows()}


@pytest.fixture(scope="module")
def done(module_tracking):
    """Every entry point once, each on what the one before logged; returns the last run of each stage."""
    options = json.dumps(SMALL)
    result = mlflow_run("preprocess", EXPERIMENT, name="base", seed=1, options=options)
    assert result.returncode == 0, result.stderr[-3000:]
    addresses = {"base": f"runs:/{_runs()['preprocess']['run_id']}"}
    succeed("preprocess", EXPERIMENT, name="addition", seed=2, options=options)
    addresses["addition"] = f"runs:/{_runs()['preprocess']['run_id']}"
    result = mlflow_run("integrate", EXPERIMENT, **addresses, fraction="0.3", seed=3)
    assert result.returncode == 0, result.stderr[-3000:]
    mixture = f"runs:/{_runs()['integrate']['run_id']}"
    result = mlflow_run("train", EXPERIMENT, dataset=mixture, backbone="cnn", epochs=1, register_as="pipeline-cnn")
    assert result.returncode == 0, result.stderr[-3000:]
    model = _runs()["train"]["run_id"]
    result = mlflow_run(
        "evaluate", EXPERIMENT, model=model, dataset=addresses["addition"], attributes="race,race*gender"
    )
    assert result.returncode == 0, result.stderr[-3000:]
    return {**_runs(), "addresses": addresses, "mixture": mixture, "printed": result.stdout}


AUTO_VALUES = {
    "preprocess": {"detector": "none", "split_rule": "given"},
    "train": {"head": "pooled", "weights": "none", "protocol": "scratch", "input_size": "48", "epochs": "1"},
    "evaluate": {"cluster": "blocks of clips and persons"},
}


def test_parameters_are_those_that_mlflow_declared_and_none_is_lost(done):
    train = done["train"]
    assert train["params.backbone"] == "cnn"
    assert train["params.epochs"] == "1"
    assert train["params.learning_rate"] == "auto"
    assert train["params.resolved/learning_rate"] == "0.002"
    assert train["status"] == "FINISHED"


def test_what_auto_stands_for_is_on_the_run_that_uses_it(done):
    def of(stage):
        return {name: done[stage].get(f"params.resolved/{name}") for name in AUTO_VALUES[stage]}

    assert {stage: of(stage) for stage in AUTO_VALUES} == AUTO_VALUES
    assert done["train"]["params.head"] == done["train"]["params.input_size"] == "auto"
    assert done["train"]["metrics.train/epochs"] == 1


def test_the_mixture_holds_rows_and_no_face(done):
    files = {file.path for file in mlflow.artifacts.list_artifacts(done["mixture"] + "/dataset")}
    assert files == {"dataset/dataset.json", "dataset/lost.parquet", "dataset/samples.parquet"}
    mixed = open_dataset(done["mixture"])
    base, addition = (open_dataset(done["addresses"][name]) for name in ("base", "addition"))
    counts = addition.samples[addition.samples["split"] == "train"]["label"].value_counts()
    assert (mixed.samples["split"] == "train").sum() == SMALL["train"] + sum(int(n * 3) // 10 for n in counts)
    row = mixed.samples.index[mixed.samples["source"] == "addition"][0]
    twin = addition.samples.index[addition.samples["sample_id"] == mixed.samples["sample_id"][row]][0]
    assert np.array_equal(mixed.faces([row]), addition.faces([twin]))
    assert set(mixed.parts) == {"base", "addition"}
    assert len(base) == sum(SMALL[split] for split in ("train", "validation", "test"))


def test_the_model_loads_with_pyfunc_and_predicts_from_uint8_faces(done):
    model = mlflow.pyfunc.load_model("models:/pipeline-cnn/1")
    faces = open_dataset(done["addresses"]["addition"]).split("test").faces(slice(0, 5))
    probabilities = model.predict(faces)
    assert probabilities.shape == (5, 7)
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert json.loads(model.metadata.metadata["emotions"])[0] == "angry"
    predictions = load_predictions(done["evaluate"]["run_id"])
    columns = [name for name in predictions if name.startswith("p_")]
    assert np.allclose(predictions[columns].to_numpy()[:5], probabilities, atol=1e-5)


def test_evaluation_logs_the_architecture_s_names(done):
    run = done["evaluate"]
    predictions = load_predictions(run["run_id"])
    right = predictions["label"] == predictions["predicted"]
    assert run["metrics.test/accuracy"] == pytest.approx(right.mean())
    by_race = right.groupby(predictions["race"]).mean()
    for group, accuracy in by_race.items():
        assert run[f"metrics.test/race/accuracy/{group}"] == pytest.approx(accuracy)
    assert run["metrics.test/race/accuracy_std"] == pytest.approx(by_race.std(ddof=1) * 100)
    assert "metrics.test/race_x_gender/accuracy/group_a_female" in run
    assert "test/race/accuracy_std" in done["printed"]


def test_evaluation_keeps_what_a_reader_wants(done):
    files = {file.path for file in mlflow.artifacts.list_artifacts(run_id=done["evaluate"]["run_id"])}
    assert {
        "predictions.parquet", "classification_report.csv", "confusion_matrix.csv", "confusion_matrix.png",
        "gallery_right.png", "gallery_wrong.png", "right.csv", "wrong.csv", "groups",
    } <= files  # fmt: skip


def test_curves_are_logged_by_epoch_and_datasets_as_inputs(done):
    run = mlflow.get_run(done["train"]["run_id"])
    history = mlflow.MlflowClient().get_metric_history(run.info.run_id, "validation/accuracy")
    assert [point.step for point in history] == [1]
    entry = run.inputs.dataset_inputs[0].dataset
    assert open_dataset(done["mixture"]).digest.startswith(entry.digest)
    assert json.loads(entry.source)["address"] == done["mixture"]
    assert {"train/images_per_second", "train/learning_rate", "best/epoch"} <= set(run.data.metrics)


def test_group_metrics_without_samples_stay_off_the_server(done):
    metrics = mlflow.get_run(done["evaluate"]["run_id"]).data.metrics
    assert all(np.isfinite(value) for value in metrics.values())

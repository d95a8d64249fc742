"""The whole pipeline through `mlflow run` against a real server over HTTP, as a user types it."""

import json

import mlflow
import numpy as np
import pytest
from printed_commands import printed_commands
from project_runs import SMALL, bash, invoke, mlflow_run, succeed

from analysis import load_predictions, load_runs
from fer.tracking.datasets import attributes_by_split, open_dataset

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
    # The command that integrate has printed, pasted into a shell and made shorter.
    [train] = printed_commands(result.stderr)
    trained = bash(f"{train.line} -P epochs=1 -P register_as=pipeline-cnn")
    assert trained.returncode == 0, trained.stderr[-3000:]
    model = _runs()["train"]["run_id"]
    result = mlflow_run(
        "evaluate", EXPERIMENT, model=model, dataset=addresses["addition"], attributes="race,race*gender"
    )
    assert result.returncode == 0, result.stderr[-3000:]
    told = {"train": trained.stderr, "evaluate": result.stderr}
    return {**_runs(), "addresses": addresses, "mixture": mixture, "printed": result.stdout, "told": told}


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
    assert json.loads(entry.source)["address"] == f"{done['mixture']}/dataset"
    assert {"train/images_per_second", "train/learning_rate", "best/epoch"} <= set(run.data.metrics)


def test_group_metrics_without_samples_stay_off_the_server(done):
    metrics = mlflow.get_run(done["evaluate"]["run_id"]).data.metrics
    assert all(np.isfinite(value) for value in metrics.values())


def test_runs_have_names_that_tell_them_apart_and_descriptions(done):
    names = {stage: done[stage]["run_name"] for stage in ("preprocess", "integrate", "train", "evaluate")}
    assert names == {
        "preprocess": "addition: dataset",
        "integrate": "30% addition + base, seed 3",
        "train": "cnn on 30% addition + base, seed 0",
        "evaluate": "test: cnn (30% addition + base, seed 0) on addition",
    }
    for stage in names:
        assert done[stage]["tags.mlflow.note.content"].startswith("**"), stage
    assert "of base+30% addition" in done["train"]["tags.mlflow.note.content"]
    [model] = mlflow.search_logged_models(
        [mlflow.get_experiment_by_name(EXPERIMENT).experiment_id], output_format="list"
    )
    assert model.name == "model" and model.params["trained_as"] == names["train"]
    assert mlflow.models.get_model_info(f"runs:/{done['train']['run_id']}/model").model_id == model.model_id


def test_what_is_printed_says_where_to_look_and_the_next_command_runs(done, server):
    experiment = mlflow.get_experiment_by_name(EXPERIMENT).experiment_id
    for stage, told in done["told"].items():
        lines = [line.strip() for line in told.splitlines()]
        page = f"{server}/#/experiments/{experiment}/runs/{done[stage]['run_id']}?workflowType=machine_learning"
        assert page in lines and lines[-1] != page, stage
        assert lines.index(next(line for line in lines if line.startswith(f"{stage}: "))) < lines.index(page)
    [evaluate] = printed_commands(done["told"]["train"])
    groups = attributes_by_split(done["mixture"])["test"]
    address = f"{done['mixture']}/dataset"
    asked = {"model": done["train"]["run_id"], "dataset": address, "attributes": ",".join(groups)}
    assert (evaluate.entry_point, evaluate.experiment) == ("evaluate", EXPERIMENT)
    assert evaluate.parameters == asked
    assert invoke("evaluate", EXPERIMENT, **evaluate.parameters).exit_code == 0


def test_the_printed_table_has_the_groups_in_percent(done):
    shown = {line.split()[0]: line.split() for line in done["printed"].splitlines() if line.strip()}
    for group in ("group_a", "group_b", "group_c"):
        accuracy = done["evaluate"][f"metrics.test/race/accuracy/{group}"]
        assert shown[group][2] == f"{100 * accuracy:.1f}"


def test_a_report_shows_single_evaluations_by_what_they_were_made_by(done):
    printed = succeed("report", experiment=EXPERIMENT, replicates=200)
    assert "Accuracy by race (%)" in printed
    title = done["evaluate"]["run_name"].removeprefix("test: ")
    assert sum(line.startswith(title) for line in printed.splitlines()) == 3
    shown = load_runs(EXPERIMENT)["tags.fer.experiment"]
    # The command that train has printed evaluated the model on the mixture too.
    assert title in shown.tolist() and shown.is_unique


def test_a_model_and_its_own_predictions_are_compared_on_the_same_faces(done, tmp_path):
    load_predictions(done["evaluate"]["run_id"]).to_parquet(tmp_path / "same.parquet")
    asked = {"predictions": tmp_path / "same.parquet", "dataset": done["addresses"]["addition"], "name": "same"}
    succeed("evaluate", EXPERIMENT, **asked, attributes="none")
    table = load_runs(EXPERIMENT)
    assert table["tags.fer.experiment"].tolist()[:1] == ["same on addition"]
    printed = succeed("compare", first=done["evaluate"]["run_id"], second=table["run_id"].iloc[0], replicates=200)
    assert "None of" in printed and "by race" in printed
    assert table["metrics.test/accuracy"].iloc[0] == done["evaluate"]["metrics.test/accuracy"]

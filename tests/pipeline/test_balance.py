"""balance on a real server: made faces as an artifact, rows that point to it, counts, and what is refused."""

import json

import mlflow
import numpy as np
import pytest
from project_runs import SMALL, answer, invoke, mlflow_run, printed_address, succeed

from analysis import load_runs
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.tracking.datasets import open_dataset


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A folder of 140 drawn training faces, 70 for validation and 84 for the test."""
    folder = tmp_path_factory.mktemp("drawn") / "drawn"
    preprocess(Recipe("synthetic", name="drawn", options=SMALL), folder)
    return folder


def training(dataset):
    return dataset.split("train").samples["label"].value_counts().to_dict()


def test_a_user_types_targets_and_options_as_mappings(tracking, drawn):
    result = mlflow_run(
        "balance", "balance-typed", dataset=drawn, target="{disgust: 60, happy: 5}", options="{flip: 0, rotation: 5}"
    )
    assert result.returncode == 0, result.stderr[-3000:]
    run = load_runs("balance-typed", stage="balance").iloc[0]
    balanced, base = open_dataset(f"runs:/{run['run_id']}"), open_dataset(drawn)
    assert training(balanced) == {**training(base), "disgust": 60, "happy": 5}
    assert balanced.provenance["options"] == {"flip": 0.0, "shift": 0.0625, "rotation": 5.0, "brightness": 0.2}
    assert run["metrics.data/made/disgust"] == 60 - training(base)["disgust"]
    assert run["metrics.data/made/happy"] == 0
    assert run["metrics.data/origin/augmented"] == run["metrics.data/made/disgust"]
    assert balanced.digest == run["tags.fer.digest"]


@pytest.mark.parametrize("method", ["augment", "smote"])
def test_rows_point_to_the_made_faces_on_the_server(tracking, drawn, tmp_path, method):
    output = tmp_path / "balanced"
    printed = succeed("balance", f"balance-{method}", dataset=drawn, method=method, target="total=215", output=output)
    address = printed_address(printed)
    run_id = address.split("/")[1]
    files = {file.path for file in mlflow.artifacts.list_artifacts(address)}
    assert files == {"dataset/dataset.json", "dataset/lost.parquet", "dataset/samples.parquet"}
    balanced, made = open_dataset(address), open_dataset(f"runs:/{run_id}/made")
    assert {part.address for part in balanced.parts.values()} == {str(drawn.resolve()), f"runs:/{run_id}/made"}
    assert sorted(training(balanced).values()) == [30, 30, 31, 31, 31, 31, 31]
    assert np.array_equal(balanced.where(balanced.samples["origin"].notna()).faces(), made.faces())
    assert open_dataset(output).digest == balanced.digest
    run = mlflow.get_run(run_id)
    entry = run.inputs.dataset_inputs[0]
    assert json.loads(entry.dataset.source)["address"] == str(drawn)
    assert entry.tags[0].value == "base"
    logged = {file.path for file in mlflow.artifacts.list_artifacts(run_id=run_id)}
    assert {"made.png", "counts", "dataset", "made"} <= logged
    assert run.data.metrics["data/faces/train"] == 215


def test_undersampling_makes_no_faces(tracking, drawn):
    address = printed_address(succeed("balance", "balance-under", dataset=drawn, method="undersample"))
    counts, base = training(open_dataset(address)), training(open_dataset(drawn))
    assert set(counts.values()) == {min(base.values())}
    logged = {file.path for file in mlflow.artifacts.list_artifacts(run_id=address.split("/")[1])}
    assert not {"made", "made.png"} & logged


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "adasyn"}, ["'adasyn'", "augment, undersample, smote"]),
        ({"target": "many"}, ["'many'", "total=57677"]),
        ({"options": "{zoom: 1}"}, ["'zoom'", "flip, shift, rotation, brightness"]),
        ({"method": "undersample", "target": "500"}, ["undersample cannot give 500", "drawn"]),
        ({"dataset": "nowhere"}, ["nowhere", "preprocess"]),
    ],
)
def test_bad_input_is_one_sentence(tracking, drawn, options, words):
    result = invoke("balance", "balance-bad", **{"dataset": drawn, **options})
    assert result.exit_code == 2
    lines = answer(result.output)
    assert len(lines) == 1 and lines[0].startswith("error: ")
    for word in words:
        assert word in lines[0]
    run = mlflow.search_runs(experiment_names=["balance-bad"], max_results=1, output_format="list")[0]
    assert run.info.status == "FAILED"


def test_an_output_that_exists_is_refused_before_the_work(tracking, drawn):
    result = invoke("balance", "balance-bad", dataset=drawn, output=drawn)
    assert result.exit_code == 2
    assert str(drawn) in result.output and "another output folder" in result.output

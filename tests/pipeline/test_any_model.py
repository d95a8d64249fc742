"""evaluate of models that were not trained here, on faces of another size than theirs."""

import mlflow
import numpy as np
import pytest
import yaml
from project_runs import answer, invoke, succeed
from tiny_onnx import linear_classifier

from analysis import load_runs
from fer.data.dataset import write_packed
from fer.data.emotions import EMOTIONS
from fer.synthetic import SyntheticOptions, draw_population
from fer.tracking import names
from fer.tracking.reading import read_table

EXPERIMENT = "any model"


@pytest.fixture(scope="module")
def dataset(module_tracking):
    """Return a folder of drawn gray faces of 24 x 24 pixels."""
    samples, faces = draw_population(SyntheticOptions(train=14, validation=14, test=84, size=24, frames_per_clip=3))
    write_packed(module_tracking / "faces", "faces", samples, faces, faces.shape[1:], {})
    return module_tracking / "faces"


def onnx(folder, **said):
    """Write a classifier of RGB faces of 16 x 16 pixels and its description; return its address."""
    weights = np.random.default_rng(0).normal(0, 0.1, (3 * 16 * 16, 7))
    (folder / "tiny.onnx").write_bytes(linear_classifier((3, 16, 16), weights, np.zeros(7)))
    content = {"labels": list(EMOTIONS), "scaling": "symmetric", "license": "MIT", "source": "a|paper", **said}
    (folder / "tiny.onnx.yaml").write_text(yaml.safe_dump(content))
    return str(folder / "tiny.onnx")


def test_an_onnx_file_is_evaluated_like_a_run(dataset, module_tracking):
    address = onnx(module_tracking)
    with pytest.warns(UserWarning, match="resized from 24 x 24 to 16 x 16"):
        succeed("evaluate", EXPERIMENT, model=address, dataset=dataset)
    run = mlflow.get_run(load_runs(EXPERIMENT, stage="evaluate").iloc[0]["run_id"])
    tags, page = run.data.tags, run.data.tags[names.NOTE]
    assert run.info.run_name == "test: tiny.onnx on faces"
    assert tags[names.MODEL] == address
    assert {name: tags[f"fer.model.{name}"] for name in ("kind", "license", "source")} == {
        "kind": "onnx", "license": "MIT", "source": "a|paper",
    }  # fmt: skip
    assert len(tags["fer.model.digest"]) == 64
    assert run.data.params["resolved/model_scaling"] == "symmetric"
    assert run.data.params["resolved/model_input_size"] == "16x16"
    assert run.data.params["resolved/model_labels"] == ", ".join(EMOTIONS)
    lead, what, resized, *_ = page.split("\n\n")
    assert lead.startswith("**Accuracy ") and "is not known: model tiny.onnx was not trained here" in lead
    assert what.startswith(r"The model tiny.onnx (onnx, from a\|paper, SHA-256 ") and "licence MIT" in what
    assert (
        resized == "The faces were resized from 24 x 24 to 16 x 16 pixels and converted from gray to RGB for the model."
    )
    predictions = read_table(run.info.run_id, "predictions.parquet")
    assert len(predictions) == 84
    shares = predictions[[f"p_{emotion}" for emotion in EMOTIONS]].to_numpy()
    assert shares.sum(axis=1) == pytest.approx(1)
    assert run.data.metrics["test/accuracy"] == pytest.approx((predictions["label"] == predictions["predicted"]).mean())


@pytest.mark.parametrize(
    ("said", "words"),
    [({"labels": ["sad", "happy"]}, ["7 outputs", "2 labels"]), ({"scaling": None}, ["scaling", "tiny.onnx.yaml"])],
)
def test_a_description_that_is_wrong_is_one_sentence(dataset, tmp_path, module_tracking, said, words):
    result = invoke("evaluate", EXPERIMENT, model=onnx(tmp_path, **said), dataset=dataset)
    assert result.exit_code == 2
    [line] = [line for line in answer(result.output) if line.startswith("error: ")]
    assert all(word in line for word in words)


def test_code_of_a_model_is_run_only_if_asked(dataset, tmp_path, module_tracking):
    written, code = tmp_path / "written", tmp_path / "loader_of_a_test.py"
    code.write_text(
        f"import pathlib, numpy\npathlib.Path({str(written)!r}).write_text('run')\n"
        "def _load_pyfunc(path):\n    return Model()\n"
        "class Model:\n    def predict(self, pixels, params=None):\n"
        "        return numpy.full((len(pixels), 7), 1 / 7)\n"
    )
    mlflow.set_experiment(EXPERIMENT)
    with mlflow.start_run():
        logged = mlflow.pyfunc.log_model(
            name="foreign", loader_module="loader_of_a_test", code_paths=[str(code)], pip_requirements=[]
        )
    described = tmp_path / "foreign.yaml"
    address = f"runs:/{logged.run_id}/foreign"
    said = {"model": address, "labels": list(EMOTIONS), "scaling": "unit", "color": "gray", "input_size": 24}
    described.write_text(yaml.safe_dump({**said, "layout": "channels_last"}))
    refused = invoke("evaluate", EXPERIMENT, model=described, dataset=dataset)
    assert refused.exit_code == 2 and "say trust=true" in refused.output and not written.exists()
    with pytest.warns(UserWarning):
        succeed("evaluate", EXPERIMENT, model=described, dataset=dataset, trust="true")
    assert written.exists()
    run = mlflow.get_run(load_runs(EXPERIMENT, stage="evaluate").iloc[0]["run_id"])
    assert run.data.tags["fer.model.kind"] == "pyfunc" and run.data.tags[names.MODEL] == address

"""The step on a store: files with their descriptions, the table of what they change, and how they are used."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
import yaml
from mlflow.exceptions import MlflowException
from PIL import Image

from fer.errors import FerWarning
from fer.export import open_exported, runtimes
from fer.record import DatasetInput, Record
from fer.steps import exporting
from fer.steps.exporting import export_step
from fer.steps.run_names import export_name
from fer.tracking.models import log_model
from fer.tracking.run_contents import log_record
from fer.tracking.runs import open_run

EMOTIONS = ("angry", "happy", "sad")
DOCS = Path(__file__).parents[3] / "docs" / "export.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("export")


@pytest.fixture(scope="module")
def store(folder, empty_store):
    """Make a fresh SQLite store the tracking store."""
    before = mlflow.get_tracking_uri()
    shutil.copy(empty_store, folder / "mlflow.db")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
        yield
    mlflow.set_tracking_uri(before)


@pytest.fixture(scope="module")
def trained(store, folder, network):
    """Return the run of a logged model and the dataset that it was trained on."""
    from fer.data.dataset import write_packed

    rows = np.arange(144)
    samples = pd.DataFrame(
        {
            "sample_id": [f"face_{row}" for row in rows],
            "label": np.asarray(EMOTIONS)[rows % 3],
            "split": np.asarray(["train", "validation"])[rows // 3 % 2],
            "race": np.asarray(["black", "white|grey"])[rows // 6 % 2],
        }
    )
    # The faces of one group are dark, those of the other are bright.
    pixels = np.random.default_rng(3).integers(0, 128, (144, 12, 12), dtype=np.uint8)
    pixels += (128 * (samples["race"] != "black")).to_numpy(np.uint8)[:, None, None]
    how = {"made_by": "test", "emotions": EMOTIONS, "detector": "yunet"}
    made = write_packed(folder / "faces", "faces", samples, pixels, (12, 12), how)
    with open_run("train", "cnn on faces", {"backbone": "cnn", "seed": 0}) as run:
        log_record(Record(inputs=[DatasetInput(made, str(folder / "faces"), "training")]))
        log_model(network, EMOTIONS, made.faces(slice(0, 2)), crop_margin=made.crop_margin)
    return run.info.run_id, made


@pytest.fixture(scope="module")
def export_run(trained, exported, folder):
    """Return the run of an export in float32 and int8: the files of ``exported``, one as if it failed a group.

    ONNX int8 gives wrong answers for all bright faces.
    """
    asked = []
    run_id, made = trained
    labels = {face.tobytes(): code for face, code in zip(made.faces(), made.codes(EMOTIONS), strict=True)}

    def copied(network, place, formats, precisions, representative):
        asked.append((tuple(formats), tuple(precisions), representative))
        files = [one for one in exported.values() if one.format in formats and one.precision in precisions]
        for one in files:
            shutil.copy(one.file, place)
        return [type(one)(one.format, one.precision, place / one.file.name) for one in files]

    def opened(file):
        classify = open_exported(file)

        def wrong(faces):
            bright = faces.mean(axis=(1, 2, 3)) >= 128
            other = np.eye(3, dtype=np.float32)[[(labels[face.tobytes()] + 1) % 3 for face in faces]]
            return np.where(bright[:, None], other, classify(faces))

        return wrong if file.name == "model_int8.onnx" else classify

    with pytest.MonkeyPatch.context() as patch, pytest.warns(FerWarning) as caught:
        patch.setattr(exporting, "convert", copied)
        patch.setattr(exporting, "open_exported", opened)
        patch.setattr(runtimes, "_SECONDS", 0.01)
        with open_run("export", export_name(run_id, ["onnx"]), {"model": run_id}) as run:
            _, text = export_step(run_id, precisions=["float32", "int8"], license="CC BY 4.0")
    [(formats, precisions, representative)] = asked
    assert (formats, precisions) == (("onnx", "litert"), ("float32", "int8"))
    training = {face.tobytes() for face in made.split("train").faces()}
    assert len(representative) == 72 and all(face.tobytes() in training for face in representative)
    return mlflow.get_run(run.info.run_id), text, [str(one.message) for one in caught]


def files_of(run):
    return Path(mlflow.artifacts.download_artifacts(run_id=run.info.run_id))


def test_the_files_and_their_descriptions_are_artifacts(export_run, trained):
    run, _, _ = export_run
    folder = files_of(run) / "export"
    names = ["model_float32.onnx", "model_float32.tflite", "model_int8.onnx", "model_int8.tflite"]
    assert sorted(file.name for file in folder.iterdir()) == sorted([*names, *(f"{name}.yaml" for name in names)])
    about = yaml.safe_load((folder / "model_int8.tflite.yaml").read_text())
    assert about["labels"] == list(EMOTIONS) and about["license"] == "CC BY 4.0"
    assert about["crop_margin"] == 0
    assert about["name"] == "cnn (faces, seed 0), LiteRT int8"
    assert about["source"] == f"cnn (faces, seed 0), run {trained[0]}"
    assert run.data.tags["mlflow.runName"] == "onnx: cnn (faces, seed 0)"


def test_the_first_file_is_also_a_service_for_faces_of_any_size(export_run, trained):
    experiment = [export_run[0].info.experiment_id]
    [served] = mlflow.search_logged_models(experiment, filter_string="name = 'served'", output_format="list")
    service = mlflow.pyfunc.load_model(served.model_uri)
    faces = trained[1].faces(slice(0, 3))
    answers = service.predict(pd.DataFrame({"face": [face[..., 0].tolist() for face in faces]}))
    expected = open_exported(files_of(export_run[0]) / "export" / "model_float32.onnx")(faces)
    found = [list(answer["faces"][0]["probabilities"].values()) for answer in answers]
    assert np.allclose(found, expected, atol=1e-5)
    [smaller] = service.predict(pd.DataFrame({"face": [[[0, 255], [255, 0]]]}))
    assert smaller["faces"][0]["emotion"] in EMOTIONS
    with pytest.raises(MlflowException, match="the face of row 1 is no face"):
        service.predict(pd.DataFrame({"face": ["x"]}))


def test_what_changed_is_measured_against_keras(export_run, trained, network):
    run, text, _ = export_run
    validation = trained[1].split("validation")
    accuracy = (network.predict(validation.faces(), verbose=0).argmax(1) == validation.codes(EMOTIONS)).mean()
    table = pd.read_csv(files_of(run) / "export.csv").set_index("file")
    assert table["accuracy_of_keras"].tolist() == pytest.approx([accuracy] * 4)
    assert table.loc["model_float32.onnx", "largest_difference"] < 1e-5
    assert table.loc["model_float32.onnx", "changed_predictions"] == 0
    assert 0.001 < table.loc["model_int8.tflite", "largest_difference"] < 0.3
    assert (table[["bytes", "milliseconds_batch_1", "milliseconds_batch_32"]] > 0).all(axis=None)
    metrics = run.data.metrics
    assert metrics["export/onnx_int8/changed_predictions"] == table.loc["model_int8.onnx", "changed_predictions"]
    assert metrics["export/litert_float32/accuracy"] == pytest.approx(accuracy)
    assert "export/onnx_int8/race/accuracy/white:7c:grey" in metrics
    by_group = pd.read_csv(files_of(run) / "export_accuracy.csv", keep_default_na=False)
    assert len(by_group) == 4 * (1 + 2 + 1)
    assert "72 faces" in text and "model_int8.tflite" in text and "white|grey" in text


def test_the_page_has_the_table_and_what_was_resolved(export_run):
    run, _, warned = export_run
    note = run.data.tags["mlflow.note.content"]
    assert note.startswith("**4 exported files**, checked against the Keras model on 72 faces of faces, validation")
    assert r"white\|grey" in note and "| model_int8.onnx" in note
    assert run.data.params["resolved/attributes"] == "race"
    assert run.data.params["resolved/dataset"].endswith("faces")
    assert json.loads(run.inputs.dataset_inputs[0].dataset.source)["address"].endswith("faces")
    # The sentence is on the page, in the file and was said.
    [sentence] = [text for text in warned if text.startswith("By race, ONNX int8 changes accuracy by ")]
    assert "white|grey loses" in sentence and "relative to black (paired 95 % CI" in sentence
    assert r"white\|grey loses" in note
    assert list(pd.read_csv(files_of(run) / "warnings.csv")["warning"]) == warned


def test_the_examples_of_the_documentation_run_without_tensorflow(export_run, trained, network, tmp_path):
    folder = files_of(export_run[0]) / "export"
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    face = trained[1].faces(slice(0, 1))
    Image.fromarray(face[0, :, :, 0]).save(tmp_path / "face.png")
    examples = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert len(examples) == 2
    expected = network.predict(face, verbose=0)[0]
    for example in examples:
        code = f"{example}\nimport sys\nassert not {{'tensorflow', 'keras', 'fer'}} & set(sys.modules)"
        shown = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
        assert shown.returncode == 0, shown.stderr
        found = yaml.safe_load(shown.stdout)
        assert list(found) == list(EMOTIONS)
        assert np.allclose(list(found.values()), expected, atol=0.001)


def test_a_dataset_without_validation_faces_is_refused(trained, refused, folder):
    from fer.data.dataset import write_packed

    run_id, made = trained
    part = made.split("train")
    write_packed(folder / "training_only", "other", part.samples, part.faces()[..., 0], (12, 12), {"made_by": "test"})
    with refused("validation"):
        export_step(run_id, str(folder / "training_only"))

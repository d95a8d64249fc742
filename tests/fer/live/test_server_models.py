"""A model of the tracking server, live: converted once in another process, its threshold from its evaluations."""

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest

from fer.data.emotions import EMOTIONS
from fer.errors import InputError
from fer.identity import file_digest
from fer.live import conversion, convert_here, open_live
from fer.models import build_model
from fer.record import Record
from fer.tracking import names
from fer.tracking.models import log_model
from fer.tracking.run_contents import log_record
from fer.tracking.runs import open_run

ROOT = Path(__file__).parents[3]


@pytest.fixture
def registered(tmp_path, empty_store, monkeypatch):
    """Return the network behind ``models:/faces@champion``, which was never evaluated."""
    place = tmp_path / "mlflow.db"
    shutil.copy(empty_store, place)
    monkeypatch.chdir(tmp_path)
    before = mlflow.get_tracking_uri()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{place}")
    mlflow.set_tracking_uri(f"sqlite:///{place}")
    network = build_model("assistive1", (48, 48, 1), len(EMOTIONS), 0.1)
    with open_run("train", "trained", {"backbone": "assistive1"}):
        log_model(network, EMOTIONS, np.zeros((2, 48, 48, 1), np.uint8), "faces", crop_margin=0.2)
    mlflow.MlflowClient().set_registered_model_alias("faces", "champion", "1")
    yield network
    while mlflow.active_run() is not None:
        mlflow.end_run("FAILED")
    mlflow.set_tracking_uri(before)


def evaluated(split, seed):
    """Log an evaluation of version 1, right nine times in ten, whose sure answers are right always."""
    stream = np.random.default_rng(seed)
    label, sure = stream.integers(0, 7, 900), np.where(stream.random(900) < 0.5, 0.9, 0.5)
    right = (sure > 0.6) | (stream.random(900) < 0.2)
    best = np.where(right, label, (label + 1) % 7)
    values = np.repeat(((1 - sure) / 6)[:, None], 7, axis=1)
    values[np.arange(900), best] = sure
    table = pd.DataFrame(values, columns=[f"p_{emotion}" for emotion in EMOTIONS])
    words = np.array(EMOTIONS, dtype=object)
    table = table.assign(label=words[label], predicted=words[best], race=np.where(np.arange(900) % 2, "black", "white"))
    found = Record(
        tables={names.PREDICTIONS_ARTIFACT: table}, parameters={"split": split, "attributes": "race"},
        tags={names.MODEL: "models:/faces/1", names.DATASET: "drawn"},
    )  # fmt: skip
    with open_run(names.EVALUATE_STAGE, split, {}):
        log_record(found)


def test_a_keras_model_is_converted_once_and_its_evaluations_give_threshold_and_facts(registered, cache):
    said = []
    never = open_live("models:/faces@champion", report=said.append)
    assert sum("converting" in one for one in said) == 1
    assert "never evaluated on validation faces" in never.threshold.remark
    assert not never.facts.evaluated_by_group
    faces = np.random.default_rng(0).integers(0, 255, (4, 48, 48, 3), dtype=np.uint8)
    gray = faces.mean(axis=3, keepdims=True).astype(np.uint8)
    found = never.reader.classify(np.repeat(gray[0], 3, axis=2), np.array([[8.0, 8, 30, 30]]))
    assert found.shape == (1, 7)
    assert found.sum() == pytest.approx(1, abs=1e-5)
    evaluated("validation", 0)
    evaluated("test", 1)
    again = open_live("models:/faces@champion", left_out=["disgust"], report=said.append)
    assert sum("converting" in one for one in said) == 1, "the file is kept"
    assert again.name == "faces@champion"
    assert again.threshold.chosen_on == ("drawn, validation",)
    assert {one.group for one in again.threshold.groups} == {"all", "black", "white"}
    assert again.facts.evaluated_by_group
    assert {one.test_set for one in again.facts.checked} == {"drawn, test"}
    assert "disgust" not in again.reader.emotions
    # With the kept file no process needs TensorFlow.
    code = (
        "import sys; from fer.live import open_live; model = open_live('auto'); "
        "print(model.address, [one for one in ('tensorflow', 'keras', 'torch') if one in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, text=True, stdout=subprocess.PIPE, check=True)
    assert done.stdout.split("\n")[-2] == "models:/faces@champion []"


def test_a_damaged_file_is_converted_again(tmp_path, cache, monkeypatch):
    made = []

    def convert(folder, asked):
        made.append(asked["title"])
        (folder / conversion.NAME).write_bytes(b"network")
        (folder / f"{conversion.NAME}.yaml").write_text(file_digest(folder / conversion.NAME))

    monkeypatch.setattr(conversion, "_convert", convert)
    network = tmp_path / "model.keras"
    network.write_bytes(b"keras")
    for damage in (False, False, True):
        place = conversion.converted(network, EMOTIONS, "faces", None, lambda sentence: None)
        if damage:
            place.write_bytes(b"netw")
            conversion.converted(network, EMOTIONS, "faces", None, lambda sentence: None)
    assert len(made) == 2
    assert place.read_bytes() == b"network"


def test_a_model_that_cannot_be_converted_is_refused_with_the_reason(tmp_path, monkeypatch, capsys):
    network = tmp_path / "model.keras"
    network.write_bytes(b"no network")

    def here(command, input, **_):
        monkeypatch.setattr("sys.argv", command[2:])
        monkeypatch.setattr("sys.stdin", io.StringIO(input))
        with pytest.raises(SystemExit) as ended:
            convert_here.main()
        return subprocess.CompletedProcess(command, ended.value.code, "", capsys.readouterr().err)

    monkeypatch.setattr(conversion.subprocess, "run", here)
    with pytest.raises(InputError, match=r"faces cannot be used live: the network of model faces cannot be loaded"):
        conversion.converted(network, EMOTIONS, "faces", None, lambda sentence: None)


def test_a_model_that_is_not_there_is_refused_in_one_sentence(registered):
    with pytest.raises(InputError, match="models:/nobody/1"):
        open_live("models:/nobody/1")

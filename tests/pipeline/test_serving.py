"""A served model, asked as its users ask it: `mlflow models serve` in a process of its own, and requests over HTTP."""

import base64
import os
import subprocess
import sys
import time
from io import BytesIO

import numpy as np
import pytest
import requests
import yaml
from PIL import Image
from project_runs import ROOT
from tiny_onnx import linear_classifier
from tracking_servers import free_port

from fer.tracking.runs import open_run
from fer.tracking.served_models import log_served_model

WORDS = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]


@pytest.fixture(scope="module")
def address(module_tracking, tmp_path_factory):
    """Return the address of a served model of random weights."""
    folder = tmp_path_factory.mktemp("served")
    weights = np.random.default_rng(0).normal(0, 0.5, (64, 7)).astype(np.float32)
    (folder / "tiny.onnx").write_bytes(linear_classifier((8, 8, 1), weights, np.zeros(7, np.float32)))
    said = {"model": "tiny.onnx", "labels": WORDS, "scaling": "unit", "name": "tiny"}
    (folder / "tiny.onnx.yaml").write_text(yaml.safe_dump(said))
    with open_run("export", "served", experiment="serving"):
        model = log_served_model(folder, 0.6)
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", model, "--env-manager", "local"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True) as server:
        try:
            yield _ready(f"http://127.0.0.1:{port}", server)
        finally:
            server.terminate()


def _ready(address, server):
    for _ in range(600):
        try:
            if requests.get(f"{address}/ping", timeout=5).ok:
                return f"{address}/invocations"
        except requests.ConnectionError:
            assert server.poll() is None, server.stderr.read()
        time.sleep(0.1)
    raise AssertionError("the server did not start")


def _text(picture):
    file = BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def _ask(address, rows, **more):
    return requests.post(address, json={"dataframe_records": rows, **more}, timeout=60)


def test_faces_of_any_size_and_pictures_are_answered(address):
    stream = np.random.default_rng(1)
    gray, colour = stream.integers(0, 256, (30, 41)).tolist(), stream.integers(0, 256, (9, 7, 3)).tolist()
    answer = _ask(address, [{"face": gray}, {"face": colour}, {"picture": _text(np.zeros((90, 120), np.uint8))}])
    assert answer.status_code == 200, answer.text
    first, second, empty = answer.json()["predictions"]
    for one in (first, second):
        [face] = one["faces"]
        assert sum(face["probabilities"].values()) == pytest.approx(1, abs=1e-5)
        assert face["emotion"] in WORDS
    assert empty["faces"] == []
    assert "not what the person feels" in first["limits"]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"dataframe_records": [{"picture": "not base64 !"}]}, "the picture of row 1 is not base64"),
        ({"dataframe_records": [{"picture": _text(np.zeros((7000, 7000), np.uint8))}]}, "more than 40 megapixels"),
        ({"dataframe_records": [{"face": [[1, 2], [3]]}]}, "the face of row 1 is no face"),
        ({"dataframe_records": [{}]}, "at least one row"),
        ({"dataframe_records": [{"face": [[1]]}], "params": {"confidence": "x"}}, "confidence"),
        ({"rows": []}, "must be a JSON dictionary"),
    ],
)
def test_bad_input_is_400_with_a_sentence(address, body, sentence):
    answer = requests.post(address, json=body, timeout=60)
    assert answer.status_code == 400
    assert sentence in answer.json()["message"]


def test_the_service_lives_on_after_bad_input(address):
    assert (
        requests.post(address, data=b"{broken", headers={"Content-Type": "application/json"}, timeout=9).status_code
        == 400
    )
    assert _ask(address, [{"face": [[0, 255], [255, 0]]}]).status_code == 200

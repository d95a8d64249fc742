"""A PyTorch model logged with MLflow, in a process of its own: torch must not meet the TensorFlow of this one."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

JUDGE = """
import pathlib, sys
import numpy as np
import torch
import mlflow
from fer.classifiers import open_classifier
from fer.errors import InputError

torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 3))
folder = pathlib.Path(sys.argv[1])
mlflow.pytorch.save_model(model, str(folder), serialization_format="pickle", pip_requirements=[])
folder.with_name("model.yaml").write_text(
    "labels: [Sad, Happy, Anger]\\ncolor: gray\\ninput_size: 8\\nlayout: channels_first\\n"
    "scaling: symmetric\\noutput: logits\\n"
)
faces = np.random.default_rng(0).integers(0, 256, (5, 8, 8), dtype=np.uint8)
try:
    open_classifier(str(folder))
except InputError as error:
    assert "pytorch" in str(error) and "trust=true" in str(error), error
else:
    raise AssertionError("it was run without trust")
found = open_classifier(str(folder), trust=True).probabilities(faces)
with torch.inference_mode():
    sums = model(torch.from_numpy(np.float32(faces / 127.5 - 1)[:, None]))
expected = torch.softmax(sums, dim=1).numpy()[:, [2, 1, 0]]
assert np.abs(found - expected).max() < 1e-5, (found, expected)
"""


@pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed")
def test_a_pytorch_model_logged_with_mlflow_is_judged(tmp_path):
    command = [sys.executable, "-c", JUDGE, str(tmp_path / "model")]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[3], timeout=120)
    assert ran.returncode == 0, ran.stderr

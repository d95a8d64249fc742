"""Training on JAX, without TensorFlow: models, losses, batches, schedules and the trunk cache only use Keras."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TRAIN = """
import sys
class Hidden:  # As if TensorFlow were not installed; where it is, Keras imports it to set its seed.
    def find_spec(self, name, *_):
        if name.split(".")[0] == "tensorflow":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Hidden())
from dataclasses import replace
from pathlib import Path
import keras
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.training import Phase, protocol_named
from fer.training.fit import train

options = {"train": 32, "validation": 14, "test": 7}
dataset = preprocess(Recipe("synthetic", options=options), Path(sys.argv[1]) / "drawn").dataset
scratch = replace(protocol_named("scratch"), phases=(Phase("all", 2, 1e-3, schedule="one_cycle"),), batch_size=16)
whole = train(dataset, "cnn", scratch, seed=0)
assert whole.history["train/learning_rate"].iloc[0] > 1e-4
assert whole.history["train/learning_rate"].iloc[1] < 1e-8  # The cycle ends with the last step, not with its epoch.
averaged = train(dataset, "cnn", replace(scratch, weight_averaging=0.9), seed=0)
assert (averaged.history["train/loss"] - whole.history["train/loss"]).abs().max() < 1e-4
assert (averaged.history["validation/loss"] - whole.history["validation/loss"]).abs().min() > 1e-4
phases = (Phase("frozen", 1, 1e-3, unfrozen=0), Phase("tail", 1, 1e-3, unfrozen=5))
protocol = replace(protocol_named("scratch"), phases=phases, augmentation="none", batch_size=16)
plain, cached = (train(dataset, "cnn", protocol, seed=0, trunk_cache=mode) for mode in ("off", "auto"))
difference = (plain.history["train/loss"] - cached.history["train/loss"]).abs().max()
print(keras.backend.backend(), cached.trunk_faces, float(difference) < 1e-4)
"""


@pytest.mark.skipif(find_spec("jax") is None, reason="JAX is not installed: pip install 'jax[cpu]'")
def test_jax_trains_whole_and_from_the_trunk_cache_without_tensorflow(tmp_path):
    env = {**os.environ, "KERAS_BACKEND": "jax", "FER_CACHE": str(tmp_path), "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", TRAIN, tmp_path], env=env, capture_output=True, text=True, timeout=600, check=False
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == ["jax", "46", "True"]

"""Mixed precision: 16 bits inside, float32 probabilities and weights, Keras' own setting unchanged."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from fer.errors import InputError
from fer.models import backbone_of, build_model
from fer.models.precision import PRECISIONS, computing_in
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.training import Phase, protocol_named
from fer.training.fit import train
from fer.training.trunk_cache.graph import digests, graph_of

MIXED = [name for name in PRECISIONS if name != "float32"]
PROTOCOL = replace(
    protocol_named("scratch"), augmentation="none", batch_size=16, phases=(Phase("tail", 1, 1e-3, unfrozen=5),)
)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    options = {"train": 32, "validation": 14, "test": 7}
    return preprocess(Recipe("synthetic", options=options), tmp_path_factory.mktemp("precision") / "drawn").dataset


@pytest.mark.parametrize("precision", MIXED)
def test_layers_compute_at_16_bits_probabilities_and_weights_are_float32(precision):
    model = build_model("cnn", (48, 48, 1), 7, 0.1, precision=precision)
    assert backbone_of(model).layers[1].compute_dtype == precision.removeprefix("mixed_")
    assert model.output.dtype == "float32"
    assert {np.dtype(weight.dtype).name for weight in model.get_weights()} == {"float32"}
    assert keras.config.dtype_policy().name == "float32"


def test_keras_own_setting_is_put_back_after_an_error_too():
    with pytest.raises(ZeroDivisionError), computing_in("mixed_float16"):
        raise ZeroDivisionError
    assert keras.config.dtype_policy().name == "float32"


@pytest.mark.parametrize("precision", MIXED)
def test_a_training_is_the_same_from_faces_and_from_the_trunk_cache_and_saved_predicts_the_same(
    precision, dataset, tmp_path
):
    plain, cached = (
        train(dataset, "cnn", replace(PROTOCOL, precision=precision), seed=0, trunk_cache=mode)
        for mode in ("off", "auto")
    )
    assert cached.trained_from == ("from the trunk cache, exact",)
    assert np.allclose(plain.history["train/loss"], cached.history["train/loss"], atol=0.01)
    assert np.isfinite(plain.history["validation/loss"]).all()
    assert keras.config.dtype_policy().name == "float32"
    scaled = isinstance(cached.model.optimizer, keras.optimizers.LossScaleOptimizer)
    assert scaled == (precision == "mixed_float16")
    faces = dataset.faces()
    probabilities = cached.model.predict(faces, verbose=0)
    assert probabilities.dtype == np.float32 and np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    cached.model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert np.array_equal(again.predict(faces, verbose=0), probabilities)


def test_each_precision_keeps_outputs_of_its_own():
    kept = set()
    for precision in PRECISIONS:
        keras.utils.set_random_seed(0)
        graph = graph_of(build_model("cnn", (48, 48, 1), 7, 0.1, precision=precision))
        kept.update(digests(graph, [graph.model.output]))
    assert len(kept) == len(PRECISIONS)


def test_an_unknown_precision_is_answered_with_the_valid_ones():
    with pytest.raises(InputError, match="float32, mixed_float16, mixed_bfloat16"):
        build_model("cnn", (48, 48, 1), 7, 0.1, precision="float8")

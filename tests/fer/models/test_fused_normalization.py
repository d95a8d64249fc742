"""Fused batch normalisation: the same numbers as Keras' own, and a model that is saved as it was built."""

import keras
import numpy as np
import pytest
from keras import layers

from fer.models.fused_normalization import fused_normalization

STEPS = 3


def _network() -> keras.Model:
    keras.utils.set_random_seed(0)
    faces = keras.Input((8, 8, 3))
    inner = keras.Sequential(
        [keras.Input((8, 8, 3)), layers.Conv2D(4, 3), layers.BatchNormalization(momentum=0.9), layers.ReLU()]
    )
    x = layers.GlobalAveragePooling2D()(inner(faces))
    x = layers.BatchNormalization()(x)
    return keras.Model(faces, layers.Dense(2, activation="softmax")(x))


def _trained(fused: bool) -> keras.Model:
    model = _network()
    model.compile(keras.optimizers.SGD(0.1), loss="sparse_categorical_crossentropy", jit_compile=False)
    drawn = np.random.default_rng(0)
    faces, labels = drawn.normal(3, 2, (16 * STEPS, 8, 8, 3)).astype("float32"), drawn.integers(0, 2, 16 * STEPS)
    if fused:
        with fused_normalization(model):
            model.fit(faces, labels, batch_size=16, verbose=0, shuffle=False)
    else:
        model.fit(faces, labels, batch_size=16, verbose=0, shuffle=False)
    return model


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="only TensorFlow has the fused operation")
def test_same_weights_and_moving_averages() -> None:
    for own, fused in zip(_trained(False).get_weights(), _trained(True).get_weights(), strict=True):
        np.testing.assert_allclose(fused, own, rtol=1e-4, atol=1e-5)


def test_the_layers_are_keras_own_afterwards() -> None:
    kinds = {type(layer) for layer in _trained(True).layers[1].layers}
    assert layers.BatchNormalization in kinds
    assert all(kind.__module__.startswith("keras.") for kind in kinds)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="only TensorFlow has the fused operation")
def test_maps_are_fused_and_vectors_are_not() -> None:
    model = _network()
    with fused_normalization(model):
        assert type(model.layers[1].layers[1]).__name__ == "_Fused"
        assert type(model.layers[3]) is layers.BatchNormalization

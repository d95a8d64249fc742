"""A tiny network, converted once to every format and precision."""

import numpy as np
import pytest

from fer.export import EXPORT_PRECISIONS, FORMATS, convert

SIDE, EMOTIONS = 12, ("angry", "happy", "sad")


@pytest.fixture(scope="session")
def faces():
    """Return 48 gray faces of noise and ramps, uint8 (48, 12, 12, 1)."""
    stream = np.random.default_rng(0)
    ramps = stream.uniform(0, 255, (48, 1, 1, 1)) * np.linspace(0, 1, SIDE)[:, None, None]
    return np.clip(ramps + stream.normal(0, 20, (48, SIDE, SIDE, 1)), 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def network():
    """Return a network with all that conversions have stumbled over: uint8, resizing, both normalizations, Dropout."""
    import keras
    from keras import layers

    taken = keras.Input((SIDE, SIDE, 1), dtype="uint8", name="faces")
    x = layers.Resizing(16, 16, interpolation="nearest")(layers.Rescaling(1 / 127.5, offset=-1.0)(taken))
    x = layers.Conv2D(8, 3, use_bias=False, kernel_initializer=keras.initializers.HeNormal(1))(
        layers.Concatenate()([x, x])
    )
    x = layers.Normalization(mean=[0.1 * place for place in range(8)], variance=[0.5] * 8)(x)
    x = layers.ReLU()(layers.BatchNormalization(name="normalized")(x))
    x = layers.Dropout(0.5)(layers.GlobalAveragePooling2D()(x))
    x = layers.Dense(3, activation="softmax", kernel_initializer=keras.initializers.GlorotUniform(2))(x)
    made = keras.Model(taken, x)
    stream = np.random.default_rng(1)
    weights = [stream.uniform(0.5, 1.5, 8) for _ in range(4)]
    made.get_layer("normalized").set_weights(weights)
    made.get_layer("normalized").trainable = True
    return made


@pytest.fixture(scope="session")
def exported(network, faces, tmp_path_factory):
    """Return the files of the network, :class:`fer.export.Exported` by name; not to be changed."""
    folder = tmp_path_factory.mktemp("exported")
    made = convert(network, folder, tuple(FORMATS), EXPORT_PRECISIONS, faces)
    return {one.name: one for one in made}

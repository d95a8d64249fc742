"""Trunks: a backbone's layers as one nested model; where it ends, and which of its layers train."""

import keras
from keras import layers

from fer.errors import InputError

TRUNK = "trunk"
ALL_LAYERS = -1


def trunk_of(model: keras.Model) -> keras.Model:
    """Return the backbone's layers, as a model, of a model made by :func:`fer.models.build_model`."""
    return model.get_layer(TRUNK)


def shortened(trunk: keras.Model, left_off: int) -> keras.Model:
    """Return the trunk without its last ``left_off`` layers: it ends in the output of the layer before them."""
    if not left_off:
        return trunk
    return keras.Model(trunk.input, trunk.layers[-1 - left_off].output, name=TRUNK)


def freeze(trunk: keras.Model, unfrozen: int, left_off: int = 0, normalization: bool = True) -> None:
    """Let only the last ``unfrozen`` layers of the backbone train (0: none, ALL_LAYERS: all).

    ``left_off`` layers, which the head cut off the backbone's end, count among them. Without ``normalization``
    no BatchNormalization trains. A frozen BatchNormalization runs in inference mode (Keras' rule), so a frozen
    part without Dropout is deterministic.
    """
    size = len(trunk.layers)
    if unfrozen > size + left_off:
        raise InputError(f"a phase unfreezes {unfrozen} layers, {trunk.name} has {size + left_off}; give fewer.")
    frozen = 0 if unfrozen == ALL_LAYERS else size + left_off - unfrozen
    trunk.trainable = unfrozen != 0
    # Layer by layer: Keras does not pass on a model's `trainable` that has the value already.
    for place, layer in enumerate(trunk.layers):
        fixed = not normalization and isinstance(layer, layers.BatchNormalization)
        layer.trainable = place >= frozen and not fixed

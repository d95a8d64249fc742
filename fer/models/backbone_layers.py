"""A backbone's layers as one nested model: where it ends, and which of its layers are trained."""

from collections.abc import Iterator

import keras
from keras import layers

from fer.errors import InputError

# The nested model's name in every saved model, from before "trunk" meant a backbone's frozen part.
LAYER_NAME = "trunk"
ALL_LAYERS = -1


def flat_layers(model: keras.Model) -> Iterator[keras.Layer]:
    """Yield the layers of a model in order, those of nested models in the place of each."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from flat_layers(layer)
        else:
            yield layer


def backbone_of(model: keras.Model) -> keras.Model:
    """Return the backbone, as a nested model, of a model made by :func:`fer.models.build_model`."""
    return model.get_layer(LAYER_NAME)


def shortened(backbone: keras.Model, left_off: int) -> keras.Model:
    """Return the backbone without its last ``left_off`` layers."""
    if not left_off:
        return backbone
    return keras.Model(backbone.input, backbone.layers[-1 - left_off].output, name=LAYER_NAME)


def freeze(backbone: keras.Model, unfrozen: int, left_off: int = 0, normalization: bool = True) -> None:
    """Freeze the backbone except its last ``unfrozen`` layers (0: none, ALL_LAYERS: all).

    ``unfrozen`` includes the ``left_off`` layers that the head has removed from the end. If ``normalization`` is false,
    no BatchNormalization is trained. A frozen BatchNormalization runs in inference mode (Keras' rule), so the trunk
    (the frozen part) is deterministic if it has no Dropout. Raises InputError for more layers than there are.
    """
    size = len(backbone.layers)
    if unfrozen > size + left_off:
        raise InputError(f"a phase unfreezes {unfrozen} layers, the backbone has {size + left_off}; give fewer.")
    frozen = 0 if unfrozen == ALL_LAYERS else size + left_off - unfrozen
    backbone.trainable = unfrozen != 0
    # Layer by layer, because Keras does not propagate a model's `trainable` if its value is unchanged.
    for place, layer in enumerate(backbone.layers):
        fixed = not normalization and isinstance(layer, layers.BatchNormalization)
        layer.trainable = place >= frozen and not fixed

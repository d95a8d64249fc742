"""The published networks of ``keras.applications``, without their top, as backbones."""

from collections.abc import Callable

import keras

from fer.models.backbone_layers import LAYER_NAME
from fer.sentinels import NONE

IMAGENET = "imagenet"


def application(name: str) -> Callable[[tuple[int, int, int], str], keras.Model]:
    """Return the function that builds ``keras.applications.<name>`` from (input shape, weights) as a nested model.

    ``weights`` is ``imagenet``, ``none`` or a Keras weights file of the network without its top.
    """

    def build(shape: tuple[int, int, int], weights: str) -> keras.Model:
        given = None if weights == NONE else weights
        backbone = getattr(keras.applications, name)(include_top=False, weights=given, input_shape=shape)
        # Renamed afterwards: Keras chooses EfficientNetV2's preprocessing and weights file by the name.
        backbone.name = LAYER_NAME
        return backbone

    return build

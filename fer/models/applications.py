"""The published networks of ``keras.applications``, without their top, as trunks."""

from collections.abc import Callable

import keras

from fer.models.trunks import TRUNK
from fer.sentinels import NONE

IMAGENET = "imagenet"


def application(name: str) -> Callable[[tuple[int, int, int], str], keras.Model]:
    """Return the builder of a trunk from ``keras.applications.<name>``: (input shape, weights) to the nested model.

    ``weights`` is ``imagenet``, ``none`` or a Keras weights file of the network without its top.
    """

    def build(shape: tuple[int, int, int], weights: str) -> keras.Model:
        given = None if weights == NONE else weights
        trunk = getattr(keras.applications, name)(include_top=False, weights=given, input_shape=shape)
        # Renamed afterwards: Keras takes EfficientNetV2's preparation and the file of its weights from the name.
        trunk.name = TRUNK
        return trunk

    return build

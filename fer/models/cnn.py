"""The custom CNN: a small residual network for 48x48 faces, made for accuracy per CPU second.

2.0 million parameters, about 51 million multiplications per face: a 5x5 stem of stride 2 reduces the map to
24x24 at once, since 3x3 convolutions at 48x48 cost most of a plain network's time and see only edges; then
four stages of 32, 64, 128 and 256 channels, each a 3x3 convolution and one residual block after 2x2 pooling.
Depthwise convolutions were also measured: fewer multiplications, but not faster on a CPU. See docs/cnn.md.
"""

import keras
from keras import layers

from fer.models.backbone_layers import LAYER_NAME

STAGES = (32, 64, 128, 256)


def cnn_backbone(shape: tuple[int, int, int]) -> keras.Model:
    """Return the backbone: scaled faces ``(n, *shape)`` to a map ``(n, h/16, w/16, 256)``."""
    faces = keras.Input(shape)
    x = convolution(faces, STAGES[0], kernel=5, strides=2)
    x = _residual(x, STAGES[0])
    for filters in STAGES[1:]:
        x = layers.MaxPooling2D(2)(x)
        x = _residual(convolution(x, filters), filters)
    return keras.Model(faces, x, name=LAYER_NAME)


def convolution(
    x: keras.KerasTensor, filters: int, kernel: int = 3, strides: int = 1, activate: bool = True
) -> keras.KerasTensor:
    """Return a convolution without bias, with batch normalisation and, if it is to ``activate``, ReLU."""
    x = layers.Conv2D(filters, kernel, strides=strides, padding="same", use_bias=False, kernel_initializer="he_normal")(
        x
    )
    # Trainings are short (tens of epochs on thousands of faces), so the default momentum of 0.99 lags behind.
    x = layers.BatchNormalization(momentum=0.9)(x)
    return layers.ReLU()(x) if activate else x


def _residual(x: keras.KerasTensor, filters: int) -> keras.KerasTensor:
    inner = convolution(convolution(x, filters), filters, activate=False)
    return layers.ReLU()(layers.Add()([x, inner]))

"""The larger custom CNN: a residual network for 48x48 faces that learns FER2013 from scratch on two CPU cores.

3.6 million parameters, about 150 million multiplications per face. As in the small one (:mod:`fer.models.cnn`), a 5x5
stem of stride 2 goes to 24x24 at once; then stages of 48, 96, 192 and 384 channels with two residual blocks each, one
in the last. A block that halves the map averages 2x2 pixels in its shortcut (ResNet-D, He et al. 2019,
https://arxiv.org/abs/1812.01187). See docs/cnn.md.
"""

from collections.abc import Sequence

import keras
from keras import layers

from fer.models.backbone_layers import LAYER_NAME
from fer.models.cnn import convolution

STAGES = (48, 96, 192, 384)
BLOCKS = (2, 2, 2, 1)


def cnn_large_backbone(shape: tuple[int, int, int]) -> keras.Model:
    """Return the backbone: scaled faces ``(n, *shape)`` to a map ``(n, h/16, w/16, 384)``."""
    faces = keras.Input(shape)
    x = residual_stages(convolution(faces, STAGES[0], kernel=5, strides=2), STAGES, BLOCKS)
    return keras.Model(faces, x, name=LAYER_NAME)


def residual_stages(x: keras.KerasTensor, stages: Sequence[int], blocks: Sequence[int]) -> keras.KerasTensor:
    """Return the map after stages of these channels, of so many residual blocks each; all but the first halve it."""
    for stage, (filters, count) in enumerate(zip(stages, blocks, strict=True)):
        for block in range(count):
            x = _block(x, filters, strides=2 if stage and not block else 1)
    return x


def _block(x: keras.KerasTensor, filters: int, strides: int) -> keras.KerasTensor:
    inner = convolution(convolution(x, filters, strides=strides), filters, activate=False)
    if strides > 1:
        x = layers.AveragePooling2D(strides, padding="same")(x)
    if x.shape[-1] != filters:
        x = convolution(x, filters, kernel=1, activate=False)
    return layers.ReLU()(layers.Add()([x, inner]))

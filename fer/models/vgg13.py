"""VGG13 for faces, as Barsoum et al. trained it on FER+ (2016, https://arxiv.org/abs/1608.01041), normalised.

Four stages of 64, 128, 256 and 256 channels with 2, 2, 3 and 3 convolutions, each stage ending with 2x2 pooling and a
dropout of 25 %. 3.5 million parameters, about half a billion multiplications per face of 48x48. Other than theirs it
has batch normalisation after every convolution and a pooled head, without their two dense layers of 1,024 units, and
takes faces of 48x48 pixels as they are, not enlarged to 64x64.
"""

import keras
from keras import layers

from fer.models.backbone_layers import LAYER_NAME
from fer.models.cnn import convolution

STAGES = (64, 128, 256, 256)
CONVOLUTIONS = (2, 2, 3, 3)
DROPOUT = 0.25


def vgg13_backbone(shape: tuple[int, int, int]) -> keras.Model:
    """Return the backbone: scaled faces ``(n, *shape)`` to a map ``(n, h/16, w/16, 256)``."""
    x = faces = keras.Input(shape)
    for filters, convolutions in zip(STAGES, CONVOLUTIONS, strict=True):
        for _ in range(convolutions):
            x = convolution(x, filters)
        # With a seed, as seed_dropout gives it its own; without one it would draw from the stream of initial weights.
        x = layers.Dropout(DROPOUT, seed=0)(layers.MaxPooling2D(2)(x))
    return keras.Model(faces, x, name=LAYER_NAME)

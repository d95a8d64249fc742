"""The largest custom CNN: a residual network for 48x48 faces that is trained from scratch on a GPU.

5.1 million parameters, about a billion multiplications per face: the blocks of :mod:`fer.models.cnn_large`, but wider,
and the first stage keeps the faces' full resolution. On a CPU a training takes a day. See docs/cnn.md.
"""

import keras

from fer.models.backbone_layers import LAYER_NAME
from fer.models.cnn import convolution
from fer.models.cnn_large import residual_stages

STAGES = (64, 128, 256, 384)
BLOCKS = (2, 2, 2, 1)


def cnn_xlarge_backbone(shape: tuple[int, int, int]) -> keras.Model:
    """Return the backbone: scaled faces ``(n, *shape)`` to a map ``(n, h/8, w/8, 384)``."""
    faces = keras.Input(shape)
    x = residual_stages(convolution(faces, STAGES[0]), STAGES, BLOCKS)
    return keras.Model(faces, x, name=LAYER_NAME)

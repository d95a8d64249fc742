"""EfficientNet-Lite (Liu 2020): EfficientNet without squeeze-and-excitation, with ReLU6 instead of swish.

It is EfficientNet-B0 (Tan and Le 2019), scaled in width and depth except for its stem, its first and last stage and its
top. As in TensorFlow, convolutions of stride 2 pad an even side only at its end. Unlike the original there is no
stochastic depth, which only acts in training: the frozen part is deterministic, so that the trunk cache can store it.

Source: https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import keras
from keras import layers

from fer.models.applications import IMAGENET
from fer.models.backbone_layers import LAYER_NAME
from fer.models.efficientnet_lite_weights import imagenet_weights
from fer.sentinels import NONE

_STEM, _TOP = 32, 1280
_DIVISOR = 8


class _Stage(NamedTuple):
    repeats: int
    kernel: int
    stride: int
    expansion: int
    filters: int


_STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)


def efficientnet_lite(name: str, width: float, depth: float) -> Callable[[tuple[int, int, int], str], keras.Model]:
    """Return the function that builds an EfficientNet-Lite without its top from (input shape, weights).

    It maps scaled RGB faces ``(n, h, w, 3)`` to a map ``(n, ceil(h/32), ceil(w/32), 1280)``. ``name`` names its
    ImageNet weights; ``width`` and ``depth`` are EfficientNet's coefficients of a stage's filters and of its number of
    blocks. Weights are ``imagenet``, ``none`` or a Keras weights file of the network without its top.
    """

    def build(shape: tuple[int, int, int], weights: str) -> keras.Model:
        backbone = _network(shape, width, depth)
        if weights == IMAGENET:
            backbone.load_weights(imagenet_weights(name, backbone))
        elif weights != NONE:
            backbone.load_weights(weights)
        return backbone

    return build


def _network(shape: tuple[int, int, int], width: float, depth: float) -> keras.Model:
    """Return the network with random weights; the names of its layers are those of the PyTorch port."""
    faces = keras.Input(shape)
    x = _activated(_normalized(_convolution(faces, _STEM, 3, 2, "conv_stem"), "bn0"), "relu0")
    number = 0
    for place, stage in enumerate(_STAGES):
        ends = place in (0, len(_STAGES) - 1)
        for repeat in range(stage.repeats if ends else math.ceil(depth * stage.repeats)):
            stride = stage.stride if repeat == 0 else 1
            x = _block(x, stage, _rounded(stage.filters * width), stride, f"blocks_{number}")
            number += 1
    x = _activated(_normalized(_convolution(x, _TOP, 1, 1, "conv_head"), "bn1"), "relu1")
    return keras.Model(faces, x, name=LAYER_NAME)


def _block(inputs: keras.KerasTensor, stage: _Stage, filters: int, stride: int, name: str) -> keras.KerasTensor:
    """Return an inverted residual block: 1x1 expansion, depthwise convolution, 1x1 projection without activation."""
    x, incoming = inputs, inputs.shape[-1]
    if stage.expansion != 1:
        x = _convolution(x, incoming * stage.expansion, 1, 1, f"{name}_expand_conv")
        x = _activated(_normalized(x, f"{name}_bn0"), f"{name}_relu0")
    x = layers.DepthwiseConv2D(
        stage.kernel, stride, padding="same", use_bias=False, name=f"{name}_depthwise_conv"
    )(x)  # fmt: skip
    x = _activated(_normalized(x, f"{name}_bn1"), f"{name}_relu1")
    x = _normalized(_convolution(x, filters, 1, 1, f"{name}_project_conv"), f"{name}_bn2")
    return layers.Add(name=f"{name}_add")([x, inputs]) if stride == 1 and filters == incoming else x


def _convolution(x: keras.KerasTensor, filters: int, kernel: int, stride: int, name: str) -> keras.KerasTensor:
    return layers.Conv2D(
        filters, kernel, stride, padding="same", use_bias=False, kernel_initializer="he_normal", name=name
    )(x)  # fmt: skip


def _normalized(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    return layers.BatchNormalization(momentum=0.99, epsilon=1e-3, name=name)(x)


def _activated(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    return layers.ReLU(6.0, name=name)(x)


def _rounded(filters: float) -> int:
    """Return a number of filters as a multiple of 8, not more than a tenth below it."""
    nearest = max(_DIVISOR, int(filters + _DIVISOR / 2) // _DIVISOR * _DIVISOR)
    return nearest if nearest >= 0.9 * filters else nearest + _DIVISOR

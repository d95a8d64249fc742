"""Backbones: networks that turn uint8 faces into feature maps, in one registry.

Each backbone has the preparation that its network was trained with; a protocol may choose another one from
:mod:`fer.models.preparation`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import keras

from fer.errors import InputError
from fer.models.applications import IMAGENET, application
from fer.models.cnn import cnn_backbone
from fer.models.cnn_large import cnn_large_backbone
from fer.models.cnn_xlarge import cnn_xlarge_backbone
from fer.models.efficientnet_lite import efficientnet_lite
from fer.models.heads import HEADS, Head
from fer.models.iterations import ITERATIONS, Iteration
from fer.models.vgg13 import vgg13_backbone
from fer.sentinels import AUTO, NONE


@dataclass(frozen=True)
class Backbone:
    """One backbone.

    Attributes:
        build: function that builds the nested model from (input shape, weights).
        input_size: default height and width of the backbone's input in pixels; None: those of the faces.
        smallest: smallest possible height and width in pixels.
        channels: number of input channels; None: that of the faces.
        preparation: default name in :data:`fer.models.preparation.PREPARATIONS`.
        head: default name in :data:`fer.models.heads.HEADS`.
        protocol: default name in :data:`fer.training.PROTOCOLS`.
        weights: default of the parameter ``weights``: ``imagenet`` if there are such weights.
        left_off: number of layers at the end that an ``early`` head leaves off.
        family: name of the family in tables.

    """

    build: Callable[[tuple[int, int, int], str], keras.Model]
    input_size: int | None
    smallest: int
    channels: int | None
    preparation: str
    head: str
    protocol: str
    weights: str
    left_off: int = 0
    family: str = "custom CNN"


def _scratch(network: Callable[[tuple[int, int, int]], keras.Model], protocol: str) -> Backbone:
    def build(shape: tuple[int, int, int], weights: str) -> keras.Model:
        backbone = network(shape)
        if weights != NONE:
            backbone.load_weights(weights)
        return backbone

    return Backbone(build, None, 16, None, "minus_one_to_one", "pooled", protocol, NONE)


def _published(network: str, preparation: str, head: str = "m2", protocol: str = "age", left_off: int = 2) -> Backbone:
    build = application(network)
    return Backbone(build, 224, 32, 3, preparation, head, protocol, IMAGENET, left_off, network)


def _lite(name: str, width: float, depth: float, side: int) -> Backbone:
    build = efficientnet_lite(name, width, depth)
    return Backbone(build, side, 32, 3, "centred_127", "eila", "eila", IMAGENET, 2, f"EfficientNet-{name[13:].title()}")


def _iteration(one: Iteration) -> Backbone:
    transferred = one.weights == IMAGENET
    return Backbone(
        one.build, one.input_size, one.smallest, 3 if transferred else None,
        "unscaled" if transferred else "minus_one_to_one", one.head, one.protocol, one.weights,
        left_off=2 if transferred else 0, family=one.family,
    )  # fmt: skip


BACKBONES: dict[str, Backbone] = {
    "resnet50v2": _published("ResNet50V2", "minus_one_to_one", "eila", "eila"),
    "resnet101v2": _published("ResNet101V2", "minus_one_to_one"),
    "resnet152v2": _published("ResNet152V2", "minus_one_to_one"),
    "densenet121": _published("DenseNet121", "standardised"),
    "densenet201": _published("DenseNet201", "standardised"),
    "mobilenetv2": _published("MobileNetV2", "minus_one_to_one"),
    # In VGG16 the age study's head starts one layer nearer to the end, before the last pooling.
    "vgg16": _published("VGG16", "centred_bgr", left_off=1),
    "efficientnetv2b0": _published("EfficientNetV2B0", "unscaled", "pooled", "assistive_finetuned"),
    "efficientnet_lite0": _lite("efficientnet_lite0", 1.0, 1.0, 224),
    "efficientnet_lite2": _lite("efficientnet_lite2", 1.1, 1.2, 260),
    "cnn": _scratch(cnn_backbone, "scratch"),
    "cnn_large": _scratch(cnn_large_backbone, "scratch_long"),
    "cnn_xlarge": _scratch(cnn_xlarge_backbone, "scratch_long"),
    "vgg13": _scratch(vgg13_backbone, "scratch_long"),
    **{name: _iteration(one) for name, one in ITERATIONS.items()},
}


def backbone_named(name: str) -> Backbone:
    """Return the backbone of this name; raises InputError with the valid names for an unknown one."""
    if name not in BACKBONES:
        raise InputError(f"unknown backbone {name!r}; use one of {', '.join(BACKBONES)}.")
    return BACKBONES[name]


def head_of(backbone: str, head: str = AUTO) -> Head:
    """Return the head of this name, or the backbone's own for ``auto``; raises InputError for an unknown name."""
    chosen = backbone_named(backbone).head if head == AUTO else head
    if chosen not in HEADS:
        raise InputError(f"unknown head {chosen!r}; use one of {', '.join(HEADS)}.")
    return HEADS[chosen]


def left_off(backbone: str, head: str = AUTO) -> int:
    """Return the number of layers at the backbone's end that this head leaves off."""
    return backbone_named(backbone).left_off if head_of(backbone, head).early else 0

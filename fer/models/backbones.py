"""Backbones: networks that turn uint8 faces into feature maps, with all preparation inside the model.

A built model takes uint8 faces ``(n, height, width, channels)`` as FaceDataset holds them and gives
float32 probabilities ``(n, classes)``; it uses Keras' own layers only, so it loads without this project.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
from keras import layers

from fer.errors import InputError
from fer.models.cnn import cnn_trunk
from fer.models.heads import HEADS

TRUNK = "trunk"
IMAGENET = "imagenet"
NO_WEIGHTS = "none"


@dataclass(frozen=True)
class Backbone:
    """One backbone.

    Attributes:
        trunk: builds the nested model named ``trunk`` from (input shape, weights).
        input_size: default height and width of the trunk's input in pixels; None: the faces' own.
        smallest: the least height and width it can take.
        channels: the trunk's input channels; None: the faces' own.
        prepare: scales uint8 faces to what the trunk expects.
        head: default name in :data:`fer.models.heads.HEADS`.
        protocol: default name in :data:`fer.training.PROTOCOLS`.
        weights: default of the parameter ``weights``: ``imagenet`` where there are such weights.

    """

    trunk: Callable[[tuple[int, int, int], str], keras.Model]
    input_size: int | None
    smallest: int
    channels: int | None
    prepare: Callable[[keras.KerasTensor], keras.KerasTensor]
    head: str
    protocol: str
    weights: str


def _minus_one_to_one(faces: keras.KerasTensor) -> keras.KerasTensor:
    return layers.Rescaling(1 / 127.5, offset=-1.0, name="scale")(faces)


def _resnet50v2(shape: tuple[int, int, int], weights: str) -> keras.Model:
    given = None if weights == NO_WEIGHTS else weights
    return keras.applications.ResNet50V2(include_top=False, weights=given, input_shape=shape, name=TRUNK)


def _cnn(shape: tuple[int, int, int], weights: str) -> keras.Model:
    trunk = cnn_trunk(shape)
    if weights != NO_WEIGHTS:
        trunk.load_weights(weights)
    return trunk


BACKBONES: dict[str, Backbone] = {
    "resnet50v2": Backbone(_resnet50v2, 224, 32, 3, _minus_one_to_one, "eila", "eila", IMAGENET),
    "cnn": Backbone(_cnn, None, 16, None, _minus_one_to_one, "pooled", "scratch", NO_WEIGHTS),
}


def backbone_named(name: str) -> Backbone:
    """Return the backbone of this name; InputError with the valid names for any other."""
    if name not in BACKBONES:
        raise InputError(f"unknown backbone {name!r}; use one of {', '.join(BACKBONES)}.")
    return BACKBONES[name]


def build_model(
    name: str,
    face_shape: tuple[int, int, int],
    classes: int,
    dropout: float,
    head: str = "auto",
    weights: str = "auto",
    input_size: int | None = None,
) -> keras.Model:
    """Build backbone and head as one model: uint8 ``(n, *face_shape)`` to float32 ``(n, classes)``.

    Args:
        name: of the backbone.
        face_shape: height, width, channels (1 or 3) of the faces; gray is repeated where the trunk wants 3.
        classes: number of emotions.
        dropout: rate of every Dropout of the head, 0..1.
        head: a name in HEADS, or ``auto`` for the backbone's own.
        weights: ``imagenet``, ``none``, a Keras weights file, or ``auto`` for the backbone's default.
        input_size: pixels a side that the trunk sees (nearest neighbour); None for the backbone's own.

    """
    backbone = backbone_named(name)
    chosen = backbone.head if head == "auto" else head
    if chosen not in HEADS:
        raise InputError(f"unknown head {chosen!r}; use one of {', '.join(HEADS)}.")
    if not 0 <= dropout < 1:
        raise InputError(f"dropout {dropout} is outside 0..1; give a rate such as 0.1.")
    height, width, channels = face_shape
    side = backbone.input_size if input_size is None else input_size
    if (min(height, width) if side is None else side) < backbone.smallest:
        raise InputError(f"{name} needs faces of at least {backbone.smallest} pixels a side; give a larger input_size.")
    faces = keras.Input(face_shape, dtype="uint8", name="faces")
    x = backbone.prepare(faces)
    if side is not None and (height, width) != (side, side):
        x = layers.Resizing(side, side, interpolation="nearest", name="resize")(x)
    wanted = backbone.channels or channels
    if wanted == 3 and channels == 1:
        x = layers.Concatenate(name="gray_to_rgb")([x, x, x])
    trunk = _load_trunk(name, tuple(x.shape[1:]), backbone.weights if weights == "auto" else weights)
    outputs = HEADS[chosen](trunk(x), classes, dropout)
    return keras.Model(faces, outputs, name=f"{name}_{chosen}")


def _load_trunk(name: str, shape: tuple[int, int, int], weights: str) -> keras.Model:
    """Build a backbone's trunk; InputError, naming the other ways, if its weights cannot be had."""
    backbone = BACKBONES[name]
    if weights == IMAGENET and backbone.weights != IMAGENET:
        raise InputError(f"there are no ImageNet weights of {name}; give weights=none or a Keras .weights.h5 file.")
    if weights not in (NO_WEIGHTS, IMAGENET) and not Path(weights).is_file():
        raise InputError(
            f"weights of {name}: there is no file {weights}; give imagenet, none or a Keras .weights.h5 file."
        )
    try:
        return backbone.trunk(shape, weights)
    except Exception as error:
        # Keras raises bare Exception for a failed download, and several kinds for a file of another model.
        if weights == NO_WEIGHTS:
            raise
        where = "ImageNet weights" if weights == IMAGENET else f"weights in {weights}"
        reason = str(error).strip().splitlines()[0]
        others = "weights=none" if weights != IMAGENET else "weights=none, or weights=<file saved on another machine>"
        raise InputError(f"{where} of {name} could not be loaded ({reason}); give {others}.") from error


def trunk_of(model: keras.Model) -> keras.Model:
    """Return the backbone's layers, as a model, of a model made by :func:`build_model`."""
    return model.get_layer(TRUNK)

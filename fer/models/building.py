"""Build a backbone and a head as one model that includes all preparation.

The model takes uint8 faces ``(n, height, width, channels)``, as in a FaceDataset, and returns
float32 probabilities ``(n, classes)``. It uses only Keras' own layers, so it can be loaded without this project.
"""

import math
from collections.abc import Callable
from pathlib import Path

import keras
from keras import layers

from fer import shipped
from fer.errors import InputError
from fer.models.applications import IMAGENET
from fer.models.backbone_layers import shortened
from fer.models.backbones import BACKBONES, backbone_named, head_of, left_off
from fer.models.onnx_weights import backbone_weights
from fer.models.precision import FLOAT32, computing_in
from fer.models.preparation import preparation_named
from fer.sentinels import AUTO, NONE


def build_model(
    name: str,
    face_shape: tuple[int, int, int],
    classes: int,
    dropout: float,
    head: str = AUTO,
    weights: str = AUTO,
    input_size: int | None = None,
    preparation: str = AUTO,
    precision: str = FLOAT32,
    check_weights_of_head: Callable[[int], None] | None = None,
) -> keras.Model:
    """Return backbone and head as one model: uint8 ``(n, *face_shape)`` to float32 ``(n, classes)``.

    Args:
        name: name of the backbone.
        face_shape: height, width, channels (1 or 3) of the faces; gray is repeated if the backbone needs 3.
        classes: number of emotions.
        dropout: rate of every Dropout layer in the head, at least 0 and below 1.
        head: a name in HEADS, or ``auto`` for the backbone's own.
        weights: ``imagenet``, ``none``, ``shipped`` (:mod:`fer.shipped`), a Keras weights file, or ``auto`` for the
            backbone's default.
        input_size: height and width in pixels to resize to (nearest neighbour); None for the backbone's own.
        preparation: a name in PREPARATIONS, or ``auto`` for the backbone's own.
        precision: a name in PRECISIONS: data types of the layers; the probabilities are always float32.
        check_weights_of_head: called, before the head is made, with the number of weights on its flattened map; raises
            an error for too many.

    Raises:
        InputError: for an unknown name, a value out of range, faces that are too small, a preparation that does not fit
            the channels, and weights that cannot be loaded.

    """
    backbone = backbone_named(name)
    top = head_of(name, head)
    if not 0 <= dropout < 1:
        raise InputError(f"dropout {dropout} is outside 0..1; give a rate such as 0.1.")
    height, width, _ = face_shape
    side = backbone.input_size if input_size is None else input_size
    check_size(name, min(height, width) if side is None else side)
    with computing_in(precision):
        faces = keras.Input(face_shape, dtype="uint8", name="faces")
        x = _prepared(faces, name, side, backbone.preparation if preparation == AUTO else preparation)
        body = _load_backbone(name, tuple(x.shape[1:]), backbone.weights if weights == AUTO else weights)
        features = shortened(body, left_off(name, head))(x)
        if check_weights_of_head is not None:
            check_weights_of_head(math.prod(features.shape[1:]) * top.flat_units)
        outputs = top.build(features, classes, dropout)
        return keras.Model(faces, outputs, name=f"{name}_{backbone.head if head == 'auto' else head}")


def check_weights(name: str, weights: str) -> None:
    """Raise InputError for weights that a backbone does not have, and for a file that is not there."""
    if weights == IMAGENET and backbone_named(name).weights != IMAGENET:
        raise InputError(f"there are no ImageNet weights of {name}; give weights=none or a Keras .weights.h5 file.")
    if weights == shipped.ADDRESS and name != shipped.BACKBONE:
        raise InputError(f"weights=shipped are of the backbone {shipped.BACKBONE}, not of {name}; give weights=none.")
    if weights not in (AUTO, NONE, IMAGENET, shipped.ADDRESS) and not Path(weights).is_file():
        raise InputError(
            f"weights of {name}: there is no file {weights}; give imagenet, none, shipped, a Keras .weights.h5 file or "
            "a trained model as runs:/<id> or models:/<name>/<version>."
        )


def check_size(name: str, side: int) -> None:
    """Raise InputError for faces with a side, in pixels, that is too small for a backbone."""
    smallest = backbone_named(name).smallest
    if side < smallest:
        raise InputError(f"{name} needs faces of at least {smallest} pixels; give a larger input_size.")


def _prepared(faces: keras.KerasTensor, name: str, side: int | None, preparation: str) -> keras.KerasTensor:
    """Return scaled faces of the size and channels that the backbone takes."""
    chosen = preparation_named(preparation)
    height, width, channels = faces.shape[1:]
    wanted = BACKBONES[name].channels or channels
    if chosen.by_channel and wanted != 3:
        raise InputError(f"preparation {preparation} needs three channels, {name} takes gray; use zero_to_one.")
    x = faces if chosen.by_channel else chosen.apply(faces)
    if side is not None and (height, width) != (side, side):
        x = layers.Resizing(side, side, interpolation="nearest", name="resize")(x)
    if wanted == 3 and channels == 1:
        x = layers.Concatenate(name="gray_to_rgb")([x, x, x])
    return chosen.apply(x) if chosen.by_channel else x


def _load_backbone(name: str, shape: tuple[int, int, int], weights: str) -> keras.Model:
    """Return a backbone with its weights; raises InputError, with alternatives, if they cannot be loaded."""
    check_weights(name, weights)
    try:
        if weights != shipped.ADDRESS:
            return BACKBONES[name].build(shape, weights)
        body = BACKBONES[name].build(shape, NONE)
        backbone_weights(shipped.MODEL, body)
        return body
    except InputError:
        raise
    except Exception as error:
        # Keras raises bare Exception for a failed download, and various kinds for a file of another model.
        if weights == NONE:
            raise
        where = "ImageNet weights" if weights == IMAGENET else f"weights in {weights}"
        reason = str(error).strip().splitlines()[0]
        others = "weights=none" if weights != IMAGENET else "weights=none, or weights=<file saved on another machine>"
        raise InputError(f"{where} of {name} could not be loaded ({reason}); give {others}.") from error

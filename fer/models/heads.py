"""Heads: the layers between a backbone's feature map and the class probabilities."""

from collections.abc import Callable
from dataclasses import dataclass

import keras
from keras import layers

# The name of the layer that every head ends with.
LAST_LAYER = "probabilities"


@dataclass(frozen=True)
class Head:
    """One head.

    Attributes:
        build: function from (map (h, w, c), number of classes, dropout rate) to probabilities (classes,), float32.
        early: whether the head starts before the backbone's last layers, as in the age study; see
            ``Backbone.left_off``.
        flat_units: number of units that each value of the map has a weight for; 0 if the map is pooled.

    """

    build: Callable[[keras.KerasTensor, int, float], keras.KerasTensor]
    early: bool = False
    flat_units: int = 0


def eila_head(features: keras.KerasTensor, classes: int, dropout: float) -> keras.KerasTensor:
    """Return study A's head on a map (h, w, c): BatchNormalization, pooling, Dense 512-256-128-64 with Dropout."""
    x = layers.BatchNormalization(name="head_bn")(features)
    x = layers.GlobalAveragePooling2D(name="head_pool")(x)
    for units in (512, 256, 128, 64):
        x = layers.Dense(units, activation="relu", name=f"head_dense_{units}")(x)
        x = _dropout(dropout, name=f"head_dropout_{units}")(x)
    return _softmax(x, classes)


def pooled_head(features: keras.KerasTensor, classes: int, dropout: float) -> keras.KerasTensor:
    """Return the plain head on a map (h, w, c): global average pooling, Dropout, Dense softmax."""
    x = layers.GlobalAveragePooling2D(name="head_pool")(features)
    x = _dropout(dropout, name="head_dropout")(x)
    return _softmax(x, classes)


def m1_head(features: keras.KerasTensor, classes: int, dropout: float) -> keras.KerasTensor:
    """Return study C's first head on a map (h, w, c): Flatten, Dense 256, Dropout, Dense softmax."""
    x = layers.Flatten(name="head_flatten")(features)
    x = layers.Dense(256, activation="relu", name="head_dense_256")(x)
    x = _dropout(dropout, name="head_dropout")(x)
    return _softmax(x, classes)


def m2_head(features: keras.KerasTensor, classes: int, dropout: float) -> keras.KerasTensor:
    """Return study C's second head on a map (h, w, c): pooling, BatchNormalization, Dense softmax; no Dropout."""
    x = layers.GlobalAveragePooling2D(name="head_pool")(features)
    x = layers.BatchNormalization(name="head_bn")(x)
    return _softmax(x, classes)


def flat_head(features: keras.KerasTensor, classes: int, dropout: float) -> keras.KerasTensor:
    """Return the head of study B's plain iterations: Flatten, Dense 128 ReLU, Dense softmax; no Dropout."""
    x = layers.Flatten(name="head_flatten")(features)
    x = layers.Dense(128, activation="relu", name="head_dense_128")(x)
    return _softmax(x, classes)


def assistive_head(features: keras.KerasTensor, classes: int, dropout: float) -> keras.KerasTensor:
    """Return the head of study B's better iterations: Flatten, Dense 256, BatchNormalization, ReLU, Dropout, Dense."""
    x = layers.Flatten(name="head_flatten")(features)
    x = layers.Dense(256, use_bias=False, name="head_dense_256")(x)
    x = layers.BatchNormalization(momentum=0.9, name="head_bn")(x)
    x = layers.ReLU(name="head_relu")(x)
    x = _dropout(dropout, name="head_dropout")(x)
    return _softmax(x, classes)


def _dropout(rate: float, name: str) -> keras.Layer:
    # Without a seed it would draw one from the stream of the initial weights, and only at a rate above 0, so that
    # the rate would affect later layers' weights. A fit replaces the seed: fer.training.streams.
    return layers.Dropout(rate, seed=0, name=name)


def _softmax(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    # float32 even if the backbone computes at 16 bits, where probabilities do not sum to 1.
    return layers.Dense(classes, activation="softmax", dtype="float32", name=LAST_LAYER)(x)


HEADS: dict[str, Head] = {
    "eila": Head(eila_head),
    "pooled": Head(pooled_head),
    "m1": Head(m1_head, early=True, flat_units=256),
    "m2": Head(m2_head, early=True),
    "flat": Head(flat_head, flat_units=128),
    "assistive": Head(assistive_head, flat_units=256),
}

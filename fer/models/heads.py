"""Heads: what stands between a backbone's feature map and the class probabilities."""

from collections.abc import Callable

import keras
from keras import layers

Head = Callable[[keras.KerasTensor, int, float], keras.KerasTensor]


def eila_head(features: keras.KerasTensor, classes: int, dropout: float) -> keras.KerasTensor:
    """Return study A's head on a map (h, w, c): BatchNormalization, pooling, Dense 512-256-128-64 with Dropout."""
    x = layers.BatchNormalization(name="head_bn")(features)
    x = layers.GlobalAveragePooling2D(name="head_pool")(x)
    for units in (512, 256, 128, 64):
        x = layers.Dense(units, activation="relu", name=f"head_dense_{units}")(x)
        x = layers.Dropout(dropout, name=f"head_dropout_{units}")(x)
    return layers.Dense(classes, activation="softmax", dtype="float32", name="probabilities")(x)


def pooled_head(features: keras.KerasTensor, classes: int, dropout: float) -> keras.KerasTensor:
    """Return the plain head on a map (h, w, c): global average pooling, Dropout, Dense softmax."""
    x = layers.GlobalAveragePooling2D(name="head_pool")(features)
    x = layers.Dropout(dropout, name="head_dropout")(x)
    return layers.Dense(classes, activation="softmax", dtype="float32", name="probabilities")(x)


HEADS: dict[str, Head] = {"eila": eila_head, "pooled": pooled_head}

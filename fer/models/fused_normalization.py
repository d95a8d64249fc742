"""Batch normalisation in one operation while a model is trained with TensorFlow.

Keras computes it in about ten operations, each of which passes over the whole feature map, and their gradients pass
over it again. On a CPU that takes as long as the convolutions: with TensorFlow's fused operation a training step of
the custom CNNs takes half the time. Other backends compile such chains into one pass themselves.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
from keras import layers, ops

from fer.models.backbone_layers import flat_layers

_MAP = 4  # (batch, height, width, channels)


class _Fused(layers.BatchNormalization):
    """``BatchNormalization`` of a map ``(n, h, w, c)`` over its last axis, by ``FusedBatchNormV3``; same formula."""

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalise by the batch and update the moving averages in training; else, as Keras does."""
        if not (training and self.trainable):
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf  # Imported only with its own backend.

        none = tf.zeros((0,), tf.float32)
        normalised, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=ops.convert_to_tensor(self.gamma),
            offset=ops.convert_to_tensor(self.beta),
            mean=none,
            variance=none,
            epsilon=self.epsilon,
            is_training=True,
        )
        # TensorFlow divides by one less than the number of values, Keras by the number.
        values = tf.cast(tf.size(inputs) / tf.shape(inputs)[-1], tf.float32)
        variance *= (values - 1.0) / values
        kept = self.momentum
        self.moving_mean.assign(self.moving_mean * kept + mean * (1.0 - kept))
        self.moving_variance.assign(self.moving_variance * kept + variance * (1.0 - kept))
        return normalised


@contextmanager
def fused_normalization(model: keras.Model) -> Iterator[None]:
    """Let the batch normalisation of ``model`` run fused in this block, where the backend is TensorFlow.

    The layers are changed in place and are Keras' own again afterwards, so that the model is saved as it was built.
    """
    changed = [layer for layer in flat_layers(model) if _can_be_fused(layer)]
    for layer in changed:
        layer.__class__ = _Fused
    try:
        yield
    finally:
        for layer in changed:
            layer.__class__ = layers.BatchNormalization


def _can_be_fused(layer: keras.Layer) -> bool:
    if keras.backend.backend() != "tensorflow" or type(layer) is not layers.BatchNormalization:
        return False
    last = len(layer.input.shape) == _MAP and layer.axis in (-1, _MAP - 1)
    return last and layer.scale and layer.center and not layer.synchronized

"""The loss of a batch as a method defines it, and the network that is trained with it."""

from typing import Any

import keras
from keras import ops


class Objective(keras.Layer):
    """What a method minimises: one number from the losses of a batch's faces. Its variables are its state.

    A subclass defines :meth:`of`; it creates its variables in ``__init__`` by ``add_weight(trainable=False)``.
    """

    # Whether ``weights`` are a column per group, (b, groups): the face's weight in the column of its group, else 0.
    by_group = False

    def __init__(self, **options: Any):
        super().__init__(dtype="float32", **options)
        self.built = True

    def of(self, losses: Any, weights: Any) -> Any:
        """Return the objective, a scalar, of a batch, and update the state.

        Args:
            losses: loss of each face, float32 (b,).
            weights: weight of each face, float32 (b,) or (b, groups); None: all 1.

        """
        raise NotImplementedError


def group_means(losses: Any, weights: Any) -> tuple[Any, Any]:
    """Return the weighted mean loss of each group in a batch and whether it is there, both float32 (groups,).

    The mean of a group that is not there is 0. ``weights`` is (b, groups).
    """
    total = ops.sum(weights, axis=0)
    there = ops.cast(total > 0, losses.dtype)
    return ops.sum(weights * losses[:, None], axis=0) / ops.where(total > 0, total, 1.0), there


class TrainedByObjective(keras.Model):
    """A network whose training steps minimise an objective; validation has the compiled loss, as without it.

    The network's layers are shared: training this trains the network.
    """

    def __init__(self, network: keras.Model, objective: Objective):
        super().__init__(name=network.name)
        self.network, self.objective = network, objective
        self.built = True

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Return the network's probabilities."""
        return self.network(inputs, training=training)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """Return the objective, and the penalties that layers add."""
        if not training:
            return super().compute_loss(x, y, y_pred, sample_weight, training)
        targets = ops.cast(y, y_pred.dtype)
        losses = self.loss.call(targets, y_pred)
        return self.objective.of(losses, sample_weight) + sum(ops.sum(one) for one in self.losses)

"""Keras callbacks: metrics under the server's names, the order of the data, one-cycle learning rate, best weights."""

import math
import time
from collections.abc import Callable, Sequence

import keras
import numpy as np

from fer.errors import DivergedError
from fer.training.batches import Batches

OnEpoch = Callable[[int, dict[str, float]], None]

_NAMES = {
    "loss": "train/loss",
    "accuracy": "train/accuracy",
    "val_loss": "validation/loss",
    "val_accuracy": "validation/accuracy",
    "learning_rate": "train/learning_rate",
}
# JAX keeps the optimizer's variables to itself until an epoch ends: a rate that a callback sets is not seen before.
RATE_PER_STEP = keras.backend.backend() == "tensorflow"
KERAS_MONITOR = {"validation/loss": ("val_loss", "min"), "validation/accuracy": ("val_accuracy", "max")}


class EpochRecorder(keras.callbacks.Callback):
    """Pass each finished epoch's metrics, under the server's names, to ``on_epoch``.

    ``train/images_per_second`` covers the training steps only, without validation. Raises DivergedError if a loss is
    NaN or infinite.
    """

    def __init__(self, batches: Batches, faces: int, first_epoch: int, on_epoch: OnEpoch):
        super().__init__()
        self._batches, self._faces = batches, faces
        self._epoch, self._on_epoch = first_epoch, on_epoch
        self._began = self._trained = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Draw this epoch's order."""
        self._batches.start_epoch(self._epoch)
        self._began = time.perf_counter()
        self._trained = 0.0

    def on_test_begin(self, logs: dict | None = None) -> None:
        """Stop the clock of the training steps, as validation begins."""
        self._trained = time.perf_counter() - self._began

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Rename the metrics and pass them on."""
        metrics = {_NAMES[name]: float(value) for name, value in (logs or {}).items() if name in _NAMES}
        metrics["train/learning_rate"] = float(self.model.optimizer.learning_rate)
        metrics["train/images_per_second"] = self._faces / max(self._trained, 1e-9)
        losses = (metrics["train/loss"], metrics["validation/loss"])
        if not all(map(math.isfinite, losses)):
            raise DivergedError(
                f"the loss became {losses[0]} in training and {losses[1]} in validation in epoch {self._epoch}; "
                "use a lower learning_rate."
            )
        self._on_epoch(self._epoch, metrics)
        self._epoch += 1


def one_cycle(peak: float, steps: int, warmup: float) -> keras.optimizers.schedules.LearningRateSchedule:
    """Return nearly the schedule of :class:`OneCycle` as part of the optimizer, for backends that set no rate per step.

    Keras' own, so that the saved model needs no class of this project: while it warms up, the rate is below that of
    OneCycle by at most a step's increase. ``train/learning_rate`` is that of the next step then, 0 after the last one.
    """
    warm = _warm_steps(steps, warmup)
    return keras.optimizers.schedules.CosineDecay(peak / warm, max(1, steps - warm), 0.0, "one_cycle", peak, warm)


def _warm_steps(steps: int, warmup: float) -> int:
    return max(1, round(steps * warmup))


class OneCycle(keras.callbacks.Callback):
    """Learning rate with a linear warm-up to ``peak``, then a cosine to zero, set per step (Smith and Topin 2018)."""

    def __init__(self, peak: float, steps: int, warmup: float):
        super().__init__()
        self._peak, self.steps, self._warm = peak, steps, _warm_steps(steps, warmup)
        self.step = 0

    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        """Set the learning rate of this step."""
        if self.step < self._warm:
            factor = (self.step + 1) / self._warm
        else:
            done = (self.step - self._warm) / max(1, self.steps - self._warm)
            factor = 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))
        self.model.optimizer.learning_rate = self._peak * factor
        self.step += 1


class BestWeights(keras.callbacks.Callback):
    """Keep the weights of the best epoch over all phases, by ``monitor``; :meth:`restore` sets them again."""

    def __init__(self, monitor: str, whole: keras.Model):
        super().__init__()
        self._key, self._mode = KERAS_MONITOR[monitor]
        self._whole = whole
        self.weights: list[np.ndarray] | None = None
        self.best = -math.inf

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Keep the weights if this epoch is the best so far; of equal epochs the first is kept."""
        value = float((logs or {})[self._key]) * (1 if self._mode == "max" else -1)
        if value > self.best:
            self.best, self.weights = value, self._whole.get_weights()

    def restore(self) -> None:
        """Set the model's weights to those of the best epoch."""
        if self.weights is not None:
            self._whole.set_weights(self.weights)


class AveragedWeights(keras.callbacks.Callback):
    """Validate each epoch with the optimizer's moving average of the weights, and train on with the weights themselves.

    The model has the average from the validation to the end of its epoch, so that the other callbacks compare, keep and
    save it. Keras' SwapEMAWeights keeps nothing from which a killed training could resume.
    """

    def __init__(self) -> None:
        super().__init__()
        self.own: list[np.ndarray] | None = None

    def on_test_begin(self, logs: dict | None = None) -> None:
        """Give the model the average."""
        weights = self.model.trainable_variables
        self.own = _copies(weights)
        if self._has_average:
            self.model.optimizer.finalize_variable_values(weights)
            _assign(weights, _copies(weights))  # JAX gave them the optimizer's own memory, which its next step reuses.

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Give the model its own weights back."""
        if self.own is not None:
            _assign(self.model.trainable_variables, self.own)

    def on_train_end(self, logs: dict | None = None) -> None:
        """Undo what Keras has just done if there is no average."""
        if self.own is not None and not self._has_average:
            _assign(self.model.trainable_variables, self.own)

    @property
    def _has_average(self) -> bool:
        """Whether a step was applied: with float16, all of an epoch's steps may be skipped, and the average is 0."""
        return int(self.model.optimizer.iterations) > 0


class KeptState(keras.callbacks.Callback):
    """Variables that a checkpoint keeps although they are not the network's: the state of a mitigation method."""

    def __init__(self, variables: Sequence[keras.Variable]):
        super().__init__()
        self._variables = variables

    @property
    def values(self) -> list[np.ndarray]:
        """The variables' values."""
        return _copies(self._variables)

    @values.setter
    def values(self, values: Sequence[np.ndarray]) -> None:
        _assign(self._variables, values)


def _copies(variables: Sequence[keras.Variable]) -> list[np.ndarray]:
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]


def _assign(variables: Sequence[keras.Variable], values: Sequence[np.ndarray]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)

"""Save a fit's state and resume from it: weights, optimizer, random streams, callbacks, history."""

import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from tqdm import tqdm

from fer.training import checkpoint
from fer.training.callbacks import AveragedWeights, BestWeights, KeptState, OneCycle

# State of callbacks between epochs: numbers, None, or lists of weights.
_REMEMBERED: dict[type[keras.callbacks.Callback], tuple[str, ...]] = {
    keras.callbacks.EarlyStopping: ("wait", "stopped_epoch", "best", "best_epoch", "best_weights"),
    keras.callbacks.ReduceLROnPlateau: ("wait", "cooldown_counter", "best"),
    BestWeights: ("best", "weights"),
    OneCycle: ("step",),
    KeptState: ("values",),
    AveragedWeights: ("own",),
}
# The time between checkpoints is at least ten times what the last one took, so that they cost at most a tenth.
_COST_RATIO = 10


class Resuming:
    """The checkpoints of one training, which resumes from the last one in ``folder``; with None, none are written.

    Takes the newly built whole model and sets its weights and random streams to those of the checkpoint. Raises
    InputError for a damaged checkpoint.

    Attributes:
        phase: 0-based phase to resume with.
        facts: the training log up to the checkpoint, as given to :meth:`callback`; empty without a checkpoint.
        warning: why a checkpoint could not be written; empty if all were written.

    """

    def __init__(self, model: keras.Model, folder: Path | None):
        self.warning = ""
        self._model, self._folder = model, folder
        self._state = None if folder is None else checkpoint.read(folder)
        self.phase = 0 if self._state is None else self._state.phase
        self.facts: Mapping[str, Any] = {} if self._state is None else self._state.facts["training_log"]
        self._fixed_phase = -1
        self._written_at, self._took = -np.inf, 0.0
        if self._state is not None:
            self._fixed_phase = self.phase
            changing = set(self._state.facts["changing"])
            kept = {True: iter(self._state.arrays["model"]), False: iter(self._state.fixed.get("model", ()))}
            for place, variable in enumerate(model.variables):
                variable.assign(next(kept[place in changing]))

    def first_epoch(self, phase: int) -> int:
        """Return the number of finished epochs of a phase; all of them if early stopping ended it."""
        return self._state.epochs if self._state is not None and self._state.phase == phase else 0

    def callback(
        self,
        phase: int,
        epochs: int,
        callbacks: Sequence[keras.callbacks.Callback],
        training_log: Callable[[], Mapping[str, Any]],
    ) -> keras.callbacks.Callback:
        """Return the callback that restores and saves a phase's state; it must come after ``callbacks``.

        The state includes that of ``callbacks`` and what ``training_log`` returns, which must be JSON-serialisable.
        """
        return _AfterEpochs(self, phase, epochs, callbacks, training_log)

    def restore(self, trained: keras.Model, callbacks: Sequence[keras.callbacks.Callback]) -> None:
        """Restore the optimizer and the callbacks of the checkpoint's phase."""
        state = self._state
        if state is None:
            raise RuntimeError("there is no checkpoint to restore from.")
        if not trained.optimizer.built:
            trained.optimizer.build(trained.trainable_variables)
        for variable, value in zip(trained.optimizer.variables, state.arrays["optimizer"], strict=True):
            variable.assign(value)
        for name, (callback, attribute) in _remembered(callbacks).items():
            known = state.facts["callbacks"]
            setattr(callback, attribute, known[name] if name in known else state.arrays[name])

    def keep(
        self,
        phase: int,
        epochs: int,
        is_last: bool,
        trained: keras.Model,
        callbacks: Sequence[keras.callbacks.Callback],
        training_log: Mapping[str, Any],
    ) -> None:
        """Write the state after ``epochs`` epochs of a phase, unless the last checkpoint is too recent."""
        began = time.perf_counter()
        if self._folder is None or (began - self._written_at < _COST_RATIO * self._took and not is_last):
            return
        changing = {id(variable) for variable in trained.variables}
        values = {name: getattr(callback, attribute) for name, (callback, attribute) in _remembered(callbacks).items()}
        facts = {
            "training_log": training_log,
            "changing": [place for place, one in enumerate(self._model.variables) if id(one) in changing],
            "callbacks": {name: value for name, value in values.items() if not isinstance(value, list)},
        }
        arrays = {
            "model": _arrays(one for one in self._model.variables if id(one) in changing),
            "optimizer": _arrays(trained.optimizer.variables),
            **{name: value for name, value in values.items() if isinstance(value, list)},
        }
        try:
            if self._fixed_phase != phase:
                fixed = _arrays(one for one in self._model.variables if id(one) not in changing)
                checkpoint.write_fixed(self._folder, phase, {"model": fixed})
                self._fixed_phase = phase
            checkpoint.write(self._folder, checkpoint.State(phase, epochs, facts, arrays))
        except OSError as error:
            self._warn(error)
        self._written_at = time.perf_counter()
        self._took = self._written_at - began

    def _warn(self, error: OSError) -> None:
        if not self.warning:
            self.warning = (
                f"{self._folder} cannot be written ({error.strerror}): the training continues, but if it is killed it "
                "will resume from its last checkpoint or start from the beginning."
            )
            tqdm.write(f"warning: {self.warning}", file=sys.stderr)


class _AfterEpochs(keras.callbacks.Callback):
    def __init__(
        self,
        resuming: Resuming,
        phase: int,
        epochs: int,
        callbacks: Sequence[keras.callbacks.Callback],
        training_log: Callable[[], Mapping[str, Any]],
    ) -> None:
        super().__init__()
        self._resuming, self._phase, self._epochs = resuming, phase, epochs
        self._callbacks, self._training_log = callbacks, training_log

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Restore what the other callbacks have just reset."""
        if self._resuming.first_epoch(self._phase):
            self._resuming.restore(self.model, self._callbacks)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Save the state; a phase that early stopping ends now is finished."""
        done = self._epochs if self.model.stop_training else epoch + 1
        is_last = done == self._epochs
        self._resuming.keep(self._phase, done, is_last, self.model, self._callbacks, self._training_log())


def _remembered(callbacks: Sequence[keras.callbacks.Callback]) -> dict[str, tuple[keras.callbacks.Callback, str]]:
    return {
        f"{type(callback).__name__}.{attribute}": (callback, attribute)
        for callback in callbacks
        for attribute in _REMEMBERED.get(type(callback), ())
    }


def _arrays(variables: Iterable[keras.Variable]) -> list[np.ndarray]:
    return [keras.ops.convert_to_numpy(variable) for variable in variables]

"""Progress of a fit: one bar over the batches of an epoch on a terminal, a line now and then elsewhere."""

import time
from collections.abc import Mapping, Sequence

import keras
from tqdm import tqdm

from fer.progress import BAR, duration, on_terminal, say
from fer.training.protocols import Protocol

# Seconds that lie between two lines at least: after an epoch, and in the middle of a long one.
_EPOCHS_APART, _BATCHES_APART = 10.0, 60.0


class Progress(keras.callbacks.Callback):
    """The epoch, its figures, the best validation accuracy so far and the time left.

    Epochs are counted from 1 over all phases, as on the tracking server. The last epoch of a phase always has its line.

    Args:
        protocol: whose phases they are.
        phase: number (0-based) of the one that this fit trains.
        rows: the finished epochs of all phases, as the history has them; they grow before this callback is called.

    """

    def __init__(self, protocol: Protocol, phase: int, rows: Sequence[Mapping[str, float | str]]):
        super().__init__()
        self._phase, self._rows = protocol.phases[phase], rows
        self._after = sum(later.epochs for later in protocol.phases[phase + 1 :])
        self._bar: tqdm | None = None
        self._fitted, self._untold = 0, ""
        self._last_line = self._began = self._epoch_began = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Start the bar again."""
        self._epoch_began = time.monotonic()
        number = len(self._rows) + 1
        self._title = f"epoch {number}/{number + self._left(epoch) - 1} ({self._phase.name})"
        if not on_terminal():
            return
        if self._bar is None:
            self._bar = tqdm(total=self.params["steps"], bar_format=BAR, leave=False, dynamic_ncols=True)
        self._bar.reset()
        self._bar.set_description_str(self._title)

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Advance."""
        if self._bar is not None:
            self._bar.update()
        elif time.monotonic() - self._last_line > _BATCHES_APART:
            done, steps = batch + 1, self.params["steps"]
            left = (time.monotonic() - self._epoch_began) / done * (steps - done)
            self._line(f"{self._title}: batch {done}/{steps}; about {duration(left)} left of the epoch")

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Tell the epoch's figures."""
        self._fitted += 1
        seconds = (time.monotonic() - self._began) / self._fitted
        left = f"at most {duration(self._left(epoch + 1) * seconds)} left"
        row = self._rows[-1]
        accuracies = [float(one["validation/accuracy"]) for one in self._rows]
        best = max(range(len(accuracies)), key=accuracies.__getitem__)
        told = f"{accuracies[-1]:.1%}, best {accuracies[best]:.1%} (epoch {best + 1})"
        if self._bar is not None:
            self._bar.set_postfix_str(f"validation {told}; {left}")
            return
        losses = f"loss {row['train/loss']:.3f}, validation loss {row['validation/loss']:.3f}"
        self._untold = f"{self._title}: {losses}, validation accuracy {told}; {duration(seconds)} an epoch, {left}"
        if time.monotonic() - self._last_line > _EPOCHS_APART:
            self._line(self._untold)
            self._untold = ""

    def on_train_end(self, logs: dict | None = None) -> None:
        """Close the bar; tell of the last epoch."""
        if self._bar is not None:
            self._bar.close()
        elif self._untold:
            self._line(self._untold)

    def _left(self, epoch: int) -> int:
        """Return how many epochs are to come at most, the one of this number (0-based, in the phase) among them."""
        return self._phase.epochs - epoch + self._after

    def _line(self, text: str) -> None:
        self._last_line = time.monotonic()
        say(text)

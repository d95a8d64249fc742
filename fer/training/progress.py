"""Progress of a fit: a bar over the batches of an epoch on a terminal, occasional lines elsewhere."""

import time
from collections.abc import Mapping, Sequence

import keras
from tqdm import tqdm

from fer.progress import BAR, duration, on_terminal, say
from fer.training.protocols import Protocol

# Minimum seconds between two lines: after epochs, and within a long epoch.
_EPOCHS_APART, _BATCHES_APART = 10.0, 60.0


class Progress(keras.callbacks.Callback):
    """Show the epoch, its metrics, the best validation accuracy so far and the time left.

    Epochs are counted from 1 over all phases, as on the tracking server. The last epoch of a phase is always printed.

    Args:
        protocol: protocol of the training.
        phase: 0-based number of the phase of this fit.
        rows: history of the finished epochs of all phases, to which each epoch is added before this callback runs.

    """

    def __init__(self, protocol: Protocol, phase: int, rows: Sequence[Mapping[str, float | str]]):
        super().__init__()
        self._phase, self._rows = protocol.phases[phase], rows
        self._after = sum(later.epochs for later in protocol.phases[phase + 1 :])
        self._bar: tqdm | None = None
        self._fitted, self._unprinted = 0, ""
        self._last_line = self._began = self._epoch_began = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Restart the bar."""
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
        """Report the epoch's metrics."""
        self._fitted += 1
        seconds = (time.monotonic() - self._began) / self._fitted
        left = f"at most {duration(self._left(epoch + 1) * seconds)} left"
        row = self._rows[-1]
        accuracies = [float(one["validation/accuracy"]) for one in self._rows]
        best = max(range(len(accuracies)), key=accuracies.__getitem__)
        summary = f"{accuracies[-1]:.1%}, best {accuracies[best]:.1%} (epoch {best + 1})"
        if self._bar is not None:
            self._bar.set_postfix_str(f"validation {summary}; {left}")
            return
        losses = f"loss {row['train/loss']:.3f}, validation loss {row['validation/loss']:.3f}"
        self._unprinted = (
            f"{self._title}: {losses}, validation accuracy {summary}; {duration(seconds)} per epoch, {left}"
        )
        if time.monotonic() - self._last_line > _EPOCHS_APART:
            self._line(self._unprinted)
            self._unprinted = ""

    def on_train_end(self, logs: dict | None = None) -> None:
        """Close the bar and report the last epoch."""
        if self._bar is not None:
            self._bar.close()
        elif self._unprinted:
            self._line(self._unprinted)

    def _left(self, epoch: int) -> int:
        """Return the maximum number of epochs left, including this one (0-based number in the phase)."""
        return self._phase.epochs - epoch + self._after

    def _line(self, text: str) -> None:
        self._last_line = time.monotonic()
        say(text)

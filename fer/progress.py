"""Progress on standard error: bars on a terminal, log lines elsewhere."""

import sys
import time

from tqdm import tqdm

from fer.redaction import redacted

# The bar has a fixed width so that the text after it (time elapsed and remaining) is not cut off.
BAR = "{desc}: {n_fmt}/{total_fmt} |{bar:20}| {elapsed}, {remaining} left{postfix}"


def on_terminal() -> bool:
    """Return whether standard error is a terminal: bars are drawn if so, lines are written otherwise."""
    return sys.stderr.isatty()


def say(sentence: str) -> None:
    """Print a sentence on standard error, above any bar, and without the credentials of addresses in it."""
    tqdm.write(redacted(sentence), file=sys.stderr)


def announce(sentence: str) -> None:
    """Say, before something that takes seconds, what begins now: "reading the runs" becomes "reading the runs ..."."""
    say(f"{sentence} ...")


def announce_loading() -> None:
    """Say that Keras is being loaded, which takes some ten seconds, unless it is loaded already."""
    if "keras" not in sys.modules:
        announce("loading Keras and TensorFlow")


def duration(seconds: float) -> str:
    """Return a duration in seconds as ``0:04``, ``12:30`` or ``2:05:00``."""
    return tqdm.format_interval(seconds)


class Tally:
    """A progress bar over trainings, such as a study's cells, with the running ones and the best one so far.

    Without a terminal, one line is printed when a training begins and one when it ends. Each training ends with a
    validation accuracy (0..1) or None, or fails.
    """

    def __init__(self, title: str, unit: str, count: int, note: str = ""):
        self._title, self._unit, self._count = title, unit, count
        self._notes = [note] if note else []
        self._done = self._failed = 0
        self._best = (-1.0, "")
        self._running: dict[str, float] = {}  # Start time by name.
        self._opened = time.monotonic()
        self._bar: tqdm | None = None

    def __enter__(self) -> "Tally":
        self._opened = time.monotonic()
        if self._count and on_terminal():
            # Without smoothing: as cells differ, the time left is estimated from all of them.
            self._bar = tqdm(total=self._count, desc=self._title, bar_format=BAR, smoothing=0, dynamic_ncols=True)
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def began(self, name: str) -> None:
        """Report the start of a training."""
        self._running[name] = time.monotonic()
        if self._bar is not None:
            self._bar.set_postfix_str("; ".join(self._so_far()))
        else:
            number = self._done + len(self._running)
            say(f"{self._title}, {self._unit} {number}/{self._count}: {name} begins")

    def put_off(self, name: str, reason: str) -> None:
        """Report that a training that began has not ended: it will begin again."""
        self._running.pop(name)
        say(f"{self._title}: {name} is put off: {reason}")

    def ended(self, name: str, accuracy: float | None, failure: str | None = None) -> None:
        """Report the end of a training that began."""
        now = time.monotonic()
        took = duration(now - self._running.pop(name))
        self._done += 1
        self._failed += failure is not None
        if accuracy is not None and accuracy > self._best[0]:
            self._best = (accuracy, name)
        if self._bar is not None:
            self._bar.update()
            self._bar.set_postfix_str("; ".join(self._so_far()))
            if failure is not None:
                say(f"{name} failed: {failure}")
            return
        reached = "done" if accuracy is None else f"validation accuracy {accuracy:.1%}"
        left = duration((self._count - self._done) * (now - self._opened) / self._done)
        parts = [reached if failure is None else f"failed: {failure}", f"took {took}", *self._so_far()]
        # After the last one tables and a report may follow: "00:00 left" would not be true.
        parts += [f"about {left} left"] if self._done < self._count else []
        say(f"{self._title}, {self._unit} {self._done}/{self._count}: {name}: {'; '.join(parts)}")

    def _so_far(self) -> list[str]:
        running = [f"now {', '.join(self._running)}"] if self._running and self._bar is not None else []
        best = [f"best {self._best[0]:.1%} ({self._best[1]})"] if self._best[1] else []
        return [*running, *best, f"{self._failed} failed", *self._notes]

"""A queue of metrics for a run: kept in a file and sent in order by a thread, also after a server outage.

Training never waits for the server. Metrics whose request got no answer are sent again; the server stores each of them
once, because its primary key consists of name, step, time and value.
"""

import json
import operator
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
from mlflow.entities import Metric
from mlflow.exceptions import MlflowException
from tqdm import tqdm

from fer.errors import InputError
from fer.redaction import redacted
from fer.storage.folders import is_journal
from fer.text.commands import shell_command
from fer.tracking.faults import REQUEST_ERRORS, NoAnswer
from fer.tracking.journal import divert
from fer.tracking.server import check_health, is_remote

FILE = "metrics.jsonl"
# Seconds to wait for an unreachable server after the last epoch, before what it lacks goes to the journal.
PATIENCE = 60.0
_PATIENCE_STOPPED = 5.0
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 15.0
_METRICS_A_CALL = 1000
# Status codes for which retrying is useless: the run does not exist or was deleted.
_REFUSALS = (400, 404)


@dataclass(frozen=True)
class Entry:
    """The metrics of one step, with the time (ms since 1970) at which they were first logged."""

    step: int
    timestamp: int
    metrics: Mapping[str, float]


class MetricQueue:
    """The queue of one run's metrics. Metrics that an earlier start left in ``file`` are sent to this run, too.

    When all metrics are sent, the file is deleted, and so is its folder if it is empty, unless ``kept`` is true. If the
    file cannot be written, metrics are queued in memory only, and ``warning`` says so.
    """

    def __init__(self, run_id: str, file: Path, kept: bool):
        self.warning = ""
        self._run_id, self._file, self._kept = run_id, file, kept
        known = read_entries(file)
        self._steps = {entry.step for entry in known}
        self._pending = deque(known)
        self._trouble: Exception | None = None
        self._closed = self._is_given_up = False
        self._changed = threading.Condition()
        self._rewrite(known)
        self._thread = threading.Thread(target=self._work, name="metrics", daemon=True)
        self._thread.start()

    def put(self, metrics: Mapping[str, float], step: int) -> None:
        """Log the metrics of a step; a step that was logged before, also by an earlier start, is left unchanged."""
        if step in self._steps:
            return
        values = {name: float(value) for name, value in metrics.items()}
        entry = Entry(step, int(time.time() * 1000), values)
        self._steps.add(step)
        with self._changed:  # Before the file: Ctrl-C while waiting for it must not separate file and queue.
            self._append(entry)
            self._pending.append(entry)
            self._changed.notify_all()

    def close(self, patience: float) -> None:
        """Wait up to ``patience`` seconds for unsent metrics; then they go to the journal.

        Raises InputError, naming the file, if some are still unsent: the run was deleted, or there is no journal.
        """
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(min(2.0, patience))
        if self._thread.is_alive() and not self._is_refused() and patience > _PATIENCE_STOPPED:
            address = redacted(mlflow.get_tracking_uri())
            waiting = f"waiting up to {patience:.0f} seconds for the tracking server {address}: "
            tqdm.write(waiting + f"metrics of {len(self._pending)} epochs are not sent yet.", file=sys.stderr)
        deadline = time.monotonic() + patience
        while self._thread.is_alive() and not self._is_refused() and time.monotonic() < deadline:
            self._thread.join(0.2)
        with self._changed:
            self._is_given_up = True  # The thread may be in a request that MLflow repeats for another minute.
            self._changed.notify_all()
        if self._pending and not self._is_refused() and self._is_for_journal(patience):
            self._send_all()
        if self._pending:
            send = shell_command("python", "-m", "fer.tracking.send", str(self._file))
            address = mlflow.get_tracking_uri()
            raise InputError(
                f"the tracking server {address} did not accept the metrics of {len(self._pending)} epochs "
                f"({_reason(self._trouble)}); they are kept in {self._file}: when it is back, start the same "
                f"training again, or send them by `{send}`."
            )
        if not self._kept:
            with suppress(OSError):
                self._file.unlink()
                self._file.parent.rmdir()

    def _is_for_journal(self, patience: float) -> bool:
        """Return whether this process writes to a journal, to which it is diverted if the server is in trouble."""
        address = mlflow.get_tracking_uri()
        slow = NoAnswer(f"the tracking server {address} took longer than {patience:.0f} seconds.")
        return is_journal(address) or divert(self._trouble or slow)

    def _send_all(self) -> None:
        try:
            while self._pending:
                self._drop(self._send(list(self._pending)))
        except (*REQUEST_ERRORS, OSError) as error:
            self._trouble = error

    def _drop(self, sent: int) -> None:
        for _ in range(sent):
            self._pending.popleft()

    def _is_refused(self) -> bool:
        return isinstance(self._trouble, MlflowException) and self._trouble.get_http_status_code() in _REFUSALS

    def _work(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._pending or self._closed)
                if not self._pending or self._is_given_up:
                    return
                entries = list(self._pending)
            try:
                sent = self._send(entries)
            except (*REQUEST_ERRORS, OSError) as error:
                self._trouble = error
                with self._changed:
                    self._changed.wait_for(lambda: self._is_given_up, pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                pause, self._trouble = _FIRST_PAUSE, None
                with self._changed:
                    if self._is_given_up:
                        return
                    self._drop(sent)

    def _send(self, entries: list[Entry]) -> int:
        """Send as many entries as fit into one call; return how many."""
        address = mlflow.get_tracking_uri()
        if is_remote(address):
            check_health(address)  # MLflow itself would retry for minutes.
        metrics: list[Metric] = []
        sent = 0
        for entry in entries:
            if metrics and len(metrics) + len(entry.metrics) > _METRICS_A_CALL:
                break
            metrics += [Metric(name, value, entry.timestamp, entry.step) for name, value in entry.metrics.items()]
            sent += 1
        mlflow.MlflowClient().log_batch(self._run_id, metrics=metrics)
        return sent

    def _rewrite(self, entries: list[Entry]) -> None:
        """Rewrite the file: the run may be another one than before, and a kill may have truncated the last line."""
        partial = self._file.with_name(f".{self._file.name}.partial")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            lines = [json.dumps({"run": self._run_id}), *map(_line, entries)]
            partial.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            partial.replace(self._file)
        except OSError as error:
            self._warn(error)

    def _append(self, entry: Entry) -> None:
        if self.warning:
            return
        try:
            with open(self._file, "a", encoding="utf-8") as file:
                file.write(f"{_line(entry)}\n")
        except OSError as error:
            self._warn(error)

    def _warn(self, error: OSError) -> None:
        self.warning = f"{self._file} cannot be written ({error.strerror}): unsent metrics are kept in memory only."
        tqdm.write(f"warning: {self.warning}", file=sys.stderr)


@contextmanager
def metric_queue(run_id: str, file: Path, kept: bool = False) -> Iterator[MetricQueue]:
    """Yield the :class:`MetricQueue` of a run; at the end of the block, wait for the server, only briefly after Ctrl-C.

    Raises InputError, naming the file, if metrics could not be sent. If the block itself raises, its exception is
    re-raised and the message about unsent metrics is only printed.
    """
    queue = MetricQueue(run_id, file, kept)
    try:
        yield queue
    except BaseException as error:
        try:
            queue.close(PATIENCE if isinstance(error, Exception) else _PATIENCE_STOPPED)
        except InputError as unsent:
            tqdm.write(f"warning: {unsent}", file=sys.stderr)
        raise
    queue.close(PATIENCE)


def read_entries(file: Path) -> list[Entry]:
    """Return the entries of a file, none if it does not exist; a truncated or damaged line ends it."""
    if not file.exists():
        return []
    entries = []
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines()[1:]:
        try:
            entries.append(_entry(json.loads(line)))
        except (ValueError, TypeError, KeyError, RecursionError):
            break
    return entries


def _entry(content: Any) -> Entry:
    """Return the entry of a line; raises ValueError, TypeError or KeyError for anything else."""
    step, timestamp, metrics = (content[name] for name in ("step", "timestamp", "metrics"))
    if not isinstance(metrics, dict) or not all(isinstance(value, int | float) for value in metrics.values()):
        raise ValueError("metrics is no mapping of names to numbers")
    return Entry(operator.index(step), operator.index(timestamp), metrics)


def run_of(file: Path) -> str:
    """Return the id of the run that a file's entries belong to.

    Raises InputError if the file is not a metric queue's.
    """
    try:
        run_id = json.loads(file.read_text(encoding="utf-8").splitlines()[0])["run"]
    except (OSError, ValueError, IndexError, KeyError, TypeError, RecursionError):
        run_id = None
    if not isinstance(run_id, str):
        raise InputError(f"{file} holds no metrics of a metric queue; give a {FILE}.")
    return run_id


def _line(entry: Entry) -> str:
    return json.dumps({"step": entry.step, "timestamp": entry.timestamp, "metrics": dict(entry.metrics)})


def _reason(error: Exception | None) -> str:
    return "no answer yet" if error is None else str(error).splitlines()[0] if str(error) else type(error).__name__

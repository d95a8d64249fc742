"""Run jobs side by side in processes of this machine, each with its share of the cores.

The processes are loky's, one executor for each: where one process of an executor is killed, loky ends the others too. A
worker that is killed, usually for lack of memory, is replaced, and its job is started again.
"""

import os
import signal
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from loky import cpu_count
from loky.process_executor import ProcessPoolExecutor, TerminatedWorkerError
from pydantic import Field

from fer.launching import worker
from fer.launching.contract import Job, Launcher, Result
from fer.launching.logs import log_folder
from fer.options import Options as _Options
from fer.progress import say
from fer.storage.memory import free_memory

# What a worker takes at least, with TensorFlow: more of them than fit would be killed one after the other.
_BYTES_A_WORKER = 1.5e9
_SECONDS_TO_END = 15.0


class Options(_Options):
    """``threads`` of a worker (None: its share of the cores); how often a job whose worker was killed is repeated."""

    threads: int | None = Field(default=None, ge=1)
    retries: int = Field(default=2, ge=0)


def open(options: Options, workers: int | None = None) -> Launcher:
    """Return the launcher; ``workers``: processes at a time; None: one for each core for which there is memory."""
    return _Processes(options, workers)


class _Worker:
    """One process, started when it gets its first job."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._executor: ProcessPoolExecutor | None = None
        self._process: int | None = None

    def submit(self, work: Callable[[Job], Result], job: Job, log: Path) -> "Future[Result]":
        if self._executor is None:
            self._executor = ProcessPoolExecutor(
                max_workers=1,
                initializer=worker.prepare,
                initargs=(os.getpid(),),
                # loky replaces a worker that has grown, as by loading TensorFlow, and says so in a warning.
                env=worker.thread_variables(self._threads) | {"LOKY_MAX_MEMORY_LEAK_SIZE": "1e15"},
            )
            self._process = self._executor.submit(os.getpid).result()
        made: Future[Result] = self._executor.submit(worker.done, work, job, log)
        return made

    def tell_to_end(self) -> None:
        """Send the signal at which a run ends as KILLED."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGTERM)

    def remove(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(kill_workers=True)
        self._executor = self._process = None


@dataclass(frozen=True)
class _Started:
    number: int
    attempt: int
    worker: _Worker


class _Processes:
    def __init__(self, options: Options, workers: int | None) -> None:
        self._options, self._workers = options, workers

    def __call__(
        self,
        jobs: Sequence[Job],
        work: Callable[[Job], Result],
        began: Callable[[Job], None],
        ended: Callable[[Result], None],
        lost: Callable[[Job, str], Result],
    ) -> list[Result]:
        if not jobs:
            return []
        count = min(len(jobs), self._workers or max(1, min(cpu_count(), int(free_memory() / _BYTES_A_WORKER))))
        threads = self._options.threads or max(1, cpu_count() // count)
        logs = log_folder()
        say(f"{count} processes of {threads} threads each; what they print is in {logs}")
        free = [_Worker(threads) for _ in range(count)]
        waiting = deque((number, 0) for number in range(len(jobs)))
        running: dict[Future, _Started] = {}
        results: dict[int, Result] = {}
        everyone = list(free)
        try:
            while waiting or running:
                while waiting and free:
                    number, attempt = waiting.popleft()
                    one = free.pop(0)
                    future = one.submit(work, jobs[number], logs / f"{number:04d}_{attempt}.log")
                    running[future] = _Started(number, attempt, one)
                    if attempt == 0:
                        began(jobs[number])
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    started = running.pop(future)
                    free.append(started.worker)
                    try:
                        result = future.result()
                    except TerminatedWorkerError:
                        started.worker.remove()
                        if started.attempt < self._options.retries:
                            say("warning: a worker was killed, usually for lack of memory; its job starts again.")
                            waiting.appendleft((started.number, started.attempt + 1))
                            continue
                        result = lost(
                            jobs[started.number],
                            f"its worker process was killed {started.attempt + 1} times, usually for lack of memory; "
                            "start again with fewer workers.",
                        )
                    results[started.number] = result
                    ended(result)
        except BaseException:
            for one in everyone:
                one.tell_to_end()
            wait(running, timeout=_SECONDS_TO_END)
            raise
        finally:
            for one in everyone:
                one.remove()
        return [results[number] for number in range(len(jobs))]

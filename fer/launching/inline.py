"""Run jobs one after another in this process, in which TensorFlow uses all cores for one training."""

import os
import sys
from collections.abc import Callable, Sequence

from pydantic import Field

from fer.errors import InputError
from fer.launching.contract import Job, Launcher, Result
from fer.launching.worker import thread_variables
from fer.options import Options as _Options


class Options(_Options):
    """``threads`` of the computation (None: as many as there are cores).

    On a CPU, the last digits of a training depend on the number of threads, which sum in another order.
    """

    threads: int | None = Field(default=None, ge=1)


def open(options: Options, workers: int | None = None) -> Launcher:
    """Return the launcher.

    Raises InputError for ``workers``, and for ``threads`` where TensorFlow is running already.
    """
    if workers not in (None, 1):
        raise InputError(f"launcher inline has one worker, this process, not {workers}; give launcher=processes.")
    if options.threads is not None:
        if "tensorflow" in sys.modules:
            raise InputError("the number of threads cannot be set, as TensorFlow is loaded; give launcher=processes.")
        os.environ.update(thread_variables(options.threads))
    return in_process


def in_process(
    jobs: Sequence[Job],
    work: Callable[[Job], Result],
    began: Callable[[Job], None],
    ended: Callable[[Result], None],
    lost: Callable[[Job, str], Result] | None = None,
) -> list[Result]:
    """Run the jobs one after another in this process.

    TensorFlow uses every core for one training, so several trainings at once on a CPU are hardly faster. No job is
    lost: whatever ends one ends this process.
    """
    results = []
    for job in jobs:
        began(job)
        results.append(work(job))
        ended(results[-1])
    return results

"""Run cells: the launcher is handed in, so that a test or a cluster can bring its own."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


class Launcher(Protocol):
    """Runs ``work`` on each job and returns the results in the order of the jobs.

    In the process that it was called in, it tells ``began`` each job when its work begins, and ``ended`` its result.
    """

    def __call__(
        self,
        jobs: Sequence[Job],
        work: Callable[[Job], Result],
        began: Callable[[Job], None],
        ended: Callable[[Result], None],
    ) -> list[Result]:
        """Run them."""


def in_process(
    jobs: Sequence[Job],
    work: Callable[[Job], Result],
    began: Callable[[Job], None],
    ended: Callable[[Result], None],
) -> list[Result]:
    """Run one job after the other in this process.

    TensorFlow already uses every core for one training; several at once on a CPU share them and gain nothing.
    """
    results = []
    for job in jobs:
        began(job)
        results.append(work(job))
        ended(results[-1])
    return results

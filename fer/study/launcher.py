"""Run cells: the launcher is an argument, so that a test or a cluster can use its own."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


class Launcher(Protocol):
    """Run ``work`` on each job and return the results in the order of the jobs.

    In the calling process, ``began`` is called with each job when its work begins, and ``ended`` with each result.
    """

    def __call__(
        self,
        jobs: Sequence[Job],
        work: Callable[[Job], Result],
        began: Callable[[Job], None],
        ended: Callable[[Result], None],
    ) -> list[Result]:
        """Run the jobs."""


def in_process(
    jobs: Sequence[Job],
    work: Callable[[Job], Result],
    began: Callable[[Job], None],
    ended: Callable[[Result], None],
) -> list[Result]:
    """Run the jobs one after another in this process.

    TensorFlow uses every core for one training, so several trainings at once on a CPU would not be faster.
    """
    results = []
    for job in jobs:
        began(job)
        results.append(work(job))
        ended(results[-1])
    return results

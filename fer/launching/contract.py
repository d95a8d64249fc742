"""What a launcher is: it runs the same work on several jobs, somewhere."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


class Launcher(Protocol):
    """Run ``work`` on each job and return the results in the order of the jobs.

    In the calling process, ``began`` is called with each job when its work begins, and ``ended`` with each result. For
    a job that is lost each time it is started, because its process is killed or its machine is gone, the result is what
    ``lost`` returns for the job and the reason. An exception of the work is raised in the calling process, where it
    ends all jobs.

    A launcher that leaves this process pickles ``work`` and the jobs: both are to be plain data.
    """

    def __call__(
        self,
        jobs: Sequence[Job],
        work: Callable[[Job], Result],
        began: Callable[[Job], None],
        ended: Callable[[Result], None],
        lost: Callable[[Job, str], Result],
    ) -> list[Result]:
        """Run the jobs."""

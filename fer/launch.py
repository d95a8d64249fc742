"""Run cells: the launcher is handed in, so that a test or a cluster can bring its own."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from tqdm import tqdm

Job = TypeVar("Job")
Result = TypeVar("Result")


class Launcher(Protocol):
    """Runs ``work`` on each job and returns the results in the order of the jobs."""

    def __call__(self, jobs: Sequence[Job], work: Callable[[Job], Result], title: str) -> list[Result]:
        """Run them."""


def in_process(jobs: Sequence[Job], work: Callable[[Job], Result], title: str) -> list[Result]:
    """Run one job after the other in this process, with a bar over the jobs on a terminal.

    TensorFlow already uses every core for one training; several at once on a CPU share them and gain nothing.
    """
    bar: Iterable[Job] = tqdm(jobs, desc=title, unit="cell", disable=None)
    return [work(job) for job in bar]

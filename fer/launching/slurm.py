"""Run jobs on a Slurm cluster, as job arrays by submitit.

What is sent lies in a folder that all machines see. A job that ends without a result, because it was cancelled, its
machine was lost or its time was over, is submitted again. The jobs outlive the process that submitted them: if that is
killed, they go on, and a new one takes their results over.
"""

import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import Field

from fer.errors import InputError
from fer.launching import worker
from fer.launching.contract import Job, Launcher, Result
from fer.launching.logs import log_folder
from fer.launching.slurm_states import Submitted, ended_without_result, running_states
from fer.options import Options as _Options
from fer.progress import say

_SECONDS_BETWEEN_LOOKS = 2.0


class Options(_Options):
    """What a job asks for, and how often one that was lost is submitted again.

    ``folder``: one that all machines see, for what is sent and printed (None: in the cache). ``minutes`` is a job's
    limit of time, ``memory`` in GB, ``threads`` of the computation (None: as many as CPUs). ``setup``: shell commands
    before a job. ``extra``: further options of ``sbatch`` by name, ``{account: faces, qos: long}``.
    """

    folder: str | None = None
    partition: str | None = None
    minutes: int = Field(default=240, ge=1)
    cpus: int = Field(default=1, ge=1)
    gpus: int = Field(default=0, ge=0)
    memory: float | None = Field(default=None, gt=0)
    threads: int | None = Field(default=None, ge=1)
    retries: int = Field(default=3, ge=0)
    setup: tuple[str, ...] = ()
    extra: dict[str, Any] = Field(default_factory=dict)


def open(options: Options, workers: int | None = None) -> Launcher:
    """Return the launcher; ``workers``: jobs that run at a time; None: as many as the cluster runs.

    Raises InputError if submitit is not installed, and if this machine has no ``sbatch``.
    """
    try:
        import submitit
    except ImportError as error:
        raise InputError(
            "launcher slurm needs the package submitit, which is not installed; install it by `pip install "
            "'fair-fer[cluster]'`."
        ) from error
    if submitit.AutoExecutor.which() != "slurm":
        raise InputError("this machine has no Slurm (no sbatch); start the study on a login node of the cluster.")
    return _Slurm(options, workers)


class _Call:
    """What a job of the array runs; one that is preempted, or whose time is over, begins again (``checkpoint``)."""

    def __init__(self, work: Callable[[Any], Any], folder: str) -> None:
        self._work, self._folder = work, folder

    def __call__(self, job: Any) -> Any:
        worker.prepare()
        worker.enter(self._folder, {})
        return self._work(job)

    def checkpoint(self, job: Any) -> Any:
        import submitit

        return submitit.helpers.DelayedSubmission(self, job)


class _Slurm:
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
        folder = log_folder() if self._options.folder is None else _made(Path(self._options.folder).expanduser())
        call = _Call(work, os.getcwd())
        left = {number: 0 for number in range(len(jobs))}  # Attempts before the present one.
        submitted = self._submit(folder, call, jobs, list(left))
        say(f"{len(jobs)} jobs in Slurm's array {submitted[0].array}; what they print is in {folder}")
        results: dict[int, Result] = {}
        seen: set[int] = set()
        try:
            while left:
                time.sleep(_SECONDS_BETWEEN_LOOKS)
                states = running_states([submitted[number].job_id for number in left])
                again = []
                for number in list(left):
                    one = submitted[number]
                    if number not in seen and (states or {}).get(one.job_id) == "RUNNING":
                        seen.add(number)
                        began(jobs[number])
                    if one.has_result():
                        result = one.result()
                    elif ended_without_result(one, states):
                        if left[number] < self._options.retries:
                            left[number] += 1
                            again.append(number)
                            continue
                        reason = f"its job in Slurm ended {left[number] + 1} times without a result; see {one.log}."
                        result = lost(jobs[number], reason)
                    else:
                        continue
                    del left[number]
                    if number not in seen:
                        seen.add(number)
                        began(jobs[number])
                    results[number] = result
                    ended(result)
                if again:
                    say(f"warning: {len(again)} jobs in Slurm ended without a result; they are submitted again.")
                    submitted |= self._submit(folder, call, jobs, again)
        except BaseException:
            for number in left:
                with suppress(OSError):
                    submitted[number].cancel()
            raise
        return [results[number] for number in range(len(jobs))]

    def _submit(self, folder: Path, call: _Call, jobs: Sequence[Any], numbers: Sequence[int]) -> dict[int, Submitted]:
        import submitit

        options = self._options
        executor = submitit.SlurmExecutor(folder=folder, max_num_timeout=options.retries)
        asked: dict[str, Any] = {
            "job_name": "fair-fer",
            "partition": options.partition,
            "time": options.minutes,
            "cpus_per_task": options.cpus,
            "gpus_per_node": options.gpus or None,
            "mem": None if options.memory is None else f"{int(options.memory * 1000)}M",
            "array_parallelism": self._workers or len(numbers),
            "setup": [*_exports(options), *options.setup],
            "additional_parameters": dict(options.extra),
        }
        executor.update_parameters(**{name: value for name, value in asked.items() if value is not None})
        # sbatch hands the environment on: addresses and credentials are not written into the folder.
        try:
            made = executor.map_array(call, [jobs[number] for number in numbers])
        except (submitit.core.utils.FailedJobError, OSError) as error:
            raise InputError(
                f"Slurm did not take the jobs ({str(error).strip().splitlines()[-1]}); check launcher_options."
            ) from error
        return {number: Submitted(job) for number, job in zip(numbers, made, strict=True)}


def _exports(options: Options) -> list[str]:
    variables = worker.thread_variables(options.threads or options.cpus)
    path = f"{worker.package_root()}${{PYTHONPATH:+:$PYTHONPATH}}"
    return [*(f"export {name}={value}" for name, value in variables.items()), f'export PYTHONPATH="{path}"']


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder} cannot be written ({error.strerror}); give another folder.") from error
    return folder

"""Jobs that were submitted to Slurm: whether they are running, have a result, or ended without one.

Asked by ``squeue``, which every cluster has: submitit asks ``sacct``, which needs a database of accounts.
"""

import subprocess
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

# A result may be visible only some time after its job has left the queue: network file systems cache folders.
_SECONDS_FOR_RESULT = 30.0
_SECONDS_TO_ANSWER = 60


class Submitted:
    """A job in Slurm, by submitit's own."""

    def __init__(self, job: Any) -> None:
        self._job = job
        self.job_id = str(job.job_id)
        self.array = self.job_id.split("_")[0]
        self.gone_at: float | None = None

    @property
    def log(self) -> Path:
        """File of what the job prints on standard error."""
        return Path(self._job.paths.stderr)

    def has_result(self) -> bool:
        """Return whether the job has written its result, or its error."""
        # Listing the folder, and not asking for the file, makes a network file system look again.
        folder = Path(self._job.paths.result_pickle).parent
        return any(path.name == Path(self._job.paths.result_pickle).name for path in folder.iterdir())

    def result(self) -> Any:
        """Return the job's result; raises what the work raised."""
        error = self._job.exception()
        if error is not None:
            raise error
        return self._job.result()

    def cancel(self) -> None:
        """Take the job out of the queue, or end it."""
        subprocess.run(["scancel", self.job_id], check=False, capture_output=True, timeout=_SECONDS_TO_ANSWER)


def running_states(job_ids: Collection[str]) -> dict[str, str] | None:
    """Return the states of the jobs that are in the queue, by id; None if Slurm does not answer now."""
    arrays = sorted({job_id.split("_")[0] for job_id in job_ids})
    command = ["squeue", "--noheader", "--array", "--states=all", "--format=%i %T", f"--jobs={','.join(arrays)}"]
    try:
        answer = subprocess.run(command, check=False, capture_output=True, text=True, timeout=_SECONDS_TO_ANSWER)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if answer.returncode != 0:
        # Jobs that ended minutes ago are not known any more: Slurm refuses a question for them alone.
        return {} if "Invalid job id" in answer.stderr else None
    return dict(line.split() for line in answer.stdout.splitlines() if len(line.split()) == 2)


_ALIVE = {
    "PENDING",
    "RUNNING",
    "SUSPENDED",
    "COMPLETING",
    "CONFIGURING",
    "REQUEUED",
    "REQUEUE_HOLD",
    "RESIZING",
    "STOPPED",
}


def ended_without_result(job: Submitted, states: Mapping[str, str] | None) -> bool:
    """Return whether a job has left the queue for half a minute without a result."""
    if states is None or states.get(job.job_id) in _ALIVE:
        job.gone_at = None
        return False
    now = time.monotonic()
    job.gone_at = job.gone_at or now
    return now - job.gone_at > _SECONDS_FOR_RESULT and not job.has_result()

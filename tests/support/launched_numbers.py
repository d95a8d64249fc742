"""A program whose jobs a launcher runs: each notes its start in a folder, draws numbers and returns their sum.

    python launched_numbers.py LAUNCHER OPTIONS_AS_JSON FOLDER JOBS

While there is a file ``hold`` in the folder, a job that begins for the first time does not end. Prints the results as
JSON.
"""

import json
import os
import sys
import time
from pathlib import Path

import numpy as np

from fer.launching import open_launcher, slurm_states


def drawn(job: tuple[str, int]) -> str:
    """Return the sum of the numbers of a job, as text with all digits."""
    folder, number = Path(job[0]), job[1]
    is_first = not list(folder.glob(f"{number}.*"))
    array = f"{os.environ.get('SLURM_ARRAY_JOB_ID')}_{os.environ.get('SLURM_ARRAY_TASK_ID')}"
    note = folder / f"note.{number}.{os.getpid()}"
    note.write_text(json.dumps({"session": os.getsid(0), "slurm": array}))
    note.rename(folder / f"{number}.{os.getpid()}")
    while is_first and (folder / "hold").exists():
        time.sleep(0.1)
    return repr(float(np.random.default_rng(number).normal(size=1000).sum()))


def main() -> None:
    """Run the jobs."""
    name, options, folder, count = sys.argv[1:]
    slurm_states._SECONDS_FOR_RESULT = 2.0  # Here is no network file system, which shows files late.
    ended: list[str] = []
    launch = open_launcher(name, json.loads(options))
    jobs = [(folder, number) for number in range(int(count))]
    found = launch(jobs, drawn, lambda _: None, ended.append, lambda job, reason: f"{job} was lost: {reason}")
    sys.stdout.write(json.dumps({"found": found, "ended": ended}) + "\n")


if __name__ == "__main__":
    main()

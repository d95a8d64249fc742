"""A worker ends when its parent does, even if that was killed before the worker was ready."""

import os
import subprocess
import sys
import time

import pytest

WORKER = "import sys, time; time.sleep({pause}); import fer.launching.parent as p; p.leave_with(int(sys.argv[1])); " + (
    "time.sleep(60)"
)
PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", sys.argv[1], str(os.getpid())])
print(child.pid, flush=True)
time.sleep(60)
"""


def _lives(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("pause", [0.0, 1.0])
def test_a_worker_ends_with_its_parent(pause):
    command = [sys.executable, "-c", PARENT, WORKER.format(pause=pause)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        worker = int(parent.stdout.readline())
        time.sleep(0.5 if pause else 2.0)
        assert _lives(worker)
        parent.kill()
    deadline = time.monotonic() + 30
    while _lives(worker) and time.monotonic() < deadline:
        time.sleep(0.1)
    try:
        assert not _lives(worker)
    finally:
        if _lives(worker):
            os.kill(worker, 9)

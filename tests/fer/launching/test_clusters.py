"""Real clusters of Ray and Slurm on this machine: what is lost half-way runs again, and the results are inline's."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager

import clusters
import launched_numbers
import pytest

from fer.launching import open_launcher

JOBS = 3


def notes(folder, number):
    """Return what each start of a job has noted."""
    return [json.loads(path.read_text()) for path in sorted(folder.glob(f"{number}.*"))]


def ignored(_):
    pass


@contextmanager
def driver(folder, name, options, environment):
    """Start the jobs under a launcher, each of them held; give a function that waits for what it prints."""
    (folder / "hold").touch()
    program = [sys.executable, launched_numbers.__file__, name, json.dumps(options), str(folder), str(JOBS)]
    environment = {**os.environ, **environment, "PYTHONPATH": str(clusters.ROOT)}
    with subprocess.Popen(
        program, env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:

        def answer():
            printed, said = process.communicate(timeout=300)
            assert process.returncode == 0, said
            return json.loads(printed.splitlines()[-1])

        try:
            yield answer
        finally:
            process.kill()


def check(folder, answer, tmp_path):
    """Each job has one result, that of launcher inline."""
    alone = tmp_path / "alone"
    alone.mkdir()
    expected = open_launcher("inline")(
        [(str(alone), number) for number in range(JOBS)], launched_numbers.drawn, ignored, ignored, ignored
    )
    assert answer["found"] == expected and sorted(answer["ended"]) == sorted(expected)
    assert not list(folder.glob("note.*"))


@pytest.mark.skipif(clusters.ray_is_missing() is not None, reason=str(clusters.ray_is_missing()))
def test_jobs_of_a_ray_node_that_is_killed_run_again_on_the_other(tmp_path):
    folder = tmp_path / "noted"
    folder.mkdir()
    nodes = clusters.RayNodes()
    try:
        options = {"address": nodes.address, "threads": 1}
        with driver(folder, "ray", options, nodes.environment) as answer:
            clusters.until("a job on each node", lambda: len(list(folder.glob("[0-9]*"))) == 2)
            [struck] = [
                number for number in range(JOBS) if nodes.last in [one["session"] for one in notes(folder, number)]
            ]
            nodes.kill_last()
            (folder / "hold").unlink()
            check(folder, answer(), tmp_path)
    finally:
        nodes.stop()
    assert [len(notes(folder, number)) for number in range(JOBS)] == [1 + (number == struck) for number in range(JOBS)]


@pytest.mark.skipif(clusters.slurm_is_missing() is not None, reason=str(clusters.slurm_is_missing()))
def test_a_job_that_is_cancelled_in_slurm_is_submitted_again(tmp_path):
    folder = tmp_path / "noted"
    folder.mkdir()
    nodes = clusters.SlurmNodes()
    try:
        options = {"memory": 0.5, "minutes": 5}
        with driver(folder, "slurm", options, nodes.environment) as answer:
            clusters.until("a job on each node", lambda: len(list(folder.glob("[0-9]*"))) == 2)
            job = notes(folder, 0)[0]["slurm"]
            assert job in nodes.running()
            nodes.cancel(job)
            clusters.until("the job ended", lambda: job not in nodes.running())
            (folder / "hold").unlink()
            check(folder, answer(), tmp_path)
    finally:
        nodes.stop()
    assert [len(notes(folder, number)) for number in range(JOBS)] == [2, 1, 1]

"""The launcher runs jobs in order and lets errors through."""

import pytest

from fer.launch import in_process


def test_results_come_in_the_order_of_the_jobs():
    done = []

    def work(job):
        done.append(job)
        return job * 10

    assert in_process([3, 1, 2], work, "title") == [30, 10, 20]
    assert done == [3, 1, 2]


def test_no_jobs_give_no_results():
    assert in_process([], lambda job: job, "title") == []


def test_an_error_of_the_work_is_not_swallowed():
    with pytest.raises(ZeroDivisionError):
        in_process([1, 0], lambda job: 1 / job, "title")

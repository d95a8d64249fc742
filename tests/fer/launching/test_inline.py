"""The launcher runs jobs in order, reports each, and does not catch errors."""

import pytest

from fer.launching.inline import in_process


def test_results_come_in_the_order_of_the_jobs_and_each_is_reported_as_it_comes():
    done = []

    def work(job):
        done.append(("work", job))
        return job * 10

    def began(job):
        done.append(("began", job))

    def ended(result):
        done.append(("ended", result))

    assert in_process([3, 1], work, began, ended) == [30, 10]
    assert done == [("began", 3), ("work", 3), ("ended", 30), ("began", 1), ("work", 1), ("ended", 10)]


def test_no_jobs_give_no_results():
    assert in_process([], lambda job: job, print, print) == []


def test_an_error_of_the_work_is_not_swallowed():
    with pytest.raises(ZeroDivisionError):
        in_process([1, 0], lambda job: 1 / job, lambda job: None, lambda result: None)

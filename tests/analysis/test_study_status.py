"""How a study stands: the state of each cell by its runs, whichever were tried, and the time that is left."""

import json

import pytest

from analysis.fetch.cell_runs import CellRun
from analysis.study_status import SECONDS_OF_SILENCE, STATES, status_of

NOW = 1_000_000.0
PLANNED = [{"experiment": title, "seed": 0, "identity": title} for title in ("a", "b", "c", "d", "e", "f")]


def _run(identity, status, began, took=None, **known):
    start, end = (NOW - began) * 1000, None if took is None else (NOW - began + took) * 1000
    known = {"seed": "0", "accuracy": 0.5, "identity": identity, **known}
    return CellRun(f"{identity}-{status}-{began}", identity, status, start, end, **known)


RUNS = [  # Newest first.
    _run("b", "RUNNING", 60, host="node1, process 7", alive=str(int(NOW) - 20)),
    _run("c", "RUNNING", 900, host="node2, process 8", alive=str(int(NOW) - SECONDS_OF_SILENCE - 61)),
    _run("a", "FAILED", 1000, 10, failure="InputError: no faces."),
    _run("a", "FINISHED", 2000, 100),
    _run("d", "FAILED", 2100, 5, failure="InputError: no faces."),
    _run("d", "FAILED", 2200, 5, failure="an earlier reason"),
    _run("e", "KILLED", 2300, 5, failure="its process was killed"),
]


@pytest.fixture
def found():
    """Return the status of six cells, one in each state."""
    return status_of("demo", "all", PLANNED, RUNS, NOW, lambda run: f"how far {run} is")


def test_each_cell_is_in_the_state_of_the_run_that_counts(found):
    states = {cell.experiment: cell.state for cell in found.cells}
    assert states == {"a": "done", "b": "running", "c": "stale", "d": "failed", "e": "killed", "f": "missing"}
    assert found.counts() == dict.fromkeys(STATES, 1)
    a, b, c, d, e, f = found.cells
    assert (a.seconds, a.accuracy, a.reason, a.progress) == (100, 0.5, "", "")
    assert (b.where, b.seconds, b.since, b.progress) == ("node1, process 7", 60, NOW - 60, "how far b-RUNNING-60 is")
    assert "no sign of life for 04:01" in c.reason
    assert d.reason == "InputError: no faces." and e.reason == "its process was killed"
    assert (f.run_id, f.since, f.seconds) == ("", None, None)


def test_the_time_left_is_by_what_is_done_and_how_many_run(found):
    # One runs for 60 of 100 s, four wait, one at a time.
    assert found.seconds_left == 40 + 4 * 100
    assert "about 07:20 left" in found.sentence() and "6 cells: 1 done, 1 running, 1 stale" in found.sentence()
    none_done = status_of("demo", "all", PLANNED, RUNS[:1], NOW, str)
    assert none_done.seconds_left is None and "left" not in none_done.sentence()


def test_it_is_a_table_and_json(found):
    assert "node1, process 7" in found.text() and "InputError: no faces." in found.text("markdown")
    content = json.loads(found.as_json())
    assert content["counts"]["missing"] == 1 and content["seconds_left"] == 440
    assert [cell["state"] for cell in content["cells"]] == list(STATES[:1]) + ["running", "stale", *STATES[3:]]


def test_of_a_study_of_an_earlier_version_the_missing_cells_are_not_known():
    found = status_of("demo", "all", None, RUNS, NOW, str)
    assert sorted(cell.experiment for cell in found.cells) == ["a", "b", "c", "d", "e"]
    assert "missing is not known" in found.sentence()

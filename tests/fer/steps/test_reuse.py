"""Finished runs are looked for under this code, then under earlier code with the same results, and no further."""

import pytest

from fer import identity
from fer.steps import reuse


@pytest.fixture
def finished(monkeypatch):
    """Return a set of (identity, stage) that are finished, and note what is asked for, with versions of three ages."""
    monkeypatch.setattr(identity, "code_version", lambda: "now")
    monkeypatch.setattr(identity, "REPRODUCED", ("oldest", "old"))
    known, asked = set(), []

    def found(key, stage, experiment_id=None):
        asked.append(key)
        return f"run of {key}" if (key, stage) in known else None

    monkeypatch.setattr(reuse, "finished_run", found)
    return known, asked


def identify(code):
    return f"cell by {code}"


@pytest.mark.parametrize(
    ("done", "run", "looked"),
    [
        (("now", "old", "oldest"), "run of cell by now", 1),
        (("old", "oldest"), "run of cell by old", 2),
        (("oldest",), "run of cell by oldest", 3),
        (("another",), None, 3),
    ],
)
def test_the_newest_version_with_a_finished_run_is_taken(finished, done, run, looked):
    known, asked = finished
    known |= {(identify(code), "cell") for code in done}
    assert reuse.reusable_run(identify, "cell") == run
    assert asked == [identify(code) for code in ("now", "old", "oldest")][:looked]


def test_a_run_of_another_stage_is_not_taken(finished):
    known, _ = finished
    known.add((identify("now"), "train"))
    assert reuse.reusable_run(identify, "cell") is None

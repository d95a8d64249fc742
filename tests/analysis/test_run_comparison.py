"""What cannot be compared is refused before any predictions are read."""

import pytest

from analysis import run_comparison
from analysis.run_comparison import compare_runs
from analysis.study_report import Options
from fer.data.attributes import RACE


@pytest.mark.parametrize(("first", "second"), [("a", "a"), ("cell", "a")])
def test_an_evaluation_is_not_compared_with_itself(monkeypatch, refused, first, second):
    monkeypatch.setattr(run_comparison, "evaluation_run", {"a": "a", "cell": "a"}.__getitem__)
    with refused(f"{first} and {second} are one evaluation", "two runs"):
        compare_runs(first, second, RACE, "same", Options())
